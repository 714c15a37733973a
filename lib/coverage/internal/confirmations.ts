import "server-only";
import type { ServiceContext } from "@/lib/context";
import { gatherKnowledge } from "./knowledge";

const DAY = 24 * 60 * 60 * 1000;
const AFTER = 30 * DAY;

/**
 * Carries confirmations forward before the log's memory ends: a decoy that was seen to work a month ago, and that
 * nothing in the log speaks against since, is confirmed until yesterday. Yesterday, because rows may come late. Without
 * this every decoy in a vault that we may not list would become unknown three months after it was planted.
 */
export async function extendConfirmations(service: ServiceContext): Promise<number> {
  const knowledge = await gatherKnowledge(service);
  const { register, lifecycle } = knowledge.bulk;
  if (!register.ok || !lifecycle.ok) return 0;
  const until = new Date(Math.min(register.readAt.getTime(), lifecycle.readAt.getTime()) - DAY);
  let extended = 0;
  for (const vaultId of register.data.keys()) {
    // Only where the log would have shown a removal.
    const facts = knowledge.factsOf(vaultId);
    const logged = facts.filter(({ name }) => name === "auditLog" || name === "rowsArriving");
    if (logged.some(({ outcome }) => outcome !== "pass")) continue;
    for (const { outcome, seenAt, tokenKey } of knowledge.evidenceOf(vaultId)) {
      if (outcome !== "pass" || !seenAt || until.getTime() - seenAt.getTime() < AFTER) continue;
      await service.db
        .updateTable("decoy")
        .set({ confirmed_at: until, updated_at: knowledge.now })
        .where("token_key", "=", tokenKey)
        .where("state", "=", "live")
        .execute();
      extended++;
    }
  }
  return extended;
}

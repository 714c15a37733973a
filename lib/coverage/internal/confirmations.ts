import "server-only";
import type { ServiceContext } from "@/lib/context";
import { type BrokenMark, markBroken } from "@/lib/store/decoys";
import { BROKEN } from "../facts.pure";
import { gatherKnowledge, type Knowledge } from "./knowledge";

const DAY = 24 * 60 * 60 * 1000;
const AFTER_MOST = 30 * DAY;

/** Keeps what the log will forget: that a decoy is broken, and how long it was seen to work. */
export async function keepEvidence(service: ServiceContext): Promise<void> {
  const knowledge = await gatherKnowledge(service);
  await keepBroken(service, knowledge);
  await extendConfirmations(service, knowledge);
}

/**
 * Carries confirmations forward before the log's memory ends: a decoy that was seen to work a month ago, or a third of what
 * the log remembers where that is less, and that nothing in the log speaks against since, is confirmed until yesterday.
 * Yesterday, because rows may come late. Without this every decoy in a vault that we may not list would become unknown when
 * the log has forgotten its planting.
 */
export async function extendConfirmations(
  service: ServiceContext,
  knowledge: Pick<Knowledge, "bulk" | "logReach" | "factsOf" | "evidenceOf" | "now">,
): Promise<number> {
  const { register, lifecycle } = knowledge.bulk;
  if (!register.ok || !lifecycle.ok) return 0;
  const until = new Date(Math.min(register.readAt.getTime(), lifecycle.readAt.getTime()) - DAY);
  const after = Math.min(AFTER_MOST, knowledge.logReach / 3);
  let extended = 0;
  for (const vaultId of register.data.keys()) {
    // Only where the log would have shown a removal.
    const facts = knowledge.factsOf(vaultId);
    const logged = facts.filter(({ name }) => name === "auditLog" || name === "rowsArriving");
    if (logged.some(({ outcome }) => outcome !== "pass")) continue;
    for (const { outcome, seenAt, tokenKey } of knowledge.evidenceOf(vaultId)) {
      if (outcome !== "pass" || !seenAt || until.getTime() - seenAt.getTime() < after) continue;
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

/**
 * Keeps that decoys were deleted or disabled, and since when, as soon as it shows: else a vault would turn green again when
 * the log has forgotten it. Takes it back of one that is seen to work again. One that has expired says so itself.
 */
export async function keepBroken(
  { db }: Pick<ServiceContext, "db">,
  knowledge: Pick<Knowledge, "evidenceOf" | "now"> & { bulk: Pick<Knowledge["bulk"], "register"> },
): Promise<void> {
  const { register } = knowledge.bulk;
  if (!register.ok) return;
  const found = new Map([...register.data.keys()].flatMap(knowledge.evidenceOf).map((one) => [one.tokenKey, one]));
  const decoys = await db
    .selectFrom("decoy")
    .select(["id", "token_key", "broken"])
    .where("state", "=", "live")
    .execute();
  const marks = decoys.flatMap(({ id, token_key: key, broken }): BrokenMark[] => {
    const { outcome, reason, brokenAt } = found.get(key) ?? {};
    if (broken !== null) return outcome === "pass" ? [{ id, broken: null, at: null }] : [];
    const by = reason === undefined ? undefined : BROKEN[reason];
    return brokenAt !== undefined && (by === "deleted" || by === "disabled") ? [{ id, broken: by, at: brokenAt }] : [];
  });
  await markBroken(db, marks, knowledge.now);
}

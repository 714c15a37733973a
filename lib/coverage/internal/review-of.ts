import "server-only";
import type { ServiceContext } from "@/lib/context";
import { isDrift, mayBeReviewed, RED_FOR_MS, tagSays } from "@/lib/distribution/review-tag.pure";
import type { BoardRow, VaultDetail } from "../board.pure";
import type { Knowledge } from "./knowledge";

/** The review tag of one vault as its page shows it; null while the recommendation is not in use. */
export async function reviewOf(
  db: ServiceContext["db"],
  { recommendation }: Pick<Knowledge, "recommendation">,
  { id, state }: Pick<BoardRow, "id" | "state">,
  value: string | undefined,
): Promise<VaultDetail["review"]> {
  const { names, inUse, keepTag } = recommendation;
  if (!inUse) return null;
  const says = tagSays(value, names);
  const drift = isDrift(state, says);
  return {
    tagName: names.tagName,
    value: value ?? null,
    drift,
    ready: mayBeReviewed(state),
    kept: keepTag,
    undoneAt: drift && keepTag && state === "unprotected" ? await undoneAt(db, id) : null,
  };
}

async function undoneAt(db: ServiceContext["db"], vaultId: string): Promise<string | null> {
  const row = await db.selectFrom("review_tag").select("red_since").where("vault_id", "=", vaultId).executeTakeFirst();
  return row?.red_since ? new Date(row.red_since.getTime() + RED_FOR_MS).toISOString() : null;
}

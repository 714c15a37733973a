import "server-only";
import { permissionsAt } from "@/lib/azure/permissions";
import { permits } from "@/lib/azure/permits.pure";
import type { VaultId } from "@/lib/azure/resource-id.pure";
import { mergeTags } from "@/lib/azure/tags";
import { getVault } from "@/lib/azure/vaults";
import type { ServiceContext, UserContext } from "@/lib/context";
import { readRow } from "@/lib/coverage/board";
import type { BoardRow } from "@/lib/coverage/board.pure";
import { noteWrittenTag } from "@/lib/coverage/written-tags";
import { AppError } from "@/lib/errors";
import { readRecommendation } from "@/lib/settings/settings";
import { type AuditEntry, writeAudit } from "@/lib/store/audit";
import { MAY_NOT_TAG, mayBeReviewed, TAGS_WRITE, tagSays, tagValue } from "./review-tag.pure";

/** Verb of the audit trail. */
const ACTION = "review_tag.write";

/**
 * Marks a vault as reviewed in the person's own name, which clears the recommendation at Azure's next evaluation. Only
 * the tag is written, by merging it, and only where it says something else.
 *
 * @throws AppError `conflict` while the recommendation is not in use or the vault is neither green nor exempt,
 *   `forbidden` without the right to write its tags, `not_found` for a vault the person may not read
 */
export async function markReviewed(ctx: UserContext, vaultId: VaultId): Promise<{ written: boolean }> {
  const { names, inUse } = await readRecommendation(ctx.db);
  if (!inUse) throw new AppError("conflict", "Nobody is asked for reviews: the recommendation is not in use.");
  const row = await readRow(ctx, vaultId);
  requireReady(row);
  if (!permits(await permissionsAt(ctx.asUser, vaultId), TAGS_WRITE, "control")) {
    await writeAudit(ctx.db, { by: ctx.user, action: ACTION, vaultId, result: MAY_NOT_TAG }, ctx.now());
    throw new AppError("forbidden", MAY_NOT_TAG);
  }
  const { tagName, reviewed } = names;
  const present = tagValue((await getVault(ctx.asUser, vaultId)).tags, tagName);
  const same = tagSays(present, names) === "reviewed";
  if (!same) await writeTag(ctx, ctx.asUser, { by: ctx.user, vaultId, tagName, before: present, after: reviewed });
  noteWrittenTag(ctx, vaultId, same ? (present ?? reviewed) : reviewed);
  return { written: !same };
}

function requireReady({ state }: BoardRow): void {
  if (mayBeReviewed(state)) return;
  throw new AppError("conflict", "Only a vault that is protected or exempt can be marked as reviewed.", {
    fix: "Do first what its page asks for. If you have just done it, check again in a minute.",
  });
}

interface TagWrite {
  by: AuditEntry["by"];
  vaultId: VaultId;
  tagName: string;
  before: string | undefined;
  after: string;
}

/** Writes the tag and records it, a refusal too. Throws AppError why Azure refused. */
export async function writeTag(
  service: ServiceContext,
  azure: UserContext["asUser"],
  { by, vaultId, tagName, before, after }: TagWrite,
): Promise<void> {
  const entry = {
    by,
    action: ACTION,
    vaultId,
    before: before === undefined ? {} : { [tagName]: before },
    after: { [tagName]: after },
  };
  try {
    await mergeTags(azure, vaultId, { [tagName]: after });
  } catch (error) {
    if (error instanceof AppError)
      await writeAudit(service.db, { ...entry, result: error.failure.message }, service.now());
    throw error;
  }
  await writeAudit(service.db, { ...entry, result: "ok" }, service.now());
}

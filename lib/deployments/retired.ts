import "server-only";
import type { Updateable } from "kysely";
import type { ServiceContext } from "@/lib/context";
import { lastMade } from "@/lib/coverage/register-health";
import { log } from "@/lib/log";
import { deleteRegisterRow, publishRows } from "@/lib/register/publish";
import { writeAudit } from "@/lib/store/audit";
import { type Decoy, recoveryEnds } from "@/lib/store/decoys";
import type { DecoyTable } from "@/lib/store/schema";

/** However short the recovery is, what was deleted is watched for so long. */
const WATCHED_MS = 24 * 60 * 60_000;

/**
 * What follows a removal. A honeytoken that somebody recovered or wrote again is one as before and stays watched. Of the
 * others the rows are dropped when their recovery has ended, at least a day after their deletion: until then a recovery or a
 * purge by somebody is still a touch. Nothing is dropped while the log cannot be read.
 *
 * @throws AppError when the log cannot be read
 * @returns how many of each; what Azure refuses is tried again at the next call
 */
export async function followRetired(service: ServiceContext): Promise<{ back: number; dropped: number }> {
  const deleted = await service.db
    .selectFrom("decoy")
    .selectAll()
    .where("state", "=", "retiring")
    .where("deleted_at", "is not", null)
    .execute();
  if (deleted.length === 0) return { back: 0, dropped: 0 };
  const made = await lastMade(service);
  const isBack = ({ token_key: key, deleted_at: since }: Decoy) => {
    const at = made.get(key);
    return at !== undefined && since !== null && at > since;
  };
  const at = service.now();
  const over = deleted.filter((decoy) => !isBack(decoy) && isOver(decoy, at));
  return {
    back: await each(deleted.filter(isBack), (decoy) => watchAgain(service, decoy)),
    dropped: await each(over, (decoy) => drop(service, decoy)),
  };
}

function isOver(decoy: Decoy, now: Date): boolean {
  const { deleted_at: since } = decoy;
  const until = recoveryEnds(decoy);
  return since !== null && since.getTime() < now.getTime() - WATCHED_MS && until !== undefined && until < now;
}

async function each(decoys: readonly Decoy[], follow: (decoy: Decoy) => Promise<void>): Promise<number> {
  let followed = 0;
  for (const decoy of decoys) {
    try {
      await follow(decoy);
      followed++;
    } catch (error) {
      log.warn({ err: error, decoy: decoy.id }, "the register row of a removed honeytoken could not be changed yet");
    }
  }
  return followed;
}

/** Whose version it is now the audit log says, when it is to be removed again. */
async function watchAgain(service: ServiceContext, decoy: Decoy): Promise<void> {
  const { window_start: start, window_end: end } = decoy;
  await publishRows(service, [{ decoy, state: "live", window: start && end ? { start, end } : undefined }]);
  const change = { state: "live", deleted_at: null, recoverable_until: null, retire_item_id: null } as const;
  await keep(service, decoy, "register.restore", change);
}

async function drop(service: ServiceContext, decoy: Decoy): Promise<void> {
  await deleteRegisterRow(service, decoy);
  await keep(service, decoy, "register.remove", { state: "retired" });
}

async function keep(
  { db, config, now }: ServiceContext,
  decoy: Decoy,
  action: "register.remove" | "register.restore",
  change: Updateable<DecoyTable>,
): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    await transaction
      .updateTable("decoy")
      .set({ ...change, updated_at: now() })
      .where("id", "=", decoy.id)
      .where("state", "=", "retiring")
      .execute();
    const by = { tid: config.tenantId, system: "End of a removal" };
    const before = { row: decoy.watchlist_item_id, state: decoy.state };
    const after = { row: decoy.watchlist_item_id, state: change.state };
    await writeAudit(transaction, { by, action, vaultId: decoy.vault_id, before, after, result: "ok" }, now());
  });
}

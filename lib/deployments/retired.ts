import "server-only";
import type { ServiceContext } from "@/lib/context";
import { log } from "@/lib/log";
import { deleteRegisterRow } from "@/lib/register/publish";
import { writeAudit } from "@/lib/store/audit";

/** However short the recovery is, what was deleted is watched for so long. */
const WATCHED_MS = 24 * 60 * 60_000;
/** Azure's default, for a vault that does not say until when it keeps what is deleted. */
const RECOVERY_DEFAULT_MS = 90 * 24 * 60 * 60_000;

/**
 * Drops the rows of honeytokens whose recovery has ended, at least a day after their deletion: until then a recovery or a
 * purge by somebody is still a touch.
 *
 * @returns how many were dropped; what Azure refuses is tried again at the next call
 */
export async function dropRetired(service: ServiceContext): Promise<number> {
  const { db, now, config } = service;
  const at = now().getTime();
  const deleted = await db
    .selectFrom("decoy")
    .selectAll()
    .where("state", "=", "retiring")
    .where("deleted_at", "<", new Date(at - WATCHED_MS))
    .execute();
  const over = deleted.filter(
    ({ recoverable_until: until, deleted_at: since }) =>
      (until?.getTime() ?? (since?.getTime() ?? at) + RECOVERY_DEFAULT_MS) < at,
  );
  let dropped = 0;
  for (const decoy of over) {
    try {
      await deleteRegisterRow(service, decoy);
    } catch (error) {
      log.warn({ err: error, decoy: decoy.id }, "the register row of a removed honeytoken could not be dropped yet");
      continue;
    }
    await db.transaction().execute(async (transaction) => {
      await transaction
        .updateTable("decoy")
        .set({ state: "retired", updated_at: now() })
        .where("id", "=", decoy.id)
        .where("state", "=", "retiring")
        .execute();
      const by = { tid: config.tenantId, system: "End of a removal" };
      const before = { row: decoy.watchlist_item_id };
      await writeAudit(
        transaction,
        { by, action: "register.remove", vaultId: decoy.vault_id, before, result: "ok" },
        now(),
      );
    });
    dropped++;
  }
  return dropped;
}

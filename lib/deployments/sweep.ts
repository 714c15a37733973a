import "server-only";
import type { ServiceContext } from "@/lib/context";
import { log } from "@/lib/log";
import { writeAudit } from "@/lib/store/audit";
import { takeGrantBack } from "./internal/grants";

/**
 * Takes back every right whose lease ran out: of a job that could not do it itself, or whose process never came back.
 *
 * @returns how many were taken back; those that Azure refused stay and are tried again at the next sweep
 */
export async function sweepGrants(service: ServiceContext): Promise<number> {
  const { db, now, config } = service;
  const expired = await db
    .selectFrom("deployment_grant")
    .selectAll()
    .where("state", "<>", "revoked")
    .where("lease_until", "<", now())
    .orderBy("lease_until")
    .execute();
  let taken = 0;
  for (const grant of expired) {
    // Only one of several processes does it: whoever moves the lease.
    const claimed = await db
      .updateTable("deployment_grant")
      .set({ state: "revoking", lease_until: new Date(now().getTime() + 60_000) })
      .where("id", "=", grant.id)
      .where("state", "<>", "revoked")
      .where("lease_until", "=", grant.lease_until)
      .executeTakeFirst();
    if (claimed.numUpdatedRows === 0n) continue;
    try {
      if (!(await takeGrantBack(service, grant))) continue;
    } catch (error) {
      log.warn({ err: error, vault: grant.vault_id }, "an expired right could not be taken back yet");
      continue;
    }
    taken++;
    const by = { tid: config.tenantId, system: "Sweeper of expired rights" };
    const before = { model: grant.model, assignment: grant.assignment_id, added: grant.added };
    await writeAudit(
      db,
      { by, action: "grant.sweep", vaultId: grant.vault_id ?? grant.scope, before, result: "ok" },
      now(),
    );
  }
  return taken;
}

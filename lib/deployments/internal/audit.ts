import "server-only";
import type { Kysely } from "kysely";
import type { ServiceContext } from "@/lib/context";
import { writeAudit } from "@/lib/store/audit";
import type { Database } from "@/lib/store/schema";
import type { Run } from "./ledger";

/** Records a change that a deployment made, under the name of the person who asked for it. */
export async function auditRun(
  db: Kysely<Database>,
  service: ServiceContext,
  run: Run,
  action: string,
  change: { before?: Record<string, unknown>; after?: Record<string, unknown>; result?: string },
): Promise<void> {
  const { requested_by_tid: tid, requested_by_oid: oid, requested_by_name: name } = run.deployment;
  const { result = "ok", ...rest } = change;
  const after = { ...rest.after, deployment: run.deployment.id, item: run.item.id };
  await writeAudit(db, { by: { tid, oid, name }, action, vaultId: run.vaultId, ...rest, after, result }, service.now());
}

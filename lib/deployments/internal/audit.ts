import "server-only";
import type { Insertable } from "kysely";
import type { ServiceContext } from "@/lib/context";
import { auditRow } from "@/lib/store/audit";
import type { AuditTable } from "@/lib/store/schema";
import type { Run } from "./ledger";

/** The record of a change that a deployment made, under the name of the person who asked for it. */
export function auditOf(
  service: Pick<ServiceContext, "now">,
  run: Run,
  action: string,
  change: { before?: Record<string, unknown>; after?: Record<string, unknown>; result?: string },
): Insertable<AuditTable> {
  const { requested_by_tid: tid, requested_by_oid: oid, requested_by_name: name } = run.deployment;
  const { result = "ok", ...rest } = change;
  const after = { ...rest.after, deployment: run.deployment.id, item: run.item.id };
  return auditRow({ by: { tid, oid, name }, action, vaultId: run.vaultId, ...rest, after, result }, service.now());
}

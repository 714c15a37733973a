import type { Call } from "../context";
import { auditRow } from "../loganalytics/audit-row";
import type { Vault } from "../model";
import { Random } from "../world/random";
import { correlationId } from "./correlation";
import { parameter } from "./respond";

/**
 * The row that a control-plane call leaves in the vault's own audit log: `VaultGet`, `VaultPatch`, `VaultDelete`,
 * `KeyResourcePut`. The claims carry the long names of tokens for management.azure.com.
 */
export function auditVaultCall(call: Call, vault: Vault, operation: string, status: number, objectUri?: string): void {
  const { caller, request } = call;
  const correlation = correlationId(call);
  auditRow(call, {
    vault,
    operation,
    status,
    requestUri: `https://management.azure.com${request.path}?api-version=${parameter(call, "api-version") ?? ""}`,
    ...(objectUri === undefined ? {} : { objectUri }),
    caller,
    callerAddress: request.callerAddress,
    userAgent: request.headers["user-agent"] ?? "",
    correlationId: correlation,
    durationMs: new Random(correlation).int(20, 79),
    apiVersion: parameter(call, "api-version") ?? "",
    throughArm: true,
  });
}

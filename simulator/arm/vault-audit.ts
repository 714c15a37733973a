import type { Call } from "../context";
import { auditRow } from "../loganalytics/audit-row";
import type { Vault } from "../model";
import { correlationId } from "./correlation";
import { parameter } from "./respond";

/**
 * The row that a control-plane call leaves in the vault's own audit log: `VaultGet`, `VaultPatch`, `VaultDelete`,
 * `KeyResourcePut`. The claims carry the long names of tokens for management.azure.com.
 */
export function auditVaultCall(call: Call, vault: Vault, operation: string, status: number, objectUri?: string): void {
  const { caller, request } = call;
  auditRow(call, {
    vault,
    operation,
    status,
    requestUri: `https://management.azure.com${request.path}?api-version=${parameter(call, "api-version") ?? ""}`,
    ...(objectUri === undefined ? {} : { objectUri }),
    caller,
    callerAddress: request.callerAddress,
    userAgent: request.headers["user-agent"] ?? "",
    correlationId: correlationId(request),
    durationMs: 20 + Math.floor(call.random() * 60),
    apiVersion: parameter(call, "api-version") ?? "",
    throughArm: true,
  });
}

import "server-only";
import type { AzureAccess } from "@/lib/context";
import type { VaultId } from "./resource-id.pure";

export interface DiagnosticSetting {
  name: string;
  /** Normalised ARM id of the Log Analytics workspace, when it sends to one. */
  workspaceId: string | undefined;
  /** Which table the rows land in. */
  table: "AzureDiagnostics" | "AZKVAuditLogs";
  /** `AuditEvent`, or the group `audit` or `allLogs`, is switched on. */
  audit: boolean;
}

/** All diagnostic settings of a vault. One ARM read. */
export async function listDiagnosticSettings(_azure: AzureAccess, _vaultId: VaultId): Promise<DiagnosticSetting[]> {
  throw new Error("being written");
}

/** Creates or replaces the setting `name`: category group `audit` to the workspace, resource-specific table. */
export async function putAuditSetting(
  _azure: AzureAccess,
  _vaultId: VaultId,
  _setting: { name: string; workspaceResourceId: string },
): Promise<DiagnosticSetting> {
  throw new Error("being written");
}

import "server-only";
import { listDiagnosticSettings } from "@/lib/azure/diagnostics";
import { normaliseId, type VaultId } from "@/lib/azure/resource-id.pure";
import type { ServiceContext } from "@/lib/context";

/** Whether a setting of the vault sends its audit events to the watched workspace. One ARM read. */
export async function auditLogReaches({ azure, config }: ServiceContext, vaultId: VaultId): Promise<boolean> {
  const workspace = normaliseId(config.workspace.resourceId);
  const settings = await listDiagnosticSettings(azure.collector, vaultId);
  return settings.some((setting) => setting.audit && setting.workspaceId === workspace);
}

import { ofVault } from "../by-vault";
import type { Context } from "../context";
import type { DiagnosticSetting } from "../model";
import { type AuditEvent, type AuditTable, auditValues } from "./row-shape";
import { watchedWorkspace, writeLogRow } from "./workspace";

/** Groups that contain the category `AuditEvent`. */
const AUDIT_GROUPS = new Set(["audit", "alllogs"]);

/**
 * Writes what happened on a vault into the table, or both tables, that its diagnostic settings choose; nothing when none
 * of them sends audit events to the watched workspace, or when the setting is too new to have begun to work.
 */
export function auditRow(context: Context, event: AuditEvent): void {
  for (const table of auditTables(context, event.vault.id)) writeLogRow(context, table, auditValues(table, event));
}

/** The tables that receive a vault's audit rows now. Two settings of different kind fill both, of the same kind one. */
function auditTables(context: Context, vaultId: string): AuditTable[] {
  const workspaceId = watchedWorkspace(context)?.id.toLowerCase();
  const found = new Set<AuditTable>();
  for (const setting of ofVault(context.model.diagnosticSettings, vaultId)) {
    if (setting.workspaceId?.toLowerCase() !== workspaceId || setting.effectiveAt > context.now()) continue;
    if (sendsAudit(setting)) found.add(setting.destinationType === "Dedicated" ? "AZKVAuditLogs" : "AzureDiagnostics");
  }
  return [...found];
}

/** Whether a setting collects audit events at all: by category, or by a group that contains it. */
function sendsAudit(setting: DiagnosticSetting): boolean {
  return setting.logs.some(
    (log) =>
      log.enabled &&
      (log.category?.toLowerCase() === "auditevent" || AUDIT_GROUPS.has(log.categoryGroup?.toLowerCase() ?? "")),
  );
}

import { ofVault } from "../by-vault";
import type { Context } from "../context";
import type { DiagnosticSetting } from "../model";
import { type AuditEvent, type AuditTable, auditValues } from "./row-shape";
import { watchedWorkspace, writeLogRow } from "./workspace";

/** Groups that contain the category `AuditEvent`. */
const AUDIT_GROUPS = new Set(["audit", "alllogs"]);

/**
 * Writes what happened on a vault into the tables that its diagnostic settings choose, in whichever workspaces; nothing
 * when none of them sends audit events to a workspace, or when the setting is too new to have begun to work.
 */
export function auditRow(context: Context, event: AuditEvent): void {
  for (const { table, workspaceId } of destinations(context, event.vault.id)) {
    writeLogRow(context, table, auditValues(table, event), context.now(), workspaceId);
  }
}

/** Where one row goes; `workspaceId` is absent for the watched workspace. */
interface Destination {
  table: AuditTable;
  workspaceId?: string;
}

/** What receives a vault's audit rows now. Two settings of different kind fill two tables, of the same kind one. */
function destinations(context: Context, vaultId: string): Iterable<Destination> {
  const watched = watchedWorkspace(context)?.id.toLowerCase();
  const found = new Map<string, Destination>();
  for (const setting of ofVault(context.model.diagnosticSettings, vaultId)) {
    const workspaceId = setting.workspaceId?.toLowerCase();
    if (workspaceId === undefined || setting.effectiveAt > context.now() || !sendsAudit(setting)) continue;
    const table = setting.destinationType === "Dedicated" ? "AZKVAuditLogs" : "AzureDiagnostics";
    found.set(`${table}|${workspaceId}`, { table, ...(workspaceId !== watched && { workspaceId }) });
  }
  return found.values();
}

/** Whether a setting collects audit events at all: by category, or by a group that contains it. */
function sendsAudit(setting: DiagnosticSetting): boolean {
  return setting.logs.some(
    (log) =>
      log.enabled &&
      (log.category?.toLowerCase() === "auditevent" || AUDIT_GROUPS.has(log.categoryGroup?.toLowerCase() ?? "")),
  );
}

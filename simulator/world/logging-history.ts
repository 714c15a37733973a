import type { Context } from "../context";
import type { EndedLogging } from "../model";
import { worldIds } from "./ids";

/** A vault that logs to a workspace now, since `from` (never before the first start). */
type LiveLogging = Omit<EndedLogging, "to">;

/** Every vault that logs to a workspace now, by setting, workspace, table and start. */
export function liveLogging(context: Context): Map<string, LiveLogging> {
  const { model, identity } = context;
  const watched = worldIds(context).workspace.resourceId.toLowerCase();
  const live = new Map<string, LiveLogging>();
  for (const [key, setting] of model.diagnosticSettings.entries()) {
    const workspaceId = setting.workspaceId?.toLowerCase();
    if (workspaceId === undefined || !sendsAudit(setting.logs) || !model.vaults.get(setting.vaultId)) continue;
    const table = setting.destinationType === "Dedicated" ? "AZKVAuditLogs" : "AzureDiagnostics";
    const from = Math.max(identity.firstStart, setting.effectiveAt);
    const elsewhere = workspaceId === watched ? {} : { workspaceId };
    live.set(`${key}|${elsewhere.workspaceId ?? ""}|${table}|${from}`, {
      vaultId: setting.vaultId,
      ...elsewhere,
      table,
      from,
    });
  }
  return live;
}

/**
 * Notes what stops logging, so that the rows written until then stay in the log when the setting that sent them is
 * gone. `note` belongs before each commit: the end of a span is then journaled with the change that ended it.
 */
export class LoggingHistory {
  private live: Map<string, LiveLogging>;
  private settings: number;
  private vaults: number;

  constructor(private readonly context: Context) {
    const { diagnosticSettings, vaults } = context.model;
    this.live = liveLogging(context);
    this.settings = diagnosticSettings.version;
    this.vaults = vaults.size;
  }

  note(): void {
    const { diagnosticSettings, endedLogging, vaults } = this.context.model;
    if (this.settings === diagnosticSettings.version && this.vaults === vaults.size) return;
    const next = liveLogging(this.context);
    const now = this.context.now();
    for (const [key, span] of this.live) {
      if (!next.has(key) && span.from < now) endedLogging.put(`${key}|${now}`, { ...span, to: now });
    }
    this.live = next;
    this.settings = diagnosticSettings.version;
    this.vaults = vaults.size;
  }
}

function sendsAudit(logs: { category?: string; categoryGroup?: string; enabled: boolean }[]): boolean {
  return logs.some(
    ({ category, categoryGroup, enabled }) =>
      enabled &&
      (category?.toLowerCase() === "auditevent" || ["audit", "alllogs"].includes(categoryGroup?.toLowerCase() ?? "")),
  );
}

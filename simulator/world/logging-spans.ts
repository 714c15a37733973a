import type { Context } from "../context";
import type { AuditTable } from "../loganalytics/row-shape";
import type { EndedLogging, Model } from "../model";
import { worldIds } from "./ids";
import { liveLogging } from "./logging-history";
import { planOf } from "./world";

const DAY = 86_400_000;
/** Vaults that log to the other workspace have done so for longer than any traffic reaches back. */
const ALWAYS_MS = 60 * DAY;

/** A span of time in which a vault's audit events went to one table of one workspace. */
export interface LoggingSpan {
  table: AuditTable;
  /** ARM id in lower case; empty for the watched workspace. */
  workspaceId: string;
  from: number;
  to: number;
}

type Spans = ReadonlyMap<string, readonly LoggingSpan[]>;

const kept = new WeakMap<Model, { settings: number; ended: number; vaults: number; spans: Spans }>();

/**
 * When each vault, by its ARM id in lower case, logged where. Before the first start that is what the world says; after
 * it, what the settings say, from the time on at which each began to apply.
 */
export function loggingSpans(context: Context): Spans {
  const { diagnosticSettings, endedLogging, vaults } = context.model;
  const state = { settings: diagnosticSettings.version, ended: endedLogging.version, vaults: vaults.size };
  const known = kept.get(context.model);
  if (known?.settings === state.settings && known.ended === state.ended && known.vaults === state.vaults) {
    return known.spans;
  }
  const spans = new Map<string, LoggingSpan[]>();
  const add = (vaultId: string, { table, workspaceId = "", from, to }: Omit<EndedLogging, "vaultId">) => {
    if (from >= to) return;
    const key = vaultId.toLowerCase();
    const span: LoggingSpan = { table, workspaceId: workspaceId.toLowerCase(), from, to };
    const others = spans.get(key);
    if (others) others.push(span);
    else spans.set(key, [span]);
  };
  addPast(context, add);
  for (const ended of endedLogging.values()) add(ended.vaultId, ended);
  for (const live of liveLogging(context).values()) add(live.vaultId, { ...live, to: Number.POSITIVE_INFINITY });
  kept.set(context.model, { ...state, spans });
  return spans;
}

/** What was logged before the first start. */
function addPast(context: Context, add: (vaultId: string, span: Omit<EndedLogging, "vaultId">) => void): void {
  const { firstStart } = context.identity;
  const { otherWorkspace } = worldIds(context);
  for (const { id, logging, workspaceLogging } of planOf(context).vaults) {
    if (logging === "elsewhere") {
      const workspaceId = otherWorkspace.resourceId;
      add(id, { table: "AzureDiagnostics", workspaceId, from: firstStart - ALWAYS_MS, to: firstStart });
    }
    if (!workspaceLogging) continue;
    const { table, alsoTable, effectiveAt, endedAt } = workspaceLogging;
    const span = { from: effectiveAt, to: Math.min(firstStart, endedAt ?? firstStart) };
    add(id, { table, ...span });
    if (alsoTable) add(id, { table: alsoTable, ...span });
  }
}

import type { Context } from "../context";
import { type AuditEvent, type AuditTable, auditValues } from "../loganalytics/row-shape";
import type { LogRow, Model } from "../model";
import { liveLogging } from "./logging-history";
import type { VaultPlan } from "./plan";
import { Random } from "./random";
import { type TrafficSource, trafficSource, visit } from "./traffic";
import { planOf } from "./world";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Rows that a visit leaves on average; measured over the kinds of visits in `traffic.ts`. */
const ROWS_PER_VISIT = 2;
const ROWS_PER_VAULT_AND_MONTH = 250;
const ROWS_PER_MONTH_MAX = 110_000;

/** A span of time in which a vault's audit events went to one table of the watched workspace. */
interface Span {
  table: AuditTable;
  from: number;
  to: number;
}

/**
 * The everyday audit traffic of the estate in one table, sorted by time: `fromMs` included, `toMs` and the future not.
 *
 * Nothing of it is kept anywhere. Each vault has one visit per time slot, drawn from seed, vault and slot, so any
 * process computes the same rows for the same time, also for a pause in which no process ran. About 60,000 rows for
 * 240 vaults in 30 days and at most 120,000 for a large estate, whose vaults are then visited more rarely.
 */
export function backgroundRows(context: Context, table: AuditTable, fromMs: number, toMs: number): LogRow[] {
  const until = Math.min(toMs, context.now());
  const rows: LogRow[] = [];
  const slot = slotLength(context.settings.vaults);
  const spans = workspaceSpans(context);
  for (const vault of planOf(context).vaults) {
    const ofVault = spans.get(vault.id.toLowerCase())?.filter((span) => span.table === table) ?? [];
    for (const span of ofVault) {
      const from = Math.max(fromMs, span.from);
      const to = Math.min(until, span.to);
      if (from >= to) continue;
      const source = sourceOf(context, vault);
      for (let number = Math.floor(from / slot); number * slot < to; number++) {
        collect(context, { rows, source, table, from, to, slot, number });
      }
    }
  }
  return rows.sort((a, b) => a.timeGenerated - b.timeGenerated);
}

function collect(
  context: Context,
  work: {
    rows: LogRow[];
    source: TrafficSource;
    table: AuditTable;
    from: number;
    to: number;
    slot: number;
    number: number;
  },
): void {
  const { rows, source, table, from, to, slot, number } = work;
  const { delays, seed } = context.settings;
  const random = new Random(`${seed}/${source.plan.index}/${number}`);
  let at = number * slot + Math.floor(random.next() * (slot - 60_000));
  const ingestion = delays.ingestionMin + random.next() * (delays.ingestionMax - delays.ingestionMin);
  for (const event of visit(random, source)) {
    if (at >= from && at < to) rows.push(row(table, event, at, ingestion));
    at += random.int(40, 900);
  }
}

function row(table: AuditTable, event: AuditEvent, at: number, ingestion: number): LogRow {
  return { table, timeGenerated: at, ingestedAt: Math.round(at + ingestion), values: auditValues(table, event) };
}

/** Milliseconds between two visits of one vault. */
function slotLength(vaults: number): number {
  const logging = Math.max(1, vaults * 0.7);
  const rowsPerMonth = Math.min(ROWS_PER_MONTH_MAX, ROWS_PER_VAULT_AND_MONTH * vaults);
  const visitsPerVault = rowsPerMonth / ROWS_PER_VISIT / logging;
  return Math.round((30 * DAY) / visitsPerVault);
}

/*
 * When each vault logged to the watched workspace. Before the first start that is what the world says; after it, what
 * the settings say, from the time on at which each began to apply.
 */

const sources = new WeakMap<VaultPlan, TrafficSource>();
const spanCache = new WeakMap<Model, { settings: number; ended: number; vaults: number; spans: Map<string, Span[]> }>();

function sourceOf(context: Context, vault: VaultPlan): TrafficSource {
  let source = sources.get(vault);
  if (!source) {
    source = trafficSource(context, vault);
    sources.set(vault, source);
  }
  return source;
}

function workspaceSpans(context: Context): Map<string, Span[]> {
  const { diagnosticSettings, endedLogging, vaults } = context.model;
  const state = { settings: diagnosticSettings.version, ended: endedLogging.version, vaults: vaults.size };
  const cached = spanCache.get(context.model);
  if (cached?.settings === state.settings && cached.ended === state.ended && cached.vaults === state.vaults) {
    return cached.spans;
  }
  const { firstStart } = context.identity;
  const spans = new Map<string, Span[]>();
  const add = (vaultId: string, { table, from, to }: Span) => {
    if (from >= to) return;
    const key = vaultId.toLowerCase();
    spans.set(key, [...(spans.get(key) ?? []), { table, from, to }]);
  };
  for (const { id, workspaceLogging } of planOf(context).vaults) {
    if (!workspaceLogging) continue;
    const { table, effectiveAt, endedAt } = workspaceLogging;
    add(id, { table, from: effectiveAt, to: Math.min(firstStart, endedAt ?? firstStart) });
  }
  for (const ended of endedLogging.values()) add(ended.vaultId, ended);
  for (const { vaultId, table, from } of liveLogging(context).values()) {
    add(vaultId, { table, from, to: Number.POSITIVE_INFINITY });
  }
  spanCache.set(context.model, { ...state, spans });
  return spans;
}

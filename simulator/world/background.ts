import type { Context } from "../context";
import { type AuditEvent, type AuditTable, auditValues } from "../loganalytics/row-shape";
import type { LogRow, Model } from "../model";
import { type Appointment, agendaOf, appointmentRow } from "./agenda";
import { bulkRuns } from "./bulk-readers";
import { liveLogging } from "./logging-history";
import type { VaultPlan } from "./plan";
import { Random } from "./random";
import { activity } from "./rhythm";
import { visit } from "./traffic";
import { type TrafficSource, trafficSource } from "./traffic-source";
import { planOf } from "./world";

const DAY = 86_400_000;
/** Rows that a slot leaves on average, quiet hours included; measured over the kinds of visits in `traffic.ts`. */
const ROWS_PER_SLOT = 1.25;
const ROWS_PER_VAULT_AND_MONTH = 250;
const ROWS_PER_MONTH_MAX = 70_000;
/** No visit lasts longer: calls follow each other by less than a second. */
const VISIT_MS_MAX = 120_000;

/** A span of time in which a vault's audit events went to one table of the watched workspace. */
interface Span {
  table: AuditTable;
  from: number;
  to: number;
}

/**
 * The everyday audit traffic of the estate in one table, sorted by time: `fromMs` included, `toMs` and the future not.
 *
 * Nothing of it is kept anywhere. Each vault has at most one visit per time slot, drawn from seed, vault and slot, the
 * runs of the machine that reads all of it, if it has one, drawn per day, and an agenda of its own (what was written,
 * renewed, expires); so any process computes the same rows for the same time, also for a pause in which no process ran.
 * About 60,000 rows for 240 vaults in 30 days and at most 120,000 for a large estate, whose vaults are visited more
 * rarely.
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
      const work: Work = { context, rows, source: sourceOf(context, vault), table, from, to };
      for (let number = Math.floor(from / slot); number * slot < to; number++) addVisit(work, slot, number);
      addBulkRuns(work);
      addAgenda(work);
    }
  }
  return rows.sort((a, b) => a.timeGenerated - b.timeGenerated);
}

interface Work {
  context: Context;
  rows: LogRow[];
  source: Source;
  table: AuditTable;
  from: number;
  to: number;
}

/** The visit of one slot, unless the hour is too quiet for it. */
function addVisit(work: Work, slot: number, number: number): void {
  const { source, from, to } = work;
  const random = new Random(`${source.seed}/${source.plan.index}/${number}`);
  const at = number * slot + Math.floor(random.next() * (slot - VISIT_MS_MAX));
  if (at >= to || at + VISIT_MS_MAX < from || random.next() >= activity(at)) return;
  addRows(work, random, at, visit(random, source, at));
}

function addBulkRuns(work: Work): void {
  const { context, source, from, to } = work;
  if (source.plan.bulkReader === undefined) return;
  // A run may begin on the day before and end after midnight.
  for (let day = Math.floor((from - VISIT_MS_MAX) / DAY); day * DAY < to; day++) {
    for (const run of bulkRuns(context, source, day)) {
      if (run.at >= to || run.at + VISIT_MS_MAX < from) continue;
      addRows(work, new Random(`${source.seed}/pace/${source.plan.index}/${run.at}`), run.at, run.events());
    }
  }
}

function addAgenda(work: Work): void {
  const { source, from, to } = work;
  for (const appointment of source.agenda) {
    if (appointment.at < from || appointment.at >= to) continue;
    const random = new Random(`${source.seed}/agenda-delay/${source.plan.index}/${appointment.at}`);
    addRows(work, random, appointment.at, [appointmentRow(source, appointment)]);
  }
}

/** Calls that follow each other, the whole visit with one delay of ingestion. */
function addRows({ context, rows, table, from, to }: Work, random: Random, start: number, events: AuditEvent[]): void {
  const { ingestionMin, ingestionMax } = context.settings.delays;
  const ingestion = ingestionMin + random.next() * (ingestionMax - ingestionMin);
  const longest = Math.min(900, Math.floor((VISIT_MS_MAX - 1000) / Math.max(1, events.length)));
  let at = start;
  for (const event of events) {
    if (at >= from && at < to) {
      const values = auditValues(table, event);
      rows.push({ table, timeGenerated: at, ingestedAt: Math.round(at + ingestion), values });
    }
    at += random.int(Math.min(40, longest), longest);
  }
}

/** Milliseconds in which a vault is visited once at most. */
function slotLength(vaults: number): number {
  const logging = Math.max(1, vaults * 0.7);
  const rowsPerMonth = Math.min(ROWS_PER_MONTH_MAX, ROWS_PER_VAULT_AND_MONTH * vaults);
  const slotsPerVault = rowsPerMonth / ROWS_PER_SLOT / logging;
  return Math.round((30 * DAY) / slotsPerVault);
}

/*
 * When each vault logged to the watched workspace. Before the first start that is what the world says; after it, what
 * the settings say, from the time on at which each began to apply.
 */

/** A vault's callers and what its log must hold. */
type Source = TrafficSource & { agenda: readonly Appointment[] };

const sources = new WeakMap<VaultPlan, Source>();
const spanCache = new WeakMap<Model, { settings: number; ended: number; vaults: number; spans: Map<string, Span[]> }>();

function sourceOf(context: Context, vault: VaultPlan): Source {
  let source = sources.get(vault);
  if (!source) {
    const callers = trafficSource(context, vault);
    source = { ...callers, agenda: agendaOf(callers) };
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
    const { table, alsoTable, effectiveAt, endedAt } = workspaceLogging;
    const span = { from: effectiveAt, to: Math.min(firstStart, endedAt ?? firstStart) };
    add(id, { table, ...span });
    if (alsoTable) add(id, { table: alsoTable, ...span });
  }
  for (const ended of endedLogging.values()) add(ended.vaultId, ended);
  for (const { vaultId, table, from } of liveLogging(context).values()) {
    add(vaultId, { table, from, to: Number.POSITIVE_INFINITY });
  }
  spanCache.set(context.model, { ...state, spans });
  return spans;
}

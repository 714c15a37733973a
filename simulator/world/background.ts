import type { Context } from "../context";
import { type AuditEvent, type AuditTable, auditValues } from "../loganalytics/row-shape";
import type { LogRow } from "../model";
import { type Appointment, agendaOf, appointmentRow } from "./agenda";
import { bulkRuns } from "./bulk-readers";
import { type LoggingSpan, loggingSpans } from "./logging-spans";
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

/** Vaults that are looked at together: nothing happens in them before the earliest time of any. */
const TOGETHER = 64;

/** Where rows come from and go to, and the time that they are wanted of: `from` included, `to` not. */
interface Wanted {
  table: AuditTable;
  /** ARM id of the workspace in lower case; empty for the watched one. */
  workspaceId: string;
  from: number;
  to: number;
}

/**
 * The everyday audit traffic of the estate in one table of a workspace (the watched one when none is named), sorted by
 * time: `fromMs` included, `toMs` and the future not.
 *
 * Nothing of it is kept anywhere. Each vault has at most one visit per time slot, drawn from seed, vault and slot, the
 * runs of the machine that reads all of it, if it has one, drawn per day, and an agenda of its own (what was written,
 * renewed, expires); so any process computes the same rows for the same time, also for a pause in which no process ran.
 * About 60,000 rows for 240 vaults in 30 days and at most 120,000 for a large estate, whose vaults are visited more
 * rarely.
 */
export function backgroundRows(
  context: Context,
  table: AuditTable,
  fromMs: number,
  toMs: number,
  workspaceId = "",
): LogRow[] {
  const rows: LogRow[] = [];
  const feed = new BackgroundFeed(context, table, fromMs, workspaceId);
  feed.advance(context, toMs, (row) => rows.push(row));
  return rows.sort((a, b) => a.timeGenerated - b.timeGenerated);
}

/**
 * The same rows piece by piece, as time goes on. It notes for each vault until when nothing will happen there, so that a
 * step of a second looks at the few vaults where something does.
 */
export class BackgroundFeed {
  /** By the vault's index: nothing happens before. Nothing is known of a vault that has not been looked at. */
  private readonly quietUntil: Float64Array;
  /** The least of these for each stretch of vaults. */
  private readonly allQuietUntil: Float64Array;
  private readonly workspaceId: string;
  private sorted: ReturnType<typeof loggingSpans> | undefined;
  /** By the vault's index. */
  private ofVault: (readonly LoggingSpan[] | undefined)[] = [];

  constructor(
    context: Context,
    private readonly table: AuditTable,
    private from: number,
    workspaceId = "",
  ) {
    const count = planOf(context).vaults.length;
    this.quietUntil = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
    this.allQuietUntil = new Float64Array(Math.ceil(count / TOGETHER)).fill(Number.NEGATIVE_INFINITY);
    this.workspaceId = workspaceId.toLowerCase();
  }

  /** Hands over the rows from where the last call ended up to `toMs` or now, in no order. */
  advance(context: Context, toMs: number, take: (row: LogRow) => void): void {
    const until = Math.min(toMs, context.now());
    if (until <= this.from) return;
    this.sortSpans(context);
    const { vaults } = planOf(context);
    for (const [place, quiet] of this.allQuietUntil.entries()) {
      if (quiet >= until) continue;
      const some = vaults.slice(place * TOGETHER, (place + 1) * TOGETHER);
      let first = Number.POSITIVE_INFINITY;
      for (const vault of some) {
        if ((this.quietUntil[vault.index] ?? 0) < until) this.advanceVault(context, vault, until, take);
        first = Math.min(first, this.quietUntil[vault.index] ?? 0);
      }
      this.allQuietUntil[place] = first;
    }
    this.from = until;
  }

  private advanceVault(context: Context, vault: VaultPlan, until: number, take: (row: LogRow) => void): void {
    const logged = this.ofVault[vault.index];
    if (!logged) {
      // Until a setting changes, nothing of it is wanted.
      this.quietUntil[vault.index] = Number.POSITIVE_INFINITY;
      return;
    }
    const spans = logged.filter((span) => span.from < until && span.to > this.from);
    if (spans.length === 0) return;
    const source = sourceOf(context, vault);
    const slot = slotLength(context.settings.vaults);
    for (const span of spans) {
      const wanted = { ...span, from: Math.max(this.from, span.from), to: Math.min(until, span.to) };
      addVault({ context, source, take, ...wanted }, slot);
    }
    this.quietUntil[vault.index] = nextActivity(context, source, slot, until);
  }

  /** The spans of this table and workspace by vault, anew when a setting has changed. */
  private sortSpans(context: Context): void {
    const spans = loggingSpans(context);
    if (spans === this.sorted) return;
    this.sorted = spans;
    for (const [index, quiet] of this.quietUntil.entries()) {
      if (quiet !== Number.POSITIVE_INFINITY) continue;
      this.quietUntil[index] = Number.NEGATIVE_INFINITY;
      this.allQuietUntil[Math.floor(index / TOGETHER)] = Number.NEGATIVE_INFINITY;
    }
    this.ofVault = planOf(context).vaults.map(({ id }) => {
      const meant = spans
        .get(id.toLowerCase())
        ?.filter(({ table, workspaceId }) => table === this.table && workspaceId === this.workspaceId);
      return meant && meant.length > 0 ? meant : undefined;
    });
  }
}

function addVault(work: Work, slot: number): void {
  for (let number = Math.floor(work.from / slot); number * slot < work.to; number++) addVisit(work, slot, number);
  addBulkRuns(work);
  addAgenda(work);
}

/** Days and slots that are looked ahead for the next thing to happen; after them the vault is looked at again. */
const AHEAD = 7;

/** A time before which nothing happens in a vault from `after` on. */
function nextActivity(context: Context, source: Source, slot: number, after: number): number {
  const appointment = source.agenda.find(({ at }) => at >= after)?.at ?? Number.POSITIVE_INFINITY;
  return Math.min(appointment, nextVisit(source, slot, after), nextRun(context, source, after));
}

function nextVisit(source: Source, slot: number, after: number): number {
  const first = Math.floor(after / slot);
  for (let number = first; number < first + AHEAD; number++) {
    const { at, quiet } = visitOf(source, slot, number);
    if (!quiet && at + VISIT_MS_MAX > after) return Math.max(at, after);
  }
  return (first + AHEAD) * slot;
}

function nextRun(context: Context, source: Source, after: number): number {
  if (source.plan.bulkReader === undefined) return Number.POSITIVE_INFINITY;
  const first = Math.floor((after - VISIT_MS_MAX) / DAY);
  for (let day = first; day < first + AHEAD; day++) {
    const begins = bulkRuns(context, source, day).flatMap(({ at }) => (at + VISIT_MS_MAX > after ? [at] : []));
    if (begins.length > 0) return Math.max(after, Math.min(...begins));
  }
  return (first + AHEAD) * DAY;
}

interface Work extends Wanted {
  context: Context;
  source: Source;
  take(row: LogRow): void;
}

/** The visit of one slot: when it begins, and whether the hour is too quiet for it. */
function visitOf(source: Source, slot: number, number: number): { random: Random; at: number; quiet: boolean } {
  const random = new Random(`${source.seed}/${source.plan.index}/${number}`);
  const at = number * slot + Math.floor(random.next() * (slot - VISIT_MS_MAX));
  return { random, at, quiet: random.next() >= activity(at) };
}

function addVisit(work: Work, slot: number, number: number): void {
  const { source, from, to } = work;
  const { random, at, quiet } = visitOf(source, slot, number);
  if (quiet || at >= to || at + VISIT_MS_MAX < from) return;
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
function addRows(
  { context, table, workspaceId, from, to, take }: Work,
  random: Random,
  start: number,
  events: AuditEvent[],
): void {
  const { ingestionMin, ingestionMax } = context.settings.delays;
  const ingestion = ingestionMin + random.next() * (ingestionMax - ingestionMin);
  const longest = Math.min(900, Math.floor((VISIT_MS_MAX - 1000) / Math.max(1, events.length)));
  let at = start;
  for (const event of events) {
    if (at >= from && at < to) {
      const row = { timeGenerated: at, ingestedAt: Math.round(at + ingestion), values: auditValues(table, event) };
      take({ table, ...(workspaceId !== "" && { workspaceId }), ...row });
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

/** A vault's callers and what its log must hold. */
type Source = TrafficSource & { agenda: readonly Appointment[] };

/** Kept from the first query on: about 2 kB a vault, and without them every day of a replay would work them out anew. */
const sources = new WeakMap<VaultPlan, Source>();

function sourceOf(context: Context, vault: VaultPlan): Source {
  const known = sources.get(vault);
  if (known) return known;
  const callers = trafficSource(context, vault);
  const source = { ...callers, agenda: agendaOf(callers) };
  sources.set(vault, source);
  return source;
}

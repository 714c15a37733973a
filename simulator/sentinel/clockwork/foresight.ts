import type { Context } from "../../context";
import { LOG_TABLES } from "../../loganalytics/columns";
import { databaseOf } from "../../loganalytics/database";
import type { Database, Row, RowSource, Table } from "../../loganalytics/kql/types";
import { LogStore } from "../../loganalytics/log-store";
import type { AuditTable } from "../../loganalytics/row-shape";
import { watchedWorkspace } from "../../loganalytics/workspace";
import type { Model, Workspace } from "../../model";
import { backgroundRows } from "../../world/background";
import { seenByRules } from "./rule-query";

/*
 * What a workspace's tables will have taken in by a moment ahead, if nobody writes anything until then: the rows that are
 * on their way, and the everyday traffic to come. Nothing of it enters the workspace before its time.
 */

const DAY = 86_400_000;
const AUDIT_TABLES: readonly AuditTable[] = ["AzureDiagnostics", "AZKVAuditLogs"];
/** Days and tables of traffic that are kept for the next rule. */
const KEPT_MAX = 64;

/** Rows that arrived later than `after` and by `until`, milliseconds since 1970; some may be there twice. */
interface Arrivals {
  after: number;
  until: number;
}

/** The tables with nothing but those arrivals; rows are in no order. */
export function arrivalsOf(context: Context, workspace: Workspace, arrivals: Arrivals): Database {
  const database = databaseOf(context, workspace);
  return seenByRules(
    { ...database, table: (name) => tableOf(context, workspace, database.table(name), arrivals) },
    workspace,
  );
}

function tableOf(
  context: Context,
  workspace: Workspace,
  present: Table | undefined,
  arrivals: Arrivals,
): Table | undefined {
  const name = LOG_TABLES.find((table) => table === present?.name);
  if (!present || !name) return present;
  const watched = watchedWorkspace(context)?.id.toLowerCase() === workspace.id.toLowerCase();
  const span = { ingestedAfter: arrivals.after, ingestedUntil: arrivals.until, since: Number.NEGATIVE_INFINITY };
  const store = context.model.logRows.store(name, watched ? undefined : workspace.id);
  const known = store.table(workspace.customerId, span);
  const audit = AUDIT_TABLES.find((table) => table === name);
  if (!watched || !audit || arrivals.until <= context.now()) return known;
  const days = daysAhead(context, arrivals);
  return together([known, ...days.map((day) => dayOf(context, audit, day).table(workspace.customerId, span))]);
}

/** Days, counted from 1970, whose traffic may be among the arrivals and may not be in the workspace yet. */
function daysAhead(context: Context, { after, until }: Arrivals): number[] {
  const { ingestionMax, ingestionLateMax } = context.settings.delays;
  const oldest = after - Math.max(ingestionMax, ingestionLateMax);
  const first = Math.floor(Math.max(oldest, context.now()) / DAY);
  // A query counts what the workspace has up to this second; the day has begun, and rows that come twice do no harm.
  return Array.from({ length: Math.floor(until / DAY) - first + 1 }, (_, index) => first + index);
}

/** The traffic of days ahead, by tenant. */
const looks = new WeakMap<Model, { stamp: string; days: Map<string, LogStore> }>();

function dayOf(context: Context, table: AuditTable, day: number): LogStore {
  const { days } = lookOf(context);
  const key = `${table}/${day}`;
  let store = days.get(key);
  if (!store) {
    store = new LogStore(table);
    const end = (day + 1) * DAY;
    for (const row of backgroundRows({ ...context, now: () => end }, table, day * DAY, end)) store.add(row);
    if (days.size >= KEPT_MAX) days.clear();
    days.set(key, store);
  }
  return store;
}

/** What traffic is to come depends on what is logged and on the delays: once that changes, another is. */
function lookOf({ model, settings }: Context) {
  const { diagnosticSettings, endedLogging, vaults } = model;
  const stamp = [diagnosticSettings.version, endedLogging.version, vaults.version, ...Object.values(settings.delays)];
  let look = looks.get(model);
  if (look?.stamp !== stamp.join("/")) {
    look = { stamp: stamp.join("/"), days: new Map() };
    looks.set(model, look);
  }
  return look;
}

/** The rows of all of them, one table after the other; sorted by nothing. */
function together(tables: [Table, ...Table[]]): Table {
  const sources = tables.map(({ rows }) => sourceOf(rows));
  const starts: number[] = [];
  let length = 0;
  for (const source of sources) {
    starts.push(length);
    length += source.length;
  }
  const placeOf = (row: number) => starts.findLastIndex((start) => start <= row);
  const rows: RowSource = {
    length,
    column: (position) => {
      const readers = sources.map((source) => source.column(position));
      return (row) => {
        const place = placeOf(row);
        return readers[place]?.(row - (starts[place] ?? 0)) ?? null;
      };
    },
  };
  const [{ name, columns }] = tables;
  const ingestedAt = (row: number) => tables[placeOf(row)]?.ingestedAt?.(row - (starts[placeOf(row)] ?? 0)) ?? null;
  return { name, columns, rows, ingestedAt };
}

function sourceOf(rows: readonly Row[] | RowSource): RowSource {
  if (!isList(rows)) return rows;
  return { length: rows.length, column: (position) => (row) => rows[row]?.[position] ?? null };
}

function isList(rows: readonly Row[] | RowSource): rows is readonly Row[] {
  return Array.isArray(rows);
}

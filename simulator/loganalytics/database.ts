import type { Context } from "../context";
import type { LogTable, Model, Workspace } from "../model";
import { BackgroundFeed } from "../world/background";
import { LOG_TABLES, TABLE_COLUMNS } from "./columns";
import type { Database, Table } from "./kql/types";
import { RETENTION_MS } from "./log-rows";
import type { AuditTable } from "./row-shape";
import { watchlistFunction } from "./watchlist-function";
import { watchedWorkspace } from "./workspace";

/** Generated traffic reaches back 30 days only: it is most of the rows, and older ones answer no question here. */
const BACKGROUND_MS = 30 * 86_400_000;
/** Background traffic is drawn at most once a second, so that many queries at once ask for it once. */
const BACKGROUND_STEP_MS = 1000;
/** The tables that the generator of background traffic fills. */
const AUDIT_TABLES: readonly AuditTable[] = ["AzureDiagnostics", "AZKVAuditLogs"];

/**
 * Which rows a query sees: those with `ingestedAfter < ingestedAt <= ingestedUntil`, milliseconds. From the beginning
 * and until now when absent.
 */
interface IngestionWindow {
  ingestedAfter?: number;
  ingestedUntil?: number;
}

/** What a query to a workspace may read, as it is now: written rows, and the generated traffic of the vaults up to now. */
export function databaseOf(context: Context, workspace: Workspace, window: IngestionWindow = {}): Database {
  const watched = watchedWorkspace(context)?.id.toLowerCase() === workspace.id.toLowerCase();
  const tableOf = (name: LogTable): Table => {
    const now = context.now();
    const workspaceId = watched ? undefined : workspace.id;
    const audit = AUDIT_TABLES.find((table) => table === name);
    if (audit) generate(context, audit, workspaceId, now);
    return context.model.logRows.store(name, workspaceId).table(workspace.customerId, {
      ingestedAfter: window.ingestedAfter ?? Number.NEGATIVE_INFINITY,
      ingestedUntil: Math.min(now, window.ingestedUntil ?? now),
      since: now - RETENTION_MS,
    });
  };
  return {
    table: (name) => {
      const table = LOG_TABLES.find((known) => known === name);
      return table && tableOf(table);
    },
    tableNames: () => LOG_TABLES,
    schemaOf: (name) => {
      const table = LOG_TABLES.find((known) => known === name);
      return table && TABLE_COLUMNS[table];
    },
    functions: { _GetWatchlist: watchlistFunction(context, workspace.id) },
  };
}

/** The traffic of each table and workspace, by tenant; a table's begins with the first query that reads it. */
const feeds = new WeakMap<Model, Map<string, BackgroundFeed>>();

/** Adds what happened since the last query, or in the last 30 days. */
function generate(context: Context, table: AuditTable, workspaceId: string | undefined, now: number): void {
  const known = feeds.get(context.model) ?? new Map<string, BackgroundFeed>();
  feeds.set(context.model, known);
  const key = `${table}|${workspaceId?.toLowerCase() ?? ""}`;
  const feed = known.get(key) ?? new BackgroundFeed(context, table, now - BACKGROUND_MS, workspaceId);
  known.set(key, feed);
  const until = Math.floor(now / BACKGROUND_STEP_MS) * BACKGROUND_STEP_MS;
  feed.advance(context, until, (row) => context.model.logRows.addGenerated(row));
}

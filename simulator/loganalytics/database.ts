import type { Context } from "../context";
import type { LogTable, Model, Workspace } from "../model";
import { backgroundRows } from "../world/background";
import { LOG_TABLES, TABLE_COLUMNS } from "./columns";
import type { Database, Table } from "./kql/types";
import { JournalReader, LogStore } from "./log-store";
import type { AuditTable } from "./row-shape";
import { watchlistFunction } from "./watchlist-function";
import { watchedWorkspace } from "./workspace";

/** Milliseconds that rows are kept: 90 days, what a Sentinel workspace includes. */
const RETENTION_MS = 90 * 86_400_000;
/** Generated traffic reaches back 30 days only: it is most of the rows, and older ones answer no question here. */
const BACKGROUND_MS = 30 * 86_400_000;
/**
 * Background traffic is drawn at most once a second, so that many queries at once ask for it once; in a large estate,
 * where every drawing visits each vault, at most once per millisecond and vault.
 */
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

/** What a query to a workspace may read, as it is now. Workspaces other than the watched one have the same tables, empty. */
export function databaseOf(context: Context, workspace: Workspace, window: IngestionWindow = {}): Database {
  const watched = watchedWorkspace(context)?.id.toLowerCase() === workspace.id.toLowerCase();
  const tableOf = (name: LogTable) =>
    watched ? tablesOf(context, workspace).tableAt(context, name, window) : emptyTable(name);
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

function emptyTable(name: LogTable): Table {
  return { name, columns: TABLE_COLUMNS[name], rows: [], timeColumn: "TimeGenerated" };
}

/** One per tenant, made at the first query. */
const tables = new WeakMap<Model, WorkspaceTables>();

function tablesOf(context: Context, workspace: Workspace): WorkspaceTables {
  let found = tables.get(context.model);
  if (!found) {
    found = new WorkspaceTables(context, workspace);
    tables.set(context.model, found);
  }
  return found;
}

/** The rows of the watched workspace: what was journaled, and the generated traffic of the vaults up to now. */
class WorkspaceTables {
  private stores = new Map<LogTable, LogStore>();
  private generatedUntil = new Map<LogTable, number>();
  private journal: JournalReader;
  private readonly keptSince: number;
  private readonly generatedSince: number;

  constructor(
    context: Context,
    private readonly workspace: Workspace,
  ) {
    this.journal = new JournalReader(context.model.logRows);
    this.keptSince = context.now() - RETENTION_MS;
    this.generatedSince = context.now() - BACKGROUND_MS;
  }

  tableAt(context: Context, name: LogTable, window: IngestionWindow): Table {
    const now = context.now();
    this.takeJournal();
    const audit = AUDIT_TABLES.find((table) => table === name);
    if (audit) this.generate(context, audit, now);
    return this.storeOf(name).tableAt(Math.min(now, window.ingestedUntil ?? now), window.ingestedAfter);
  }

  private generate(context: Context, table: AuditTable, now: number): void {
    const step = Math.max(BACKGROUND_STEP_MS, context.settings.vaults);
    const until = Math.floor(now / step) * step;
    const from = this.generatedUntil.get(table) ?? this.generatedSince;
    if (until <= from) return;
    this.storeOf(table).add(backgroundRows(context, table, from, until));
    this.generatedUntil.set(table, until);
  }

  private takeJournal(): void {
    const { restart, rows } = this.journal.read();
    if (restart) {
      this.stores = new Map();
      this.generatedUntil = new Map();
    }
    for (const row of rows) if (row.timeGenerated >= this.keptSince) this.storeOf(row.table).add([row]);
  }

  private storeOf(name: LogTable): LogStore {
    let store = this.stores.get(name);
    if (!store) {
      store = new LogStore(name, this.workspace.customerId);
      this.stores.set(name, store);
    }
    return store;
  }
}

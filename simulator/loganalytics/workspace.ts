import type { Context } from "../context";
import type { LogRow, LogTable, Model, Workspace } from "../model";
import { worldIds } from "../world/ids";
import { TABLE_COLUMNS } from "./columns";
import { ingestionDelay } from "./ingestion";

/**
 * Writes one row to a table of a workspace, the watched one when none is named. It becomes visible after an ingestion
 * delay drawn for it.
 *
 * @param values Column values: text, numbers, booleans, plain JSON for dynamic columns, ISO text or milliseconds for
 * dates. `TimeGenerated`, `TenantId` and `Type` belong to the row itself. Empty text is not kept: it is the default.
 * @param at Milliseconds since 1970; now when absent.
 * @param workspaceId ARM id of another workspace than the watched one.
 */
export function writeLogRow(
  context: Context,
  table: LogTable,
  values: Record<string, unknown>,
  at: number = context.now(),
  workspaceId?: string,
): void {
  const kept = known(table, values);
  // The same seed and calls give the same delays; rows that are equal in everything arrive together.
  const ingestedAt = at + ingestionDelay(context.settings, table, `${at}/${JSON.stringify(kept)}`);
  add(context, {
    table,
    ...(workspaceId && { workspaceId }),
    timeGenerated: at,
    ingestedAt,
    values: kept,
  });
}

/** The same for a row of the watched workspace whose way takes as long as the caller says: it arrives at `ingestedAt`. */
export function writeArrivingRow(
  context: Context,
  table: LogTable,
  values: Record<string, unknown>,
  { at, ingestedAt }: { at: number; ingestedAt: number },
): void {
  add(context, { table, timeGenerated: at, ingestedAt, values: known(table, values) });
}

function add(context: Context, row: LogRow): void {
  const { table } = row;
  const counts = written.get(context.model) ?? new Map<string, number>();
  written.set(context.model, counts.set(table, (counts.get(table) ?? 0) + 1));
  context.model.logRows.add(row);
}

/** How many rows the functions above added to each table since the process began. */
const written = new WeakMap<Model, Map<string, number>>();

/** Changes when a row is written to one of these tables, or to any table by another way than the functions above. */
export function rowsStamp({ model }: Context, tables: readonly string[]): string {
  const counts = written.get(model) ?? new Map<string, number>();
  const counted = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return [model.logRows.size - counted, ...tables.map((table) => counts.get(table) ?? 0)].join("+");
}

/** Whether a table has a column of that name, in this spelling. */
export function hasColumn(table: LogTable, name: string): boolean {
  return columnNames[table].has(name);
}

/** A value that no column takes would be lost without a word, so it is a fault of the writer. */
function known(table: LogTable, values: Record<string, unknown>): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(values)) {
    if (!columnNames[table].has(name)) throw new Error(`${table} has no column ${name}`);
    if (value !== "" && value !== null && value !== undefined) kept[name] = value;
  }
  return kept;
}

const columnNames: Record<LogTable, ReadonlySet<string>> = {
  AzureDiagnostics: namesOf("AzureDiagnostics"),
  AZKVAuditLogs: namesOf("AZKVAuditLogs"),
  AzureActivity: namesOf("AzureActivity"),
  SecurityAlert: namesOf("SecurityAlert"),
  SecurityIncident: namesOf("SecurityIncident"),
};

function namesOf(table: LogTable): ReadonlySet<string> {
  return new Set(TABLE_COLUMNS[table].map((column) => column.name));
}

/** The workspace that is Sentinel's; in a world that was not set up, the one that is to become it. */
export function watchedWorkspace(context: Context): Workspace | undefined {
  const { model, settings } = context;
  if (settings.bare) return model.workspaces.get(worldIds(context).workspace.resourceId);
  for (const workspace of model.workspaces.values()) if (workspace.sentinel !== false) return workspace;
  return undefined;
}

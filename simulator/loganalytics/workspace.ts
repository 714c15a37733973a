import type { Context } from "../context";
import type { LogTable, Model, Workspace } from "../model";
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
  const counts = written.get(context.model) ?? new Map<string, number>();
  written.set(context.model, counts.set(table, (counts.get(table) ?? 0) + 1));
  context.model.logRows.add({
    table,
    ...(workspaceId && { workspaceId }),
    timeGenerated: at,
    ingestedAt,
    values: kept,
  });
}

/** How many rows `writeLogRow` added to each table since the process began. */
const written = new WeakMap<Model, Map<string, number>>();

/** Changes when a row is written to one of these tables, or to any table by another way than `writeLogRow`. */
export function rowsStamp({ model }: Context, tables: readonly string[]): string {
  const counts = written.get(model) ?? new Map<string, number>();
  const counted = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return [model.logRows.size - counted, ...tables.map((table) => counts.get(table) ?? 0)].join("+");
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

/** The workspace that Sentinel watches. */
export function watchedWorkspace(context: Context): Workspace | undefined {
  for (const workspace of context.model.workspaces.values()) if (workspace.sentinel !== false) return workspace;
  return undefined;
}

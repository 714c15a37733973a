import { mayControl } from "../access";
import { resourcesAt } from "../arm/resource-index";
import type { Call } from "../context";
import type { LogTable } from "../model";
import { LOG_TABLES, TABLE_COLUMNS } from "./columns";
import { databaseOf } from "./database";
import type { Database, Row, RowSource, Table } from "./kql/types";
import { logsError } from "./logs-errors";

/*
 * Queries about a resource in place of a workspace: the same tables, with the rows of that resource only, from all
 * workspaces. Source: "Querying logs for Azure resources" and "Manage access to Log Analytics workspaces" of Azure
 * Monitor. Every workspace of this tenant uses resource permissions, so the right to the resource is all that is asked.
 */

/** Tables whose rows name the resource that they are about; the others belong to no resource. */
const OF_RESOURCES: readonly LogTable[] = ["AzureDiagnostics", "AZKVAuditLogs", "AzureActivity"];

const SCOPE = /^\/subscriptions\/[^/]+(?:\/resourcegroups\/[^/]+(?:\/providers\/([^/]+\/[^/]+)\/[^/]+)?)?$/i;

/**
 * What a query about a resource, resource group or subscription may read: the tables that the caller may read the logs
 * of (`Microsoft.Insights/logs/{table}/read` at the resource).
 * @throws AzureError 403 without the right to read the resource, 404 for an unknown one.
 */
export function databaseOfResource(call: Call, resourceId: string): Database {
  const scope = resourceId.toLowerCase();
  const match = SCOPE.exec(scope);
  const notFound = logsError(404, {
    code: "ResourceNotFoundError",
    message: `The resource ${resourceId} does not exist`,
  });
  if (!match) throw notFound;
  if (!mayControl(call, call.caller, readAction(scope, match[1]), scope)) {
    throw logsError(403, {
      code: "InsufficientAccessError",
      message: "The provided credentials have insufficient access to perform the requested operation",
    });
  }
  if (!exists(call, scope, match[1])) throw notFound;
  const names = OF_RESOURCES.filter((name) =>
    mayControl(call, call.caller, `Microsoft.Insights/logs/${name}/read`, scope),
  );
  const wanted = (name: string) => names.find((known) => known === name);
  const workspaces = [...call.model.workspaces.values()].map((workspace) => databaseOf(call, workspace));
  return {
    table: (name) => {
      const known = wanted(name);
      return (
        known &&
        rowsOf(
          known,
          scope,
          workspaces.flatMap((workspace) => workspace.table(known) ?? []),
        )
      );
    },
    tableNames: () => LOG_TABLES.filter(wanted),
    schemaOf: (name) => {
      const known = wanted(name);
      return known && TABLE_COLUMNS[known];
    },
    functions: {},
  };
}

function readAction(scope: string, type: string | undefined): string {
  if (type !== undefined) return `${type}/read`;
  const group = scope.includes("/resourcegroups/");
  return group ? "Microsoft.Resources/subscriptions/resourceGroups/read" : "Microsoft.Resources/subscriptions/read";
}

function exists({ model, ...context }: Call, scope: string, type: string | undefined): boolean {
  if (type !== undefined) {
    return resourcesAt({ model, ...context }, scope).some(({ id }) => id.toLowerCase() === scope);
  }
  const subscription = scope.split("/")[2] ?? "";
  return scope.includes("/resourcegroups/")
    ? model.resourceGroups.get(scope) !== undefined
    : model.subscriptions.get(subscription) !== undefined;
}

/** The rows at or below the scope, of all the tables, by time. */
function rowsOf(name: LogTable, scope: string, tables: readonly Table[]): Table {
  const columns = TABLE_COLUMNS[name];
  const [time, resource] = ["TimeGenerated", "_ResourceId"].map((wanted) =>
    columns.findIndex((column) => column.name === wanted),
  );
  const found = tables.flatMap(({ rows, ingestedAt }) => {
    const source = sourceOf(rows);
    const [timeOf, resourceOf] = [source.column(time ?? -1), source.column(resource ?? -1)];
    const of = { read: columns.map((_, position) => source.column(position)), ingestedAt };
    return Array.from({ length: source.length }, (_, row) => row)
      .filter((row) => `${resourceOf(row)}/`.startsWith(`${scope}/`))
      .map((row) => ({ of, row, time: Number(timeOf(row)) }));
  });
  found.sort((a, b) => a.time - b.time);
  return {
    name,
    columns,
    rows: {
      length: found.length,
      column: (position) => (index) => {
        const at = found[index];
        return at?.of.read[position]?.(at.row) ?? null;
      },
    },
    timeColumn: "TimeGenerated",
    ingestedAt: (index) => {
      const at = found[index];
      return at?.of.ingestedAt?.(at.row) ?? null;
    },
  };
}

function sourceOf(rows: readonly Row[] | RowSource): RowSource {
  if (!isList(rows)) return rows;
  return { length: rows.length, column: (position) => (row) => rows[row]?.[position] ?? null };
}

function isList(rows: readonly Row[] | RowSource): rows is readonly Row[] {
  return Array.isArray(rows);
}

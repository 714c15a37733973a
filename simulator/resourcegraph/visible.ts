import { normaliseScope, scopeCovers, scopesWith } from "../access";
import type { Call } from "../context";
import type { Database, Row } from "../loganalytics/kql/types";
import type { Model } from "../model";
import { GRAPH_TABLES, type GraphTable, graphRows, tableVersion } from "./rows";
import { GRAPH_COLUMNS, type GraphRow } from "./shape";

interface Snapshot {
  version: string;
  rows: GraphRow[];
  /** Rows for one caller and one choice of subscriptions. */
  views: Map<string, Row[]>;
}

/** By table: a table is worked out when a query first asks for it. */
const snapshots = new WeakMap<Model, Map<GraphTable, Snapshot>>();

/** Views kept for one state of a table; each is as large as what its caller may read. */
const VIEWS_MAX = 20;

/** The tables as queries write them; names compare without case. */
const SPELLINGS: Readonly<Record<GraphTable, string>> = {
  resources: "Resources",
  resourcecontainers: "ResourceContainers",
  authorizationresources: "AuthorizationResources",
  securityresources: "SecurityResources",
  policyresources: "PolicyResources",
};

/** The tables as this caller may read them, in the subscriptions asked for (lower case; none = all). */
export function visibleDatabase(call: Call, subscriptions: readonly string[] | undefined): Database {
  const find = (name: string) => GRAPH_TABLES.find((table) => table === name.toLowerCase());
  return {
    table: (name) => {
      const table = find(name);
      return table && { name, columns: GRAPH_COLUMNS, rows: viewOf(call, table, subscriptions) };
    },
    tableNames: () => Object.entries(SPELLINGS).flat(),
    schemaOf: (name) => (find(name) ? GRAPH_COLUMNS : undefined),
    functions: {},
  };
}

function viewOf(call: Call, table: GraphTable, subscriptions: readonly string[] | undefined): Row[] {
  const snapshot = snapshotOf(call, table);
  const key = `${call.caller.oid.toLowerCase()} ${subscriptions ? [...subscriptions].sort().join(",") : "*"}`;
  const known = snapshot.views.get(key);
  if (known) return known;
  const wanted = subscriptions && new Set(subscriptions);
  const readable = readableBy(call);
  const view = snapshot.rows
    .filter((row) => (!wanted || row.subscriptionId === "" || wanted.has(row.subscriptionId)) && readable(row))
    .map(({ cells }) => cells);
  if (snapshot.views.size >= VIEWS_MAX) snapshot.views.clear();
  snapshot.views.set(key, view);
  return view;
}

function snapshotOf(call: Call, table: GraphTable): Snapshot {
  const version = tableVersion(call, table);
  let tables = snapshots.get(call.model);
  if (!tables) {
    tables = new Map();
    snapshots.set(call.model, tables);
  }
  const known = tables.get(table);
  if (known?.version === version) return known;
  const fresh: Snapshot = { version, rows: graphRows(call, table), views: new Map() };
  tables.set(table, fresh);
  return fresh;
}

/** Roles are looked up once per action, not once per row. */
function readableBy(call: Call): (row: GraphRow) => boolean {
  const scopes = new Map<string, string[]>();
  return ({ action, at }) => {
    let roots = scopes.get(action);
    if (!roots) {
      roots = scopesWith(call, call.caller, action).map(normaliseScope);
      scopes.set(action, roots);
    }
    return at === undefined ? roots.length > 0 : roots.some((root) => scopeCovers(root, at));
  };
}

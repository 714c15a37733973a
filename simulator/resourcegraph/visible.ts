import { normaliseScope, scopeCovers, scopesWith } from "../access";
import type { Call } from "../context";
import type { Database, Row } from "../loganalytics/kql/types";
import type { Model } from "../model";
import { graphVersion } from "./lag";
import { GRAPH_COLUMNS, GRAPH_TABLES, type GraphRow, type GraphTable, graphRows } from "./rows";

interface Snapshot {
  version: string;
  rows: Record<GraphTable, GraphRow[]>;
  /** Rows by table for one caller and one choice of subscriptions. */
  views: Map<string, Record<GraphTable, Row[]>>;
}

const snapshots = new WeakMap<Model, Snapshot>();

/** Views kept for one state of the tenant; each is as large as what its caller may read. */
const VIEWS_MAX = 20;

/**
 * The tables as this caller may read them, in the subscriptions asked for (lower case; none = all). Table names
 * compare without case, as in the service: `Resources` and `resources` are one.
 */
export function visibleDatabase(call: Call, subscriptions: readonly string[] | undefined): Database {
  const view = viewOf(call, subscriptions);
  const find = (name: string) => GRAPH_TABLES.find((table) => table === name.toLowerCase());
  return {
    table: (name) => {
      const table = find(name);
      return table && { name, columns: GRAPH_COLUMNS, rows: view[table] };
    },
    tableNames: () => ["resources", "Resources", ...["resourcecontainers", "ResourceContainers"], ...AUTHORIZATION],
    schemaOf: (name) => (find(name) ? GRAPH_COLUMNS : undefined),
    functions: {},
  };
}

const AUTHORIZATION = ["authorizationresources", "AuthorizationResources"];

function viewOf(call: Call, subscriptions: readonly string[] | undefined): Record<GraphTable, Row[]> {
  const snapshot = snapshotOf(call);
  const key = `${call.caller.oid.toLowerCase()} ${subscriptions ? [...subscriptions].sort().join(",") : "*"}`;
  const known = snapshot.views.get(key);
  if (known) return known;
  const wanted = subscriptions && new Set(subscriptions);
  const readable = readableBy(call);
  const pick = (rows: GraphRow[]) =>
    rows
      .filter((row) => (!wanted || row.subscriptionId === "" || wanted.has(row.subscriptionId)) && readable(row))
      .map(({ cells }) => cells);
  const view: Record<GraphTable, Row[]> = {
    resources: pick(snapshot.rows.resources),
    resourcecontainers: pick(snapshot.rows.resourcecontainers),
    authorizationresources: pick(snapshot.rows.authorizationresources),
  };
  if (snapshot.views.size >= VIEWS_MAX) snapshot.views.clear();
  snapshot.views.set(key, view);
  return view;
}

function snapshotOf(call: Call): Snapshot {
  const version = graphVersion(call);
  const known = snapshots.get(call.model);
  if (known?.version === version) return known;
  const fresh: Snapshot = { version, rows: graphRows(call), views: new Map() };
  snapshots.set(call.model, fresh);
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

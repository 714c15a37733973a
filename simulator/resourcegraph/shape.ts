import { normaliseScope } from "../access";
import type { Context } from "../context";
import type { Column, Json, Row } from "../loganalytics/kql/types";

/** Columns of every table, in the order of the service. */
export const GRAPH_COLUMNS: readonly Column[] = [
  { name: "id", type: "string" },
  { name: "name", type: "string" },
  { name: "type", type: "string" },
  { name: "tenantId", type: "string" },
  { name: "kind", type: "string" },
  { name: "location", type: "string" },
  { name: "resourceGroup", type: "string" },
  { name: "subscriptionId", type: "string" },
  { name: "managedBy", type: "string" },
  { name: "sku", type: "dynamic" },
  { name: "plan", type: "dynamic" },
  { name: "properties", type: "dynamic" },
  { name: "tags", type: "dynamic" },
  { name: "identity", type: "dynamic" },
  { name: "zones", type: "dynamic" },
  { name: "extendedLocation", type: "dynamic" },
];

/** One row with what decides who may see it. */
export interface GraphRow {
  /** Normalised scope at which `action` is asked; undefined: the action at any scope is enough. */
  at: string | undefined;
  action: string;
  /** Lower case; empty for what belongs to the tenant. */
  subscriptionId: string;
  cells: Row;
}

/** What a row says, before it is put into columns. */
export interface Shape {
  id: string;
  name: string;
  type: string;
  action: string;
  properties: object;
  location?: string;
  tags?: Record<string, string>;
  kind?: string;
  sku?: object;
  /** Where the read right is asked; the id itself by default. */
  at?: string | undefined;
}

/** Puts shapes into the columns of the tables. */
export function rowMaker(context: Context): (shape: Shape) => GraphRow {
  const { tenantId } = context.identity;
  return (shape) => {
    const [, subscriptionId = "", groups, group = ""] = shape.id.split("/").filter(Boolean);
    const inSubscription = /^\/subscriptions\//i.test(shape.id);
    const cells: Row = [
      shape.id,
      shape.name,
      shape.type.toLowerCase(),
      tenantId,
      shape.kind ?? "",
      shape.location ?? "",
      inSubscription && groups?.toLowerCase() === "resourcegroups" ? group.toLowerCase() : "",
      inSubscription ? subscriptionId.toLowerCase() : "",
      "",
      shape.sku ? json(shape.sku) : null,
      null,
      json(shape.properties),
      shape.tags && Object.keys(shape.tags).length > 0 ? shape.tags : null,
      null,
      null,
      null,
    ];
    return {
      at: "at" in shape ? shape.at : normaliseScope(shape.id),
      action: shape.action,
      subscriptionId: inSubscription ? subscriptionId.toLowerCase() : "",
      cells,
    };
  };
}

function json(value: object): Json {
  // Documents and ARM bodies are plain JSON; interfaces only lack the index signature that the type asks for.
  return value as Json;
}

import { normaliseScope } from "../access";
import { roleAssignmentBody, roleDefinitionBody } from "../arm/role-bodies";
import { vaultProperties } from "../arm/vault-body";
import { workspaceProperties } from "../arm/workspaces";
import type { Context } from "../context";
import type { Column, Json, Row } from "../loganalytics/kql/types";
import { shownDocuments } from "./lag";

/*
 * The tables of Resource Graph. It holds resources, their containers and authorization, and, as the real one, neither
 * diagnostic settings nor secrets or keys: those have no row in any table.
 */

export const GRAPH_TABLES = ["resources", "resourcecontainers", "authorizationresources"] as const;
export type GraphTable = (typeof GRAPH_TABLES)[number];

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

interface Shape {
  id: string;
  name: string;
  type: string;
  action: string;
  properties: object;
  location?: string;
  tags?: Record<string, string>;
  /** Where the read right is asked; the id itself by default. */
  at?: string | undefined;
}

/** All rows of all tables as they are shown now, before anybody's rights are looked at. */
export function graphRows(context: Context): Record<GraphTable, GraphRow[]> {
  const row = rowMaker(context);
  return {
    resources: [...vaultRows(context), ...workspaceRows(context), ...identityRows(context)].map(row),
    resourcecontainers: containerRows(context).map(row),
    authorizationresources: authorizationRows(context).map(row),
  };
}

function rowMaker(context: Context): (shape: Shape) => GraphRow {
  const { tenantId } = context.identity;
  return (shape) => {
    const [, subscriptionId = "", groups, group = ""] = shape.id.split("/").filter(Boolean);
    const inSubscription = /^\/subscriptions\//i.test(shape.id);
    const cells: Row = [
      shape.id,
      shape.name,
      shape.type.toLowerCase(),
      tenantId,
      "",
      shape.location ?? "",
      inSubscription && groups?.toLowerCase() === "resourcegroups" ? group.toLowerCase() : "",
      inSubscription ? subscriptionId.toLowerCase() : "",
      "",
      null,
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

function vaultRows(context: Context): Shape[] {
  return shownDocuments(context, "vaults").map((vault) => ({
    id: vault.id,
    name: vault.name,
    type: "Microsoft.KeyVault/vaults",
    action: "Microsoft.KeyVault/vaults/read",
    location: vault.location,
    tags: vault.tags,
    properties: vaultProperties(context, vault),
  }));
}

function workspaceRows(context: Context): Shape[] {
  return [...context.model.workspaces.values()].map((workspace) => ({
    id: workspace.id,
    name: workspace.name,
    type: "Microsoft.OperationalInsights/workspaces",
    action: "Microsoft.OperationalInsights/workspaces/read",
    location: workspace.location,
    properties: workspaceProperties(workspace),
  }));
}

function identityRows(context: Context): Shape[] {
  return [...context.model.principals.values()].flatMap((principal) => {
    const id = principal.managedIdentityId;
    if (id === undefined || !/\/userAssignedIdentities\//i.test(id)) return [];
    const group = context.model.resourceGroups.get(id.split("/").slice(0, 5).join("/"));
    return [
      {
        id,
        name: principal.name,
        type: "Microsoft.ManagedIdentity/userAssignedIdentities",
        action: "Microsoft.ManagedIdentity/userAssignedIdentities/read",
        location: group?.location ?? "",
        properties: {
          tenantId: context.identity.tenantId,
          principalId: principal.oid,
          clientId: principal.appId ?? "",
        },
      },
    ];
  });
}

function containerRows(context: Context): Shape[] {
  const subscriptions = [...context.model.subscriptions.values()].map((subscription) => ({
    id: `/subscriptions/${subscription.id}`,
    name: subscription.name,
    type: "Microsoft.Resources/subscriptions",
    action: "Microsoft.Resources/subscriptions/read",
    properties: { state: "Enabled", managedByTenants: [] },
  }));
  const groups = shownDocuments(context, "resourceGroups").map((group) => ({
    id: group.id,
    name: group.name,
    type: "Microsoft.Resources/subscriptions/resourceGroups",
    action: "Microsoft.Resources/subscriptions/resourceGroups/read",
    location: group.location,
    tags: group.tags,
    properties: { provisioningState: "Succeeded" },
  }));
  return [...subscriptions, ...groups];
}

function authorizationRows(context: Context): Shape[] {
  const assignments = shownDocuments(context, "roleAssignments").map((assignment) => ({
    ...roleAssignmentBody(assignment),
    action: "Microsoft.Authorization/roleAssignments/read",
  }));
  const scopes = [...context.model.subscriptions.values()].map(({ id }) => `/subscriptions/${id}`);
  const definitions = [...context.model.roleDefinitions.values()].map((role) => ({
    ...roleDefinitionBody("", role, scopes),
    action: "Microsoft.Authorization/roleDefinitions/read",
    at: undefined,
  }));
  return [...assignments, ...definitions];
}

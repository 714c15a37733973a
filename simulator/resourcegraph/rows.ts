import { roleAssignmentBody, roleDefinitionBody } from "../arm/role-bodies";
import { vaultProperties } from "../arm/vault-body";
import { workspaceProperties } from "../arm/workspaces";
import type { Context } from "../context";
import { machineProperties, worldMachines } from "../defender/machines";
import { policyAssessments } from "../defender/policy-assessments";
import { hierarchyVersion } from "../policy/hierarchy";
import { latestStates } from "../policy/states";
import { accountProperties, storageAccounts } from "../storage/accounts";
import { graphVersion, shownDocuments } from "./lag";
import { ancestorsOf, managementGroupRows, policyRows } from "./policy-rows";
import { securityRows } from "./security-rows";
import { type GraphRow, rowMaker, type Shape } from "./shape";

/*
 * The tables of Resource Graph. It holds resources, their containers, authorization and security, and, as the real one, neither
 * diagnostic settings nor secrets or keys: those have no row in any table.
 */

export const GRAPH_TABLES = [
  "resources",
  "resourcecontainers",
  "authorizationresources",
  "securityresources",
  "policyresources",
] as const;
export type GraphTable = (typeof GRAPH_TABLES)[number];

/** The rows of one table as they are shown now, before anybody's rights are looked at. */
export function graphRows(context: Context, table: GraphTable): GraphRow[] {
  return SOURCES[table](context).map(rowMaker(context));
}

const SOURCES: Readonly<Record<GraphTable, (context: Context) => Shape[]>> = {
  resources: (context) => [
    ...vaultRows(context),
    ...workspaceRows(context),
    ...identityRows(context),
    ...accountRows(context),
    ...machineRows(context),
    ...alertingRows(context),
  ],
  resourcecontainers: containerRows,
  authorizationresources: authorizationRows,
  securityresources: securityRows,
  policyresources: policyRows,
};

const numbers = new WeakMap<object, number>();
let numbered = 0;

/** A number for an object that is replaced whenever what it tells has changed. */
function numberOf(object: object): number {
  const known = numbers.get(object);
  if (known !== undefined) return known;
  numbers.set(object, ++numbered);
  return numbered;
}

/** Changes whenever the rows of the table may have. */
export function tableVersion(context: Context, table: GraphTable): string {
  const { model } = context;
  const base = graphVersion(context);
  switch (table) {
    case "resources": {
      const { storageAccounts: accounts, actionGroups, scheduledQueryRules, securityAutomations } = model;
      return [
        base,
        ...[accounts, actionGroups, scheduledQueryRules, securityAutomations].map(({ version }) => version),
      ].join(".");
    }
    case "securityresources": {
      const { defenderAlerts, pricingSettings, customMetadata, customAssessments, diagnosticSettings } = model;
      const own = [defenderAlerts, pricingSettings, customMetadata, customAssessments, diagnosticSettings];
      return [base, ...own.map(({ version }) => version), numberOf(policyAssessments(context))].join(".");
    }
    case "policyresources": {
      const { policyAssignments, policyDefinitions, policySetDefinitions, policyExemptions } = model;
      const own = [policyAssignments, policyDefinitions, policySetDefinitions, policyExemptions];
      return [base, ...own.map(({ version }) => version), numberOf(latestStates(context))].join(".");
    }
    case "resourcecontainers":
      return `${base}.${hierarchyVersion(model)}`;
    default:
      return base;
  }
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

function accountRows(context: Context): Shape[] {
  return storageAccounts(context).map((account) => ({
    id: account.id,
    name: account.name,
    type: "Microsoft.Storage/storageAccounts",
    action: "Microsoft.Storage/storageAccounts/read",
    location: account.location,
    tags: account.tags,
    kind: account.kind,
    sku: { name: account.sku, tier: account.sku.split("_")[0] ?? "" },
    properties: accountProperties(account),
  }));
}

function machineRows(context: Context): Shape[] {
  return worldMachines(context).map((machine) => ({
    id: machine.id,
    name: machine.name,
    type: "Microsoft.Compute/virtualMachines",
    action: "Microsoft.Compute/virtualMachines/read",
    location: machine.location,
    tags: machine.tags,
    properties: machineProperties(machine),
  }));
}

/** Action groups, log alert rules and security automations. */
function alertingRows({ model }: Context): Shape[] {
  const groups = [...model.actionGroups.values()].map((group) => ({
    ...group,
    type: "Microsoft.Insights/actionGroups",
    action: "Microsoft.Insights/actionGroups/read",
  }));
  const rules = [...model.scheduledQueryRules.values()].map(({ id, name, location, tags, kind, properties }) => ({
    ...{ id, name, location, tags, kind, properties },
    type: "Microsoft.Insights/scheduledQueryRules",
    action: "Microsoft.Insights/scheduledQueryRules/read",
  }));
  const automations = [...model.securityAutomations.values()].map((automation) => {
    const { id, name, location, tags, description, isEnabled, scopes, sources, actions } = automation;
    return {
      ...{ id, name, location, tags },
      type: "Microsoft.Security/automations",
      action: "Microsoft.Security/automations/read",
      properties: { description, isEnabled, scopes, sources, actions },
    };
  });
  return [...groups, ...rules, ...automations];
}

function containerRows(context: Context): Shape[] {
  const subscriptions = [...context.model.subscriptions.values()].map((subscription) => ({
    id: `/subscriptions/${subscription.id}`,
    name: subscription.name,
    type: "Microsoft.Resources/subscriptions",
    action: "Microsoft.Resources/subscriptions/read",
    properties: {
      managementGroupAncestorsChain: ancestorsOf(context, `/subscriptions/${subscription.id}`),
      state: "Enabled",
      managedByTenants: [],
    },
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
  return [...managementGroupRows(context), ...subscriptions, ...groups];
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

import type { Call } from "../context";
import type { Router } from "../http";
import type { Workspace } from "../model";
import { resourceNotFound } from "./errors";
import { routeLists } from "./lists";
import { ok } from "./respond";
import { authorize, requireWorkspace, workspaceIdOf } from "./scope";

const READ = "Microsoft.OperationalInsights/workspaces/read";
const READ_TABLES = "Microsoft.OperationalInsights/workspaces/tables/read";
const ALL = "/providers/Microsoft.OperationalInsights/workspaces";
const ONE = `/subscriptions/{s}/resourceGroups/{g}${ALL}/{w}`;

/** Tables that every workspace of the simulated tenant has. */
const TABLES = ["AzureDiagnostics", "AZKVAuditLogs", "AzureActivity", "SecurityAlert", "SecurityIncident", "Watchlist"];

/** Log Analytics workspaces: lists, get; their tables with plan and retention. */
export function routeWorkspaces(router: Router<Call>): void {
  routeLists(router, {
    all: ALL,
    read: READ,
    items: (call) => call.model.workspaces.values(),
    body: (_call, workspace) => workspaceBody(workspace),
    size: () => 1000,
  });

  router.on("GET", ONE, (call, params) => {
    authorize(call, READ, workspaceIdOf(params));
    return ok(workspaceBody(requireWorkspace(call, params)));
  });

  router.on("GET", `${ONE}/tables`, (call, params) => {
    authorize(call, READ_TABLES, workspaceIdOf(params));
    const workspace = requireWorkspace(call, params);
    return ok({ value: tableNames(workspace).map((name) => tableBody(workspace, name)) });
  });

  router.on("GET", `${ONE}/tables/{t}`, (call, params) => {
    authorize(call, READ_TABLES, workspaceIdOf(params));
    const workspace = requireWorkspace(call, params);
    const name = tableNames(workspace).find((table) => table.toLowerCase() === params.t?.toLowerCase());
    if (!name)
      throw resourceNotFound(`Microsoft.OperationalInsights/workspaces/${params.w}/tables/${params.t}`, params.g ?? "");
    return ok(tableBody(workspace, name));
  });
}

/** A workspace's `properties`, as ARM and Resource Graph show them. */
export function workspaceProperties(workspace: Workspace) {
  return {
    provisioningState: "Succeeded",
    customerId: workspace.customerId,
    sku: { name: "PerGB2018" },
    retentionInDays: workspace.retentionInDays ?? 90,
    publicNetworkAccessForIngestion: "Enabled",
    publicNetworkAccessForQuery: "Enabled",
    features: { enableLogAccessUsingOnlyResourcePermissions: true },
  };
}

/** A workspace as ARM answers it. */
export function workspaceBody(workspace: Workspace) {
  return {
    id: workspace.id,
    name: workspace.name,
    type: "Microsoft.OperationalInsights/workspaces",
    location: workspace.location,
    tags: workspace.tags ?? {},
    properties: workspaceProperties(workspace),
  };
}

/** Names of a workspace's tables in their own casing. */
export function tableNames(workspace: Workspace): string[] {
  return [...new Set([...TABLES, ...Object.keys(workspace.tablePlans)])];
}

/** A table as ARM answers it. */
export function tableBody(workspace: Workspace, name: string) {
  return {
    id: `${workspace.id}/tables/${name}`,
    name,
    type: "Microsoft.OperationalInsights/workspaces/tables",
    properties: {
      plan: workspace.tablePlans[name] ?? "Analytics",
      retentionInDays: 90,
      totalRetentionInDays: 90,
      archiveRetentionInDays: 0,
      retentionInDaysAsDefault: true,
      totalRetentionInDaysAsDefault: true,
      provisioningState: "Succeeded",
      schema: { name, tableType: "Microsoft", tableSubType: "Any", solutions: ["LogManagement"] },
    },
  };
}

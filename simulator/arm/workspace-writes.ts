import { z } from "zod";
import type { Call } from "../context";
import { derivedGuid } from "../derived-id";
import type { Router, SimResponse } from "../http";
import type { Workspace } from "../model";
import { recordActivity } from "./activity";
import { badRequest, resourceNotFound } from "./errors";
import { isLocation } from "./regions";
import { created, noContent, ok, readBody } from "./respond";
import { authorize, requireGroup, requireWorkspace, workspaceIdOf } from "./scope";
import { checkTags } from "./tag-rules";
import { tableBody, tableNames, workspaceBody } from "./workspaces";

const TYPE = "Microsoft.OperationalInsights/workspaces";
const ONE = `/subscriptions/{s}/resourceGroups/{g}/providers/${TYPE}/{w}`;
const WRITE = `${TYPE}/write`;
const DELETE = `${TYPE}/delete`;
const WRITE_TABLE = `${TYPE}/tables/write`;

const Tags = z.record(z.string(), z.string()).nullish();
const Properties = z.object({ retentionInDays: z.int().min(30).max(730).nullish() }).nullish();
const PutBody = z.object({ location: z.string().min(1).max(128), tags: Tags, properties: Properties });
const PatchBody = z.object({ tags: Tags, properties: Properties });
const TableBody = z.object({
  properties: z.object({ plan: z.enum(["Analytics", "Basic", "Auxiliary"]).nullish() }),
});

/** Tables that can leave the Analytics plan. Source: reference of each table, "Basic log: yes". */
const BASIC_TABLES = ["AZKVAuditLogs"];

/** Log Analytics workspaces: put, patch, delete; the plan of a table. */
export function routeWorkspaceWrites(router: Router<Call>): void {
  router.on("PUT", ONE, put);

  router.on("PATCH", ONE, (call, params) => {
    authorize(call, WRITE, workspaceIdOf(params));
    const workspace = requireWorkspace(call, params);
    const { tags, properties } = readBody(call, PatchBody, "InvalidRequestContent");
    return ok(workspaceBody(store(call, withBody(workspace, tags ?? workspace.tags, properties), 200)));
  });

  router.on("DELETE", ONE, (call, params) => {
    authorize(call, DELETE, workspaceIdOf(params));
    requireGroup(call, params.s ?? "", params.g ?? "");
    const found = call.model.workspaces.get(workspaceIdOf(params));
    if (!found) return noContent();
    call.model.workspaces.delete(found.id);
    recordActivity(call, { action: DELETE, scope: found.id, status: 200 });
    return { status: 200 };
  });

  for (const method of ["PUT", "PATCH"]) router.on(method, `${ONE}/tables/{t}`, changeTable);
}

function put(call: Call, params: Record<string, string>): SimResponse {
  authorize(call, WRITE, workspaceIdOf(params));
  const group = requireGroup(call, params.s ?? "", params.g ?? "");
  const { location, tags, properties } = readBody(call, PutBody, "InvalidRequestContent");
  const name = params.w ?? "";
  if (!/^[a-z0-9][a-z0-9-]{2,61}[a-z0-9]$/i.test(name)) throw badRequest(`The workspace name '${name}' is invalid.`);
  if (!isLocation(location)) {
    throw badRequest(
      `The provided location '${location}' is not available for resource type '${TYPE}'.`,
      "LocationNotAvailableForResourceType",
    );
  }
  const present = call.model.workspaces.get(workspaceIdOf(params));
  const base: Workspace = present ?? {
    id: `${group.id}/providers/${TYPE}/${name}`,
    name,
    subscriptionId: group.subscriptionId,
    resourceGroup: group.name,
    location: location.replaceAll(" ", "").toLowerCase(),
    customerId: derivedGuid(call, `workspace ${name}`),
    // A new workspace is plain: Microsoft Sentinel comes by onboarding it.
    sentinel: false,
    tablePlans: {},
  };
  const stored = store(call, withBody(base, tags ?? {}, properties), present ? 200 : 201);
  return present ? ok(workspaceBody(stored)) : created(workspaceBody(stored));
}

function withBody(
  workspace: Workspace,
  tags: Record<string, string> | undefined,
  properties: z.infer<typeof Properties>,
): Workspace {
  return {
    ...workspace,
    ...(tags ? { tags: checkTags(tags) } : {}),
    ...(properties?.retentionInDays == null ? {} : { retentionInDays: properties.retentionInDays }),
  };
}

function store(call: Call, workspace: Workspace, status: number): Workspace {
  call.model.workspaces.put(workspace.id, workspace);
  recordActivity(call, { action: WRITE, scope: workspace.id, status });
  return workspace;
}

function changeTable(call: Call, params: Record<string, string>): SimResponse {
  authorize(call, WRITE_TABLE, workspaceIdOf(params));
  const workspace = requireWorkspace(call, params);
  const name = tableNames(workspace).find((table) => table.toLowerCase() === params.t?.toLowerCase());
  if (!name) throw resourceNotFound(`${TYPE}/${params.w}/tables/${params.t}`, params.g ?? "");
  const { plan } = readBody(call, TableBody, "InvalidParameter").properties;
  if (plan && plan !== "Analytics" && (plan === "Auxiliary" || !BASIC_TABLES.includes(name))) {
    throw badRequest(`The table '${name}' does not support the plan '${plan}'.`, "InvalidParameter");
  }
  const changed = plan ? { ...workspace, tablePlans: { ...workspace.tablePlans, [name]: plan } } : workspace;
  call.model.workspaces.put(changed.id, changed);
  recordActivity(call, { action: WRITE_TABLE, scope: `${changed.id}/tables/${name}`, status: 200 });
  return ok(tableBody(changed, name));
}

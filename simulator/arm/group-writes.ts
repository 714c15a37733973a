import { z } from "zod";
import { normaliseScope, scopeCovers } from "../access";
import type { Call } from "../context";
import { AzureError, type Router, type SimResponse } from "../http";
import type { ResourceGroup } from "../model";
import { applyModify } from "../policy/enforce";
import { changeDocument } from "../resourcegraph/lag";
import type { Collection } from "../state";
import { recordActivity } from "./activity";
import { softDelete } from "./deleted-vaults";
import { badRequest, resourceGroupNotFound } from "./errors";
import { accepted } from "./operations";
import { isLocation } from "./regions";
import { created, ok, readBody } from "./respond";
import { authorize, requireGroup } from "./scope";
import { groupBody } from "./subscriptions";
import { checkTags } from "./tag-rules";

const ONE = "/subscriptions/{s}/resourceGroups/{g}";
const WRITE = "Microsoft.Resources/subscriptions/resourceGroups/write";
const DELETE = "Microsoft.Resources/subscriptions/resourceGroups/delete";

const Tags = z.record(z.string(), z.string()).nullish();
const PutBody = z.object({ location: z.string().min(1).max(128), tags: Tags });
const PatchBody = z.object({ tags: Tags });

/** Resource groups: put, patch, delete. */
export function routeGroupWrites(router: Router<Call>): void {
  router.on("PUT", ONE, put);

  router.on("PATCH", ONE, (call, params) => {
    authorize(call, WRITE, idOf(params));
    const group = requireGroup(call, params.s ?? "", params.g ?? "");
    const { tags } = readBody(call, PatchBody, "InvalidRequestContent");
    return ok(groupBody(store(call, { ...group, tags: tags ? checkTags(tags) : group.tags }, 200)));
  });

  router.on("DELETE", ONE, (call, params) => {
    authorize(call, DELETE, idOf(params));
    const group = call.model.resourceGroups.get(idOf(params));
    if (!group) throw resourceGroupNotFound(params.g ?? "");
    empty(call, group);
    changeDocument(call, "resourceGroups", group.id, undefined);
    recordActivity(call, { action: DELETE, scope: group.id, status: 202 });
    return accepted(call, `/subscriptions/${group.subscriptionId}`);
  });
}

function idOf(params: Record<string, string>): string {
  return `/subscriptions/${params.s}/resourceGroups/${params.g}`;
}

function put(call: Call, params: Record<string, string>): SimResponse {
  const name = params.g ?? "";
  authorize(call, WRITE, idOf(params));
  const { location, tags } = readBody(call, PutBody, "InvalidRequestContent");
  // Letters, digits, `_`, `-`, `.`, `(` and `)`, 90 at most, no full stop last. Source: naming rules of Azure resources.
  if (!/^[\p{L}\p{N}_\-.()]{0,89}[\p{L}\p{N}_\-()]$/u.test(name)) {
    throw badRequest(`The provided resource group name '${name}' is invalid.`, "InvalidResourceGroupName");
  }
  if (!isLocation(location)) {
    throw badRequest(
      `The provided location '${location}' is not available for resource group.`,
      "LocationNotAvailableForResourceGroup",
    );
  }
  const present = call.model.resourceGroups.get(idOf(params));
  const plain = location.replaceAll(" ", "").toLowerCase();
  if (present && present.location.toLowerCase() !== plain) {
    throw new AzureError(
      409,
      "InvalidResourceGroupLocation",
      `Invalid resource group location '${location}'. The Resource group already exists in location '${present.location}'.`,
    );
  }
  const id = `/subscriptions/${params.s?.toLowerCase()}/resourceGroups/${name}`;
  const group: ResourceGroup = present ?? {
    id,
    subscriptionId: params.s?.toLowerCase() ?? "",
    name,
    location: plain,
    tags: {},
  };
  const status = present ? 200 : 201;
  const stored = store(call, { ...group, tags: checkTags(tags ?? {}) }, status);
  return present ? ok(groupBody(stored)) : created(groupBody(stored));
}

function store(call: Call, wanted: ResourceGroup, status: number): ResourceGroup {
  const group = applyModify(call, wanted);
  changeDocument(call, "resourceGroups", group.id, group);
  recordActivity(call, { action: WRITE, scope: group.id, status });
  return group;
}

/** Deletes what a group holds, role assignments included. Vaults are soft-deleted, as by their own DELETE. */
function empty(call: Call, group: ResourceGroup): void {
  const at = normaliseScope(group.id);
  const inside = (id: string) => scopeCovers(at, normaliseScope(id));
  for (const vault of [...call.model.vaults.values()]) if (inside(vault.id)) softDelete(call, vault);
  for (const assignment of [...call.model.roleAssignments.values()]) {
    if (inside(assignment.scope)) changeDocument(call, "roleAssignments", assignment.id, undefined);
  }
  const { workspaces, storageAccounts, actionGroups, scheduledQueryRules, securityAutomations } = call.model;
  dropFrom(workspaces, inside);
  dropFrom(storageAccounts, inside);
  dropFrom(actionGroups, inside);
  dropFrom(scheduledQueryRules, inside);
  dropFrom(securityAutomations, inside);
}

function dropFrom<T extends { id: string }>(collection: Collection<T>, inside: (id: string) => boolean): void {
  for (const { id } of [...collection.values()]) if (inside(id)) collection.delete(id);
}

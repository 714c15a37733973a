import { mayControl } from "../access";
import type { Call } from "../context";
import { AzureError } from "../http";
import type { ResourceGroup, Subscription, Vault, Workspace } from "../model";
import type { ManagementGroup } from "../policy/documents";
import { managementGroupId, managementGroupOf } from "../policy/hierarchy";
import {
  authorizationFailed,
  badRequest,
  resourceGroupNotFound,
  resourceNotFound,
  subscriptionNotFound,
} from "./errors";

/** What a scope in a path turned out to be. */
export type Scope =
  | { kind: "managementGroup"; id: string; managementGroup: ManagementGroup }
  | { kind: "subscription"; id: string; subscription: Subscription }
  | { kind: "resourceGroup"; id: string; group: ResourceGroup }
  | { kind: "vault"; id: string; vault: Vault }
  | { kind: "workspace"; id: string; workspace: Workspace }
  /** One secret or key of a vault. */
  | { kind: "object"; id: string; vault: Vault };

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function isGuid(text: string): boolean {
  return GUID.test(text);
}

/** Throws ARM's 403 unless a role of the caller gives the action at the scope. Asked before existence is looked at. */
export function authorize(call: Call, action: string, scope: string): void {
  if (!mayControl(call, call.caller, action, scope)) throw authorizationFailed(call, action, scope);
}

/** The subscription, or ARM's 400 for a malformed id and 404 for an unknown one. */
export function requireSubscription(call: Call, id: string): Subscription {
  if (!isGuid(id)) {
    throw badRequest(`The provided subscription identifier '${id}' is malformed or invalid.`, "InvalidSubscriptionId");
  }
  const subscription = call.model.subscriptions.get(id);
  if (!subscription) throw subscriptionNotFound(id);
  return subscription;
}

export function requireGroup(call: Call, subscriptionId: string, name: string): ResourceGroup {
  const group = call.model.resourceGroups.get(`/subscriptions/${subscriptionId}/resourceGroups/${name}`);
  if (!group) throw resourceGroupNotFound(name);
  return group;
}

/** Names the vault of a path; `s`, `g` and `v` are the route's parameters. */
export function vaultIdOf(params: Record<string, string>): string {
  return `/subscriptions/${params.s}/resourceGroups/${params.g}/providers/Microsoft.KeyVault/vaults/${params.v}`;
}

/** The vault that a path names: its group must exist, then the vault. Call `authorize` first. */
export function requireVault(call: Call, params: Record<string, string>): Vault {
  requireGroup(call, params.s ?? "", params.g ?? "");
  const vault = call.model.vaults.get(vaultIdOf(params));
  if (!vault) throw resourceNotFound(`Microsoft.KeyVault/vaults/${params.v}`, params.g ?? "");
  return vault;
}

/** Names the workspace of a path; `s`, `g` and `w` are the route's parameters. */
export function workspaceIdOf(params: Record<string, string>): string {
  return `/subscriptions/${params.s}/resourceGroups/${params.g}/providers/Microsoft.OperationalInsights/workspaces/${params.w}`;
}

/** The workspace that a path names. Call `authorize` first. */
export function requireWorkspace(call: Call, params: Record<string, string>): Workspace {
  requireGroup(call, params.s ?? "", params.g ?? "");
  const workspace = call.model.workspaces.get(workspaceIdOf(params));
  if (!workspace) throw resourceNotFound(`Microsoft.OperationalInsights/workspaces/${params.w}`, params.g ?? "");
  return workspace;
}

/** The management group of that name, or ARM's 404. Call `authorize` first. */
export function requireManagementGroup(call: Call, name: string): ManagementGroup {
  const found = call.model.managementGroups.get(name);
  if (!found) throw new AzureError(404, "NotFound", `The management group '${name}' does not exist.`);
  return found;
}

/** What stands at a scope, or ARM's 404 for the first part of it that does not exist. Call `authorize` first. */
export function requireScope(call: Call, scope: string): Scope {
  const groupName = managementGroupOf(scope);
  if (groupName !== undefined) {
    const managementGroup = requireManagementGroup(call, groupName);
    return { kind: "managementGroup", id: managementGroupId(managementGroup.name), managementGroup };
  }
  const [first = "", subscriptionId = "", groups, group = "", providers, ...resource] = scope
    .split("/")
    .filter(Boolean);
  if (first.toLowerCase() !== "subscriptions") throw badRequest(`The scope '${scope}' is not valid.`, "InvalidScope");
  const subscription = requireSubscription(call, subscriptionId);
  if (groups === undefined) {
    return { kind: "subscription", id: `/subscriptions/${subscription.id}`, subscription };
  }
  if (groups.toLowerCase() !== "resourcegroups") throw badRequest(`The scope '${scope}' is not valid.`, "InvalidScope");
  const found = requireGroup(call, subscriptionId, group);
  if (providers === undefined) return { kind: "resourceGroup", id: found.id, group: found };
  return requireResource(call, { s: subscriptionId, g: group }, resource, scope);
}

function requireResource(call: Call, params: Record<string, string>, resource: string[], scope: string): Scope {
  const [namespace = "", type = "", name = "", childType, childName] = resource;
  const fullType = `${namespace}/${type}`.toLowerCase();
  if (fullType === "microsoft.keyvault/vaults") {
    const vault = requireVault(call, { ...params, v: name });
    if (childType === undefined) return { kind: "vault", id: vault.id, vault };
    const object = call.model.objects.get(`${vault.id}/${childType}/${childName ?? ""}`);
    if (object && object.deletedAt === undefined) return { kind: "object", id: scope, vault };
  } else if (fullType === "microsoft.operationalinsights/workspaces" && childType === undefined) {
    const workspace = requireWorkspace(call, { ...params, w: name });
    return { kind: "workspace", id: workspace.id, workspace };
  }
  throw resourceNotFound(resource.join("/"), params.g ?? "");
}

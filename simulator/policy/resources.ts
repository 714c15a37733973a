import { normaliseScope } from "../access";
import { settingBody } from "../arm/diagnostic-body";
import { vaultProperties } from "../arm/vault-body";
import { workspaceProperties } from "../arm/workspaces";
import { ofVault } from "../by-vault";
import type { Context } from "../context";
import type { ResourceGroup, Subscription, Vault, Workspace } from "../model";
import type { Json, JsonObject } from "./json";
import type { PolicyResource } from "./language/scope";

/** A resource that policies judge, with what tells where it lies. */
export interface Target extends PolicyResource {
  /** The id, normalised. */
  key: string;
  /** Lower case. */
  subscriptionKey: string;
  /** Empty for a subscription. */
  groupName: string;
  /** Has tags and a location, which is what the mode Indexed asks for. */
  indexed: boolean;
}

const targets = new WeakMap<object, Target>();

/** Documents never change in place, so a target is made once for each. It must not keep the request alive. */
function targetOf(context: Context, document: object, make: (context: Context) => Target): Target {
  let target = targets.get(document);
  if (!target) {
    const { settings, identity, model, now, random } = context;
    target = make({ settings, identity, model, now, random });
    targets.set(document, target);
  }
  return target;
}

/** The properties that were read last: several conditions, of several rules, read one resource after the other. */
let latest: { document: object; properties: JsonObject } | undefined;

function once(document: object, make: () => object): JsonObject {
  if (latest?.document !== document) latest = { document, properties: plain(make()) };
  return latest.properties;
}

export function vaultTarget(context: Context, vault: Vault): Target {
  return targetOf(context, vault, (kept) =>
    inGroup(
      kept,
      vault,
      "Microsoft.KeyVault/vaults",
      () => once(vault, () => vaultProperties(kept, vault)),
      vault.tags,
    ),
  );
}

function workspaceTarget(context: Context, workspace: Workspace): Target {
  return targetOf(context, workspace, (kept) =>
    inGroup(
      kept,
      workspace,
      "Microsoft.OperationalInsights/workspaces",
      () => plain(workspaceProperties(workspace)),
      {},
    ),
  );
}

function inGroup(
  context: Context,
  document: Pick<Vault, "id" | "name" | "location" | "subscriptionId" | "resourceGroup">,
  type: string,
  properties: () => JsonObject,
  tags: Record<string, string>,
): Target {
  const { id, name, location, subscriptionId, resourceGroup: groupName } = document;
  return {
    ...base(context, id, name, type, subscriptionId),
    groupName,
    location,
    tags,
    indexed: true,
    properties,
    // Looked up when asked for: the tags of a group may change while the resource stays as it is.
    get resourceGroup() {
      const found = context.model.resourceGroups.get(`/subscriptions/${subscriptionId}/resourceGroups/${groupName}`);
      return found ?? { id: "", name: groupName, location, tags: {} };
    },
  };
}

export function groupTarget(context: Context, group: ResourceGroup): Target {
  return targetOf(context, group, (kept) => ({
    ...base(kept, group.id, group.name, "Microsoft.Resources/subscriptions/resourceGroups", group.subscriptionId),
    groupName: group.name,
    location: group.location,
    tags: group.tags,
    indexed: false,
    properties: () => ({ provisioningState: "Succeeded" }),
    resourceGroup: group,
  }));
}

function subscriptionTarget(context: Context, subscription: Subscription): Target {
  return targetOf(context, subscription, (kept) => ({
    ...base(
      kept,
      `/subscriptions/${subscription.id}`,
      subscription.name,
      "Microsoft.Resources/subscriptions",
      subscription.id,
    ),
    groupName: "",
    indexed: false,
    properties: () => ({ state: "Enabled" }),
  }));
}

function base(context: Context, id: string, name: string, type: string, subscriptionId: string) {
  return {
    id,
    key: normaliseScope(id),
    name,
    fullName: name,
    type,
    subscriptionKey: subscriptionId.toLowerCase(),
    get subscription() {
      return {
        id: `/subscriptions/${subscriptionId}`,
        subscriptionId,
        displayName: context.model.subscriptions.get(subscriptionId)?.name ?? "",
      };
    },
  };
}

/** Everything that policies judge here: vaults, workspaces, resource groups, subscriptions. */
export function* allTargets(context: Context): Generator<Target> {
  const { vaults, workspaces, resourceGroups, subscriptions } = context.model;
  for (const vault of vaults.values()) yield vaultTarget(context, vault);
  for (const workspace of workspaces.values()) yield workspaceTarget(context, workspace);
  for (const group of resourceGroups.values()) yield groupTarget(context, group);
  for (const subscription of subscriptions.values()) yield subscriptionTarget(context, subscription);
}

/** The target of a vault or resource group by its key, or undefined when it is not there. */
export function changeableTarget(context: Context, key: string): Target | undefined {
  const vault = context.model.vaults.get(key);
  if (vault) return vaultTarget(context, vault);
  const group = context.model.resourceGroups.get(key);
  return group && groupTarget(context, group);
}

/** What exists beside a resource, of a lower-case type: diagnostic settings of a vault, Defender plans of a subscription. */
export function relatedResources(context: Context, target: Target, type: string): PolicyResource[] {
  if (type === "microsoft.insights/diagnosticsettings") {
    return ofVault(context.model.diagnosticSettings, target.key).map((setting) => {
      const { id, name, properties } = settingBody(setting);
      return related(target, "Microsoft.Insights/diagnosticSettings", id, name, plain(properties));
    });
  }
  const scope = `/subscriptions/${target.subscription.subscriptionId}`;
  return [...context.model.pricingSettings.values()]
    .filter((setting) => setting.scope.toLowerCase() === scope.toLowerCase())
    .map(({ plan, tier, subPlan }) =>
      related(target, "Microsoft.Security/pricings", `${scope}/providers/Microsoft.Security/pricings/${plan}`, plan, {
        pricingTier: tier,
        ...(subPlan === undefined ? {} : { subPlan }),
      }),
    );
}

function related(target: Target, type: string, id: string, name: string, properties: JsonObject): PolicyResource {
  return { id, name, fullName: name, type, properties: () => properties, subscription: target.subscription };
}

/** ARM bodies are plain JSON; their types only lack the index signature. */
function plain(body: object): JsonObject {
  const result: JsonObject = {};
  for (const [key, value] of Object.entries(body)) result[key] = value satisfies Json;
  return result;
}

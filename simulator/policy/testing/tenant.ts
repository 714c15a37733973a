import { type ArmTenant, makeArmTenant, SUBSCRIPTION } from "../../arm/test-context";
import type { Delays } from "../../context";
import type { Principal } from "../../model";
import { managementGroupId } from "../hierarchy";
import { type Json, type JsonObject, policyRule } from "../json";

/*
 * The small tenant of the control plane's tests with management groups over it: a root, `corp` below it with the first
 * subscription, and `other` with nothing. Compliance takes 15 minutes, as in Azure.
 */

export const MINUTE = 60_000;
export const DAY = 24 * 60 * MINUTE;
export const POLICY_DELAY = 15 * MINUTE;
export const SUBSCRIPTION_SCOPE = `/subscriptions/${SUBSCRIPTION}`;
export const CORP = managementGroupId("corp");
export const TAG_CONTRIBUTOR = "4a9ae827-6dc8-4573-8ac7-8239d42aa03f";

type Answer = Awaited<ReturnType<ArmTenant["send"]>>;

export interface PolicyTenant extends ArmTenant {
  /** Owner of everything. */
  owner: Principal;
  /** As the owner; the versions are those of the API descriptions. */
  ask(method: string, path: string, body?: unknown, as?: Principal): Promise<Answer>;
  /** Stores a definition at the subscription (or `scope`); answers its id. */
  define(
    name: string,
    condition: Json,
    outcome: JsonObject,
    more?: { parameters?: JsonObject; mode?: string; scope?: string },
  ): Promise<string>;
  /** Assigns at the subscription (or `scope`); answers the id. */
  apply(name: string, definitionId: string, properties?: JsonObject, scope?: string): Promise<string>;
  /** Compliance of each resource by its name, as the latest states have it; `name (reference)` in an initiative. */
  states(assignment?: string): Promise<Record<string, string>>;
}

const VERSIONS: readonly [RegExp, string][] = [
  [/policyExemptions/i, "2022-07-01-preview"],
  [/policy(SetDefinitions|Definitions|Assignments)/i, "2024-05-01"],
  [/PolicyInsights/i, "2024-10-01"],
  [/Microsoft\.Management/i, "2021-04-01"],
];

export function makePolicyTenant(delays: Partial<Delays> = {}): PolicyTenant {
  const tenant = makeArmTenant({ delays: { policy: POLICY_DELAY, ...delays } });
  const { model, identity } = tenant.context;
  const at = { updatedAt: 0, updatedBy: "" };
  model.managementGroups.put(identity.tenantId, { ...at, name: identity.tenantId, displayName: "Root" });
  for (const name of ["corp", "other"]) {
    model.managementGroups.put(name, { ...at, name, displayName: name, parent: identity.tenantId });
  }
  model.subscriptionPlacements.put(SUBSCRIPTION, { subscriptionId: SUBSCRIPTION, group: "corp" });
  model.roleDefinitions.put(TAG_CONTRIBUTOR, {
    id: TAG_CONTRIBUTOR,
    name: "Tag Contributor",
    actions: ["Microsoft.Resources/tags/*", "Microsoft.Resources/deployments/*"],
    notActions: [],
    dataActions: [],
    notDataActions: [],
    custom: false,
  });
  const owner = tenant.person("owner");
  tenant.assign(owner, tenant.role({ actions: ["*"] }), managementGroupId(identity.tenantId));
  const ask: PolicyTenant["ask"] = (method, path, body, as = owner) => {
    const type =
      path
        .split("?")[0]
        ?.split(/\/providers\//i)
        .pop() ?? "";
    const version = VERSIONS.find(([word]) => word.test(type))?.[1];
    const query = version === undefined ? "" : `${path.includes("?") ? "&" : "?"}api-version=${version}`;
    return tenant.send(as, method, `${path}${query}`, body);
  };
  const apply: PolicyTenant["apply"] = async (
    name,
    policyDefinitionId,
    properties = {},
    scope = SUBSCRIPTION_SCOPE,
  ) => {
    const { identity: given, location, ...rest } = properties;
    const id = `${scope}/providers/Microsoft.Authorization/policyAssignments/${name}`;
    const body = { ...(given ? { identity: given, location } : {}), properties: { policyDefinitionId, ...rest } };
    succeeded(await ask("PUT", id, body));
    return id;
  };
  return {
    ...tenant,
    owner,
    ask,
    apply,
    define: async (
      name,
      condition,
      outcome,
      { parameters = {}, mode = "Indexed", scope = SUBSCRIPTION_SCOPE } = {},
    ) => {
      const id = `${scope}/providers/Microsoft.Authorization/policyDefinitions/${name}`;
      const properties = { mode, parameters, policyRule: policyRule(condition, outcome) };
      succeeded(await ask("PUT", id, { properties }));
      return id;
    },
    states: async (assignment) => {
      const filter = assignment === undefined ? "" : `?$filter=policyAssignmentName eq '${assignment}'`;
      const answer = await ask(
        "POST",
        `${SUBSCRIPTION_SCOPE}/providers/Microsoft.PolicyInsights/policyStates/latest/queryResults${filter}`,
      );
      succeeded(answer);
      const rows: unknown = answer.body.value;
      return Object.fromEntries(Array.isArray(rows) ? rows.map(stateOf) : []);
    },
  };
}

function stateOf(row: Record<string, string>): [string, string] {
  const name = row.resourceId?.split("/").pop() ?? "";
  const reference = row.policyDefinitionReferenceId;
  return [reference ? `${name} (${reference})` : name, row.complianceState ?? ""];
}

function succeeded({ status, body }: Answer): void {
  if (status >= 300) throw new Error(`${status} ${JSON.stringify(body)}`);
}

/** The condition that a resource is a vault. */
export const IS_VAULT = { field: "type", equals: "Microsoft.KeyVault/vaults" };

/** `PATCH` of a tag of a vault, merged. */
export function tagPatch(tags: Record<string, string>) {
  return { operation: "Merge", properties: { tags } };
}

/** Where the tags of a resource are written. */
export function tagsOf(id: string): string {
  return `${id}/providers/Microsoft.Resources/tags/default`;
}

/** The details of a modify effect that adds one tag. */
export function addTag(name: string, value: string, operation = "add"): JsonObject {
  return {
    roleDefinitionIds: [`/providers/Microsoft.Authorization/roleDefinitions/${TAG_CONTRIBUTOR}`],
    operations: [{ operation, field: `tags['${name}']`, value }],
  };
}

export const WITH_IDENTITY = { identity: { type: "SystemAssigned" }, location: "westeurope" };

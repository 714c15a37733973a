import type { Context } from "../context";
import type { GroupPlan } from "../world/groups";
import { worldGuid, worldIds } from "../world/ids";
import { ROLES } from "../world/roles";
import type { Authorship, PolicyAssignment } from "./documents";
import { managementGroupId } from "./hierarchy";
import { policyRule } from "./json";

const DAY = 86_400_000;

/** Names of the management groups below the tenant's root, with their place. */
const GROUPS: readonly [name: string, displayName: string, parent?: string][] = [
  ["contoso-platform", "Platform"],
  ["contoso-workloads", "Workloads"],
  ["contoso-production", "Production", "contoso-workloads"],
  ["contoso-nonproduction", "Non-Production", "contoso-workloads"],
];

const BUILT_IN = "/providers/Microsoft.Authorization";

/**
 * The management groups of the estate and the policies that any estate has: Microsoft's benchmark over everything, some
 * audits of Key Vault, an initiative of the company's own and one exemption. The administrator owns the root.
 */
export function createPolicies(context: Context, groups: readonly GroupPlan[]): void {
  const authorship: Authorship = written(context, 200);
  createGroups(context, authorship);
  ownRoot(context, authorship);
  createInitiative(context, authorship);
  createAssignments(context);
  createExemption(context, groups);
}

function written(context: Context, days: number): Authorship {
  const at = context.identity.firstStart - days * DAY;
  const by = worldIds(context).personas.administrator;
  return { createdAt: at, createdBy: by, updatedAt: at, updatedBy: by };
}

function createGroups(context: Context, { updatedAt, updatedBy }: Authorship): void {
  const { model, identity } = context;
  const root = identity.tenantId;
  model.managementGroups.put(root, { name: root, displayName: "Tenant Root Group", updatedAt, updatedBy });
  for (const [name, displayName, parent = root] of GROUPS) {
    model.managementGroups.put(name, { name, displayName, parent, updatedAt, updatedBy });
  }
  for (const { id, name } of model.subscriptions.values()) {
    const group = /Platform$/.test(name)
      ? "contoso-platform"
      : /Non-Production/.test(name)
        ? "contoso-nonproduction"
        : "contoso-production";
    model.subscriptionPlacements.put(id, { subscriptionId: id, group });
  }
}

function ownRoot(context: Context, { createdAt, createdBy }: Authorship): void {
  const scope = managementGroupId(context.identity.tenantId);
  const name = worldGuid(context, "assignment/root/administrator");
  const id = `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`;
  context.model.roleAssignments.put(id, {
    id,
    name,
    scope,
    principalId: createdBy,
    principalType: "User",
    roleDefinitionId: `/providers/Microsoft.Authorization/roleDefinitions/${ROLES.owner}`,
    createdAt,
    createdBy,
  });
}

function home(context: Context): string {
  return `${managementGroupId(context.identity.tenantId)}/providers/Microsoft.Authorization`;
}

function createInitiative(context: Context, authorship: Authorship): void {
  const { model } = context;
  const definitionId = `${home(context)}/policyDefinitions/kv-owner-tag`;
  model.policyDefinitions.put(definitionId, {
    ...authorship,
    id: definitionId,
    name: "kv-owner-tag",
    mode: "Indexed",
    displayName: "Key vaults should name their owner",
    description: "A vault without the tag 'owner' has nobody to ask.",
    metadata: { category: "Key Vault", version: "1.0.0" },
    version: "1.0.0",
    parameters: {},
    policyRule: policyRule(
      {
        allOf: [
          { field: "type", equals: "Microsoft.KeyVault/vaults" },
          { field: "tags['owner']", exists: "false" },
        ],
      },
      { effect: "audit" },
    ),
  });
  const id = `${home(context)}/policySetDefinitions/kv-baseline`;
  model.policySetDefinitions.put(id, {
    ...authorship,
    id,
    name: "kv-baseline",
    displayName: "Contoso Key Vault baseline",
    description: "What every vault of the company should keep to.",
    metadata: { category: "Key Vault", version: "1.0.0" },
    version: "1.0.0",
    parameters: {},
    members: [
      { referenceId: "ownerTag", policyDefinitionId: definitionId, parameters: {}, groupNames: [] },
      {
        referenceId: "rbacModel",
        policyDefinitionId: `${BUILT_IN}/policyDefinitions/12d4fa5e-1f9f-4c21-97a9-b99b3c6611b5`,
        parameters: { effect: { value: "Audit" } },
        groupNames: [],
      },
    ],
    groups: [],
  });
}

function createAssignments(context: Context): void {
  const root = managementGroupId(context.identity.tenantId);
  assign(context, root, "mcsb", `${BUILT_IN}/policySetDefinitions/1f3afdf9-d0c9-4c3d-847f-89da613e70a8`, {
    displayName: "Microsoft cloud security benchmark",
  });
  assign(
    context,
    managementGroupId("contoso-workloads"),
    "kv-baseline",
    `${home(context)}/policySetDefinitions/kv-baseline`,
    {
      displayName: "Contoso Key Vault baseline",
      nonComplianceMessages: [
        { message: "Every vault names its owner in a tag.", policyDefinitionReferenceId: "ownerTag" },
      ],
    },
  );
  const [platform] = worldIds(context).subscriptions;
  assign(
    context,
    `/subscriptions/${platform}`,
    "kv-resource-logs",
    `${BUILT_IN}/policyDefinitions/cf820ca0-f99e-4f3e-84fb-66e913812d21`,
    {
      displayName: "Resource logs in Key Vault should be enabled",
      parameters: { requiredRetentionDays: "0" },
    },
  );
}

function assign(
  context: Context,
  scope: string,
  name: string,
  policyDefinitionId: string,
  more: Partial<Pick<PolicyAssignment, "displayName" | "nonComplianceMessages" | "parameters">>,
): void {
  const id = `${scope}/providers/Microsoft.Authorization/policyAssignments/${name}`;
  context.model.policyAssignments.put(id, {
    ...written(context, 180),
    id,
    name,
    scope,
    policyDefinitionId,
    notScopes: [],
    parameters: {},
    metadata: { assignedBy: "Adam Admin" },
    enforcementMode: "Default",
    nonComplianceMessages: [],
    resourceSelectors: [],
    overrides: [],
    ...more,
  });
}

/** One team moves to roles later than the others, and was given a year for it. */
function createExemption(context: Context, groups: readonly GroupPlan[]): void {
  const group = groups.find(({ subscriptionIndex }) => subscriptionIndex !== 0);
  if (!group) return;
  const id = `${group.id}/providers/Microsoft.Authorization/policyExemptions/rbac-later`;
  const assigned = `${managementGroupId("contoso-workloads")}/providers/Microsoft.Authorization/policyAssignments/kv-baseline`;
  context.model.policyExemptions.put(id, {
    ...written(context, 90),
    id,
    name: "rbac-later",
    scope: group.id,
    policyAssignmentId: assigned,
    referenceIds: ["rbacModel"],
    category: "Waiver",
    expiresOn: context.identity.firstStart + 275 * DAY,
    displayName: "Access policies until the move to roles",
    resourceSelectors: [],
    scopeValidation: "Default",
  });
}

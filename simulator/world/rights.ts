import type { Context } from "../context";
import type { AccessPolicy, Principal, RoleAssignment } from "../model";
import type { GroupPlan } from "./groups";
import { worldGuid, worldIds } from "./ids";
import type { VaultPlan } from "./plan";
import { serviceIdentity, sharedIdentity, teamPrincipals } from "./principals";
import { ROLES } from "./roles";

const DAY = 86_400_000;

/** GUID of the assignment that lets somebody of a team use the vaults of one resource group; `keys` is the workload's. */
export function teamAssignmentId(
  context: Context,
  group: GroupPlan,
  who: "workload" | "keys" | "pipeline" | "contact",
): string {
  return worldGuid(context, `assignment/${group.id}/${who}`);
}

/** Whether the person who looks after a group's vaults may also see what is in them. */
export function contactMayRead(group: GroupPlan): boolean {
  return group.index % 2 === 0;
}

/** GUID of the assignment that lets the estate's backup read the secrets or keys of a whole subscription. */
export function backupAssignmentId(context: Context, subscriptionId: string, kind: "secret" | "key"): string {
  return worldGuid(context, `assignment/backup/${subscriptionId}/${kind}`);
}

/** GUID of the assignment that lets the copying agent read one vault's secrets. */
export function syncAssignmentId(context: Context, vault: VaultPlan): string {
  return worldGuid(context, `assignment/sync/${vault.index}`);
}

/** Fills the role assignments: personas, the product's identities, and the teams on their own resource groups. */
export function createRoleAssignments(context: Context, groups: GroupPlan[], vaults: VaultPlan[]): void {
  const ids = worldIds(context);
  const { owner, analyst, administrator } = ids.personas;
  const everywhere = ids.subscriptions.map((id) => `/subscriptions/${id}`);
  const assign = assigner(context);
  const { bare = false } = context.settings;

  for (const scope of everywhere) {
    assign(scope, administrator, "User", ROLES.owner);
    assign(scope, analyst, "User", ROLES.reader);
    assignIdentity(assign, context, "collector", scope, ROLES.reader);
    if (!bare) assignIdentity(assign, context, "registrar", scope, ROLES.tagContributor);
    const granter = serviceIdentity(context, "granter");
    assign(scope, granter.oid, granter.kind, ids.grantRoleId, {
      mayAssign: [
        {
          roleDefinitionIds: [ids.plantRoleId, ids.retireRoleId],
          principalIds: [ids.identities.planter.objectId],
        },
        { roleDefinitionIds: [ROLES.secretsUser, ROLES.vaultReader], principalIds: [ids.identities.drill.objectId] },
      ],
    });
  }
  assignShared(assign, context, vaults);
  assign(ids.workspace.resourceId, owner, "User", ids.logDeliveryRoleId);
  assign(ids.workspace.resourceId, analyst, "User", ROLES.logReader);
  assign(ids.workspace.resourceId, analyst, "User", ROLES.sentinelResponder);
  assignIdentity(assign, context, "collector", everywhere[0] ?? "", ROLES.vaultReader);
  if (!bare) {
    assignIdentity(assign, context, "collector", ids.workspace.resourceId, ROLES.logReader);
    assignIdentity(assign, context, "collector", ids.workspace.resourceId, ROLES.sentinelReader);
    assignIdentity(assign, context, "registrar", ids.workspace.resourceId, ROLES.sentinelContributor);
  }

  for (const group of groups) {
    if (group.ownerRights === "contributor") {
      assign(group.id, owner, "User", ROLES.vaultContributor);
      assign(group.id, owner, "User", ROLES.monitoringContributor);
      assign(group.id, owner, "User", ROLES.tagContributor);
    } else if (group.ownerRights === "reader") assign(group.id, owner, "User", ROLES.reader);
    const { workload, pipeline, contact } = teamPrincipals(context, group.team);
    assign(group.id, workload.oid, workload.kind, ROLES.secretsUser, {
      name: teamAssignmentId(context, group, "workload"),
    });
    assign(group.id, pipeline.oid, pipeline.kind, ROLES.secretsOfficer, {
      name: teamAssignmentId(context, group, "pipeline"),
    });
    assign(group.id, workload.oid, workload.kind, ROLES.cryptoUser, { name: teamAssignmentId(context, group, "keys") });
    assign(group.id, contact.oid, contact.kind, ROLES.contributor);
    if (contactMayRead(group)) {
      assign(group.id, contact.oid, contact.kind, ROLES.vaultAdministrator, {
        name: teamAssignmentId(context, group, "contact"),
      });
    }
  }
}

/** The backup everywhere, the copying agent where it copies. */
function assignShared(assign: Assign, context: Context, vaults: VaultPlan[]): void {
  const backup = sharedIdentity(context, "backup");
  for (const id of worldIds(context).subscriptions) {
    const give = (kind: "secret" | "key", role: string) =>
      assign(`/subscriptions/${id}`, backup.oid, backup.kind, role, { name: backupAssignmentId(context, id, kind) });
    give("secret", ROLES.secretsOfficer);
    give("key", ROLES.cryptoOfficer);
  }
  const sync = sharedIdentity(context, "sync");
  for (const vault of vaults) {
    if (vault.bulkReader !== "sync" || vault.model !== "rbac") continue;
    assign(vault.id, sync.oid, sync.kind, ROLES.secretsUser, { name: syncAssignmentId(context, vault) });
  }
}

/** The policy list of a vault that decides by access policies: the team's applications, pipeline and contact. */
export function teamPolicies(context: Context, group: GroupPlan): AccessPolicy[] {
  const { workload, pipeline, contact } = teamPrincipals(context, group.team);
  const policy = (principal: Principal, permissions: AccessPolicy["permissions"]): AccessPolicy => ({
    tenantId: context.identity.tenantId,
    objectId: principal.oid,
    permissions,
  });
  return [
    policy(workload, {
      secrets: ["get", "list"],
      keys: ["get", "list", "encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey"],
    }),
    policy(pipeline, { secrets: ["get", "list", "set", "delete"], keys: ["get", "list", "create"] }),
    policy(contact, {
      secrets: [...(contactMayRead(group) ? ["get"] : []), "list", "delete", "recover"],
      keys: ["list", "delete"],
      certificates: ["list"],
    }),
    ...(group.environment === "prod" ? [sharedPolicy(context, "backup")] : []),
  ];
}

/** What a vault with access policies has in its list beside its team, for the machine that reads all of it. */
export function readerPolicies(context: Context, vault: VaultPlan): AccessPolicy[] {
  if (vault.bulkReader === "sync") return [sharedPolicy(context, "sync")];
  const listed = vault.group.environment === "prod";
  return vault.bulkReader === "backup" && !listed ? [sharedPolicy(context, "backup")] : [];
}

function sharedPolicy(context: Context, which: "backup" | "sync"): AccessPolicy {
  const all = ["get", "list", "backup"];
  return {
    tenantId: context.identity.tenantId,
    objectId: sharedIdentity(context, which).oid,
    permissions: which === "backup" ? { secrets: all, keys: all } : { secrets: ["get", "list"] },
  };
}

type Assign = (
  scope: string,
  principalId: string,
  principalType: RoleAssignment["principalType"],
  roleId: string,
  more?: { name?: string; mayAssign?: RoleAssignment["mayAssign"] },
) => void;

function assigner(context: Context): Assign {
  const { administrator } = worldIds(context).personas;
  const createdAt = context.identity.firstStart - 120 * DAY;
  return (scope, principalId, principalType, roleId, more = {}) => {
    const name = more.name ?? worldGuid(context, `assignment/${scope}/${principalId}/${roleId}`);
    const id = `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`;
    const subscription = /^\/subscriptions\/[^/]+/.exec(scope)?.[0] ?? "";
    context.model.roleAssignments.put(id, {
      id,
      name,
      scope,
      principalId,
      principalType,
      roleDefinitionId: `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${roleId}`,
      createdAt,
      createdBy: administrator,
      ...(more.mayAssign && { mayAssign: more.mayAssign }),
    });
  };
}

function assignIdentity(
  assign: Assign,
  context: Context,
  name: Parameters<typeof serviceIdentity>[1],
  scope: string,
  roleId: string,
): void {
  const { oid, kind } = serviceIdentity(context, name);
  assign(scope, oid, kind, roleId);
}

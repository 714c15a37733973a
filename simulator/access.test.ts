import { describe, expect, test } from "vitest";
import { mayControl, mayData, mayDelegate, permissionsAt, scopeCovers } from "./access";
import {
  callerOf,
  GROUP,
  GROUP_TWIN,
  makeArmTenant,
  NOON,
  RBAC_VAULT,
  SUBSCRIPTION,
  TENANT,
  VAULT,
} from "./arm/test-context";
import type { AccessPolicy, Principal, Vault } from "./model";

const GET_SECRET = "Microsoft.KeyVault/vaults/secrets/getSecret/action";
const SET_SECRET = "Microsoft.KeyVault/vaults/secrets/setSecret/action";

function vaultOf(tenant: ReturnType<typeof makeArmTenant>, id: string): Vault {
  const vault = tenant.context.model.vaults.get(id);
  if (!vault) throw new Error("no vault");
  return vault;
}

function policy(to: Principal, permissions: AccessPolicy["permissions"]): AccessPolicy {
  return { tenantId: TENANT, objectId: to.oid, permissions };
}

describe("role assignments", () => {
  test("an action is inherited down the scope by whole segments, never by text", () => {
    const tenant = makeArmTenant();
    const reader = callerOf(tenant.personWith(["Microsoft.KeyVault/vaults/read"], GROUP));
    expect(mayControl(tenant.context, reader, "microsoft.keyvault/vaults/READ", VAULT.toUpperCase())).toBe(true);
    expect(mayControl(tenant.context, reader, "Microsoft.KeyVault/vaults/read", `${GROUP_TWIN}/x`)).toBe(false);
    expect(mayControl(tenant.context, reader, "Microsoft.KeyVault/vaults/read", `/subscriptions/${SUBSCRIPTION}`)).toBe(
      false,
    );
    expect(mayControl(tenant.context, reader, "Microsoft.KeyVault/vaults/write", VAULT)).toBe(false);
    expect(scopeCovers("", "/subscriptions/x")).toBe(true);
  });

  test("what a role excludes it does not give, but another role may", () => {
    const tenant = makeArmTenant();
    const someone = tenant.person("ann");
    tenant.assign(someone, tenant.role({ actions: ["*"], notActions: ["Microsoft.Authorization/*/Write"] }), GROUP);
    const action = "Microsoft.Authorization/roleAssignments/write";
    expect(mayControl(tenant.context, callerOf(someone), action, VAULT)).toBe(false);
    expect(mayControl(tenant.context, callerOf(someone), "Microsoft.KeyVault/vaults/write", VAULT)).toBe(true);
    tenant.assign(someone, tenant.role({ actions: [action] }), VAULT);
    expect(mayControl(tenant.context, callerOf(someone), action, VAULT)).toBe(true);
  });

  test("control-plane rights give no data rights", () => {
    const tenant = makeArmTenant();
    const owner = callerOf(tenant.personWith(["*"], GROUP));
    expect(mayData(tenant.context, owner, GET_SECRET, vaultOf(tenant, RBAC_VAULT)).allowed).toBe(false);
  });

  test("a new assignment reaches the data plane only after the delay, and a removed one ends at once", () => {
    const tenant = makeArmTenant({ delays: { grant: 600_000 } });
    const planter = tenant.person("planter");
    const assignment = tenant.assign(planter, tenant.role({ dataActions: [SET_SECRET] }), RBAC_VAULT);
    const decide = () => mayData(tenant.context, callerOf(planter), SET_SECRET, vaultOf(tenant, RBAC_VAULT), "db");
    expect(decide()).toEqual({ allowed: false, byPolicy: false });
    tenant.advance(600_000);
    expect(decide()).toEqual({ allowed: true, assignmentId: assignment.name, byPolicy: false });
    tenant.context.model.roleAssignments.delete(assignment.id);
    expect(decide().allowed).toBe(false);
  });

  test("a role on one secret counts for that secret only", () => {
    const tenant = makeArmTenant();
    const app = tenant.person("app");
    tenant.assign(app, tenant.role({ dataActions: [GET_SECRET] }), `${RBAC_VAULT}/secrets/Db-Password`);
    const decide = (name?: string) =>
      mayData(tenant.context, callerOf(app), GET_SECRET, vaultOf(tenant, RBAC_VAULT), name).allowed;
    expect([decide("db-password"), decide("db-password-2"), decide()]).toEqual([true, false, false]);
  });

  test("permissions list one entry per assignment at or above the scope", () => {
    const tenant = makeArmTenant();
    const someone = tenant.person("ann");
    tenant.assign(someone, tenant.role({ actions: ["*/read"] }), `/subscriptions/${SUBSCRIPTION}`);
    tenant.assign(someone, tenant.role({ actions: ["a/b"], dataActions: [SET_SECRET] }), VAULT);
    const lists = permissionsAt(tenant.context, callerOf(someone), VAULT).map(({ actions }) => actions);
    expect(lists).toEqual([["*/read"], ["a/b"]]);
    expect(permissionsAt(tenant.context, callerOf(someone), GROUP)).toHaveLength(1);
  });
});

describe("constrained delegation", () => {
  test("only the named role for the named principal may be assigned", () => {
    const tenant = makeArmTenant();
    const granter = tenant.person("granter");
    const [plant, read, other] = [tenant.role({}), tenant.role({}), tenant.role({})];
    const planter = tenant.person("planter");
    const role = tenant.role({ actions: ["Microsoft.Authorization/roleAssignments/*"] });
    const reader = tenant.person("reader");
    const [mine, theirs] = [
      { roleDefinitionIds: [plant], principalIds: [planter.oid] },
      { roleDefinitionIds: [read], principalIds: [reader.oid] },
    ];
    tenant.assign(granter, role, GROUP, [mine, theirs]);
    const ask = (roleDefinitionId: string, principalId: string, scope = VAULT) =>
      mayDelegate(tenant.context, callerOf(granter), "roleAssignments/write", scope, { roleDefinitionId, principalId });
    expect(ask(`/subscriptions/x/providers/y/roleDefinitions/${plant.toUpperCase()}`, planter.oid)).toBe("yes");
    expect(ask(other, planter.oid)).toBe("condition");
    expect(ask(plant, granter.oid)).toBe("condition");
    expect(ask(read, reader.oid)).toBe("yes");
    // Each clause stands for itself: a role of one is not for the principal of another.
    expect(ask(read, planter.oid)).toBe("condition");
    expect(ask(plant, planter.oid, `/subscriptions/${SUBSCRIPTION}`)).toBe("no");
    expect(mayControl(tenant.context, callerOf(granter), "Microsoft.Authorization/roleAssignments/write", VAULT)).toBe(
      false,
    );
  });
});

describe("access policies", () => {
  function decide(permissions: AccessPolicy["permissions"], action: string, name?: string) {
    const tenant = makeArmTenant();
    const someone = tenant.person("ann");
    const vault = { ...vaultOf(tenant, VAULT), accessPolicies: [policy(someone, permissions)] };
    return mayData(tenant.context, callerOf(someone), `Microsoft.KeyVault/vaults/${action}`, vault, name).allowed;
  }

  test("data actions map onto permissions of their own object type", () => {
    expect(decide({ secrets: ["Get"] }, "secrets/getSecret/action", "x")).toBe(true);
    expect(decide({ keys: ["get"] }, "secrets/getSecret/action", "x")).toBe(false);
    expect(decide({ secrets: ["get"] }, "secrets/readMetadata/action")).toBe(false);
    expect(decide({ secrets: ["list"] }, "secrets/readMetadata/action")).toBe(true);
    expect(decide({ keys: ["list"] }, "keys/read")).toBe(true);
    expect(decide({ keys: ["list"] }, "keys/read", "x")).toBe(false);
    expect(decide({ keys: ["wrapKey"] }, "keys/wrap/action", "x")).toBe(true);
    expect(decide({ secrets: ["set"] }, "secrets/update/action", "x")).toBe(true);
  });

  test("all does not include purge", () => {
    expect(decide({ secrets: ["all"] }, "secrets/delete", "x")).toBe(true);
    expect(decide({ secrets: ["all"] }, "secrets/purge/action", "x")).toBe(false);
    expect(decide({ secrets: ["purge"] }, "secrets/purge/action", "x")).toBe(true);
  });

  test("a vault with role-based access ignores its policies, and the other way round", () => {
    const tenant = makeArmTenant();
    const someone = tenant.person("ann");
    const policies = [policy(someone, { secrets: ["all"] })];
    const rbac = { ...vaultOf(tenant, RBAC_VAULT), accessPolicies: policies };
    expect(mayData(tenant.context, callerOf(someone), GET_SECRET, rbac)).toEqual({ allowed: false, byPolicy: false });
    tenant.assign(someone, tenant.role({ dataActions: [GET_SECRET] }), VAULT);
    const decision = mayData(tenant.context, callerOf(someone), GET_SECRET, vaultOf(tenant, VAULT));
    expect(decision).toEqual({ allowed: false, byPolicy: true });
  });

  test("a new permission waits until the last list without it has expired; a removed one ends at once", () => {
    const tenant = makeArmTenant();
    const someone = tenant.person("ann");
    const withSet = [policy(someone, { secrets: ["set"] })];
    const vault = { ...vaultOf(tenant, VAULT), accessPolicies: withSet };
    const added = { ...vault, policyHistory: [{ until: NOON + 1000, accessPolicies: [] }] };
    const removed = { ...vault, accessPolicies: [], policyHistory: [{ until: NOON + 1000, accessPolicies: withSet }] };
    const ask = (target: Vault) => mayData(tenant.context, callerOf(someone), SET_SECRET, target, "x").allowed;
    expect([ask(added), ask(removed)]).toEqual([false, false]);
    tenant.advance(1000);
    expect([ask(added), ask(removed)]).toEqual([true, false]);
  });

  test("an entry for an application counts only in a token of that application", () => {
    const tenant = makeArmTenant();
    const someone = tenant.person("ann");
    const entry = { ...policy(someone, { secrets: ["get"] }), applicationId: TENANT };
    const vault = { ...vaultOf(tenant, VAULT), accessPolicies: [entry] };
    expect(mayData(tenant.context, callerOf(someone), GET_SECRET, vault).allowed).toBe(false);
    expect(mayData(tenant.context, { ...callerOf(someone), appId: TENANT }, GET_SECRET, vault).allowed).toBe(true);
  });
});

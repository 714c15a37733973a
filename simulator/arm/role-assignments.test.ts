import { describe, expect, test } from "vitest";
import type { Principal } from "../model";
import { GROUP, makeArmTenant, RBAC_VAULT, SUBSCRIPTION, VAULT } from "./test-context";

const ROOT = `/subscriptions/${SUBSCRIPTION}`;
const ASSIGNMENTS = "/providers/Microsoft.Authorization/roleAssignments";
const NAME = "12345678-1234-4234-8234-123456789012";
const OTHER_NAME = "22345678-1234-4234-8234-123456789012";

function setUp() {
  const tenant = makeArmTenant();
  const owner = tenant.personWith(["*"], ROOT);
  const planter = tenant.person("planter");
  const plant = tenant.role({ dataActions: ["Microsoft.KeyVault/vaults/secrets/setSecret/action"] });
  const put = (as: Principal, name: string, properties: object, scope = RBAC_VAULT) =>
    tenant.send(as, "PUT", `${scope}${ASSIGNMENTS}/${name}`, { properties });
  const wanted = {
    roleDefinitionId: `${ROOT}/providers/Microsoft.Authorization/roleDefinitions/${plant}`,
    principalId: planter.oid,
    principalType: "User",
  };
  return { tenant, owner, planter, plant, put, wanted };
}

describe("role assignments", () => {
  test("put makes one, the same again is fine, another name for the same is a conflict", async () => {
    const { tenant, owner, planter, plant, put, wanted } = setUp();
    const made = await put(owner, NAME, wanted);
    expect(made.status).toBe(201);
    expect(made.body.properties).toMatchObject({
      principalId: planter.oid,
      scope: RBAC_VAULT,
      roleDefinitionId: `${ROOT}/providers/Microsoft.Authorization/roleDefinitions/${plant}`,
      createdBy: owner.oid,
    });
    expect((await put(owner, NAME, wanted)).status).toBe(200);
    const again = await put(owner, OTHER_NAME, wanted);
    expect([again.status, again.body.error?.code]).toEqual([409, "RoleAssignmentExists"]);
    const changed = await put(owner, NAME, { ...wanted, principalId: owner.oid });
    expect([changed.status, changed.body.error?.code]).toEqual([400, "RoleAssignmentUpdateNotPermitted"]);
    expect((await tenant.send(owner, "GET", `${RBAC_VAULT}${ASSIGNMENTS}/${NAME}`)).body.name).toBe(NAME);
  });

  test("delete answers what was deleted, then 204; get is 404", async () => {
    const { tenant, owner, put, wanted } = setUp();
    await put(owner, NAME, wanted);
    const path = `${RBAC_VAULT}${ASSIGNMENTS}/${NAME}`;
    const statuses = [];
    for (const method of ["DELETE", "DELETE", "GET"]) statuses.push((await tenant.send(owner, method, path)).status);
    expect(statuses).toEqual([200, 204, 404]);
  });

  test("an unknown role, principal, kind of principal, name or scope is refused", async () => {
    const { owner, put, wanted } = setUp();
    const code = async (name: string, properties: object, scope?: string) =>
      (await put(owner, name, properties, scope)).body.error?.code;
    expect(await code("decoy", wanted)).toBe("InvalidRoleAssignmentId");
    expect(await code(NAME, { ...wanted, roleDefinitionId: NAME })).toBe("RoleDefinitionDoesNotExist");
    expect(await code(NAME, { ...wanted, principalId: NAME })).toBe("PrincipalNotFound");
    expect(await code(NAME, { ...wanted, principalType: "ServicePrincipal" })).toBe("UnmatchedPrincipalType");
    expect(await code(NAME, wanted, `${RBAC_VAULT}x`)).toBe("ResourceNotFound");
    expect(await code(NAME, { principalId: wanted.principalId })).toBe("InvalidRequestContent");
  });

  test("a constrained granter may give and take the plant role of the planter, and nothing else", async () => {
    const { tenant, owner, planter, plant, put, wanted } = setUp();
    const granter = tenant.person("granter");
    const rights = tenant.role({
      actions: ["Microsoft.Authorization/roleAssignments/write", "Microsoft.Authorization/roleAssignments/delete"],
    });
    tenant.assign(granter, rights, ROOT, [{ roleDefinitionIds: [plant], principalIds: [planter.oid] }]);
    const other = tenant.role({ actions: ["*"] });
    const foreign = tenant.assign(owner, other, VAULT);

    const refused = await put(granter, OTHER_NAME, { ...wanted, roleDefinitionId: other });
    expect(refused.status).toBe(403);
    expect(String(refused.body.error?.message)).toContain("ABAC condition that is not fulfilled");
    expect((await put(granter, OTHER_NAME, { ...wanted, principalId: granter.oid })).status).toBe(403);
    expect((await tenant.send(granter, "DELETE", foreign.id)).status).toBe(403);
    expect((await put(granter, NAME, wanted)).status).toBe(201);
    expect((await tenant.send(granter, "DELETE", `${RBAC_VAULT}${ASSIGNMENTS}/${NAME}`)).status).toBe(200);
    expect((await tenant.send(granter, "DELETE", `${RBAC_VAULT}${ASSIGNMENTS}/${NAME}`)).status).toBe(204);
    expect((await tenant.send(granter, "GET", `${RBAC_VAULT}${ASSIGNMENTS}`)).status).toBe(403);
    expect((await put(planter, NAME, wanted)).body.error?.code).toBe("AuthorizationFailed");
  });

  test("the list at a scope includes above and below; atScope() leaves out below; a principal narrows it", async () => {
    const { tenant, owner, planter, plant } = setUp();
    tenant.assign(planter, plant, RBAC_VAULT);
    tenant.assign(planter, plant, GROUP);
    const scopes = async (filter: string, scope = GROUP) => {
      const { body } = await tenant.send(owner, "GET", `${scope}${ASSIGNMENTS}?$filter=${encodeURIComponent(filter)}`);
      return JSON.parse(JSON.stringify(body.value)).map(
        (found: { properties: { scope: string } }) => found.properties.scope,
      );
    };
    expect((await scopes("")).sort()).toEqual([ROOT, GROUP, RBAC_VAULT].sort());
    expect((await scopes("atScope()")).sort()).toEqual([ROOT, GROUP].sort());
    expect((await scopes(`principalId eq '${planter.oid}'`)).sort()).toEqual([GROUP, RBAC_VAULT].sort());
    expect(await scopes(`atScope() and assignedTo('${planter.oid}')`)).toEqual([GROUP]);
    const bad = await tenant.send(owner, "GET", `${GROUP}${ASSIGNMENTS}?$filter=contains(name)`);
    expect(bad.status).toBe(400);
  });

  test("definitions are listed by name and type, and found from any scope", async () => {
    const { tenant, owner, plant } = setUp();
    const path = `${ROOT}/providers/Microsoft.Authorization/roleDefinitions`;
    const found = await tenant.send(owner, "GET", `${path}?$filter=roleName eq 'role ${plant}'`);
    expect(found.body.value).toHaveLength(1);
    expect((await tenant.send(owner, "GET", `${path}?$filter=type eq 'BuiltInRole'`)).body.value).toEqual([]);
    expect(
      (await tenant.send(owner, "GET", `${RBAC_VAULT}/providers/Microsoft.Authorization/roleDefinitions/${plant}`))
        .status,
    ).toBe(200);
    expect((await tenant.send(owner, "GET", `${path}/${NAME}`)).status).toBe(404);
  });

  test("anybody may ask for the own permissions; who has none gets an empty list, also where nothing is", async () => {
    const { tenant, planter, plant } = setUp();
    const ask = (scope: string) =>
      tenant.send(planter, "GET", `${scope}/providers/Microsoft.Authorization/permissions`);
    expect((await ask(VAULT)).body.value).toEqual([]);
    expect((await ask(`${VAULT}-missing`)).body.value).toEqual([]);
    tenant.assign(planter, plant, RBAC_VAULT);
    expect((await ask(RBAC_VAULT)).body.value).toMatchObject([
      { actions: [], dataActions: ["Microsoft.KeyVault/vaults/secrets/setSecret/action"] },
    ]);
  });
});

import { describe, expect, test } from "vitest";
import { mayControl, mayData } from "../access";
import type { Context } from "../context";
import type { Principal } from "../model";
import { roleScheduleEnds } from "./role-schedule-ends";
import { callerOf, GROUP, makeArmTenant, RBAC_VAULT, SUBSCRIPTION } from "./test-context";

const ROOT = `/subscriptions/${SUBSCRIPTION}`;
const PROVIDER = "/providers/Microsoft.Authorization";
const REQUESTS = `${PROVIDER}/roleAssignmentScheduleRequests`;
const SET = "Microsoft.KeyVault/vaults/secrets/setSecret/action";
const MINUTE = 60_000;
const name = (digit: number) => `${digit}2345678-1234-4234-8234-123456789012`;

function setUp(options: Parameters<typeof makeArmTenant>[0] = {}) {
  const tenant = makeArmTenant(options);
  const owner = tenant.personWith(["*"], ROOT);
  const planter = tenant.person("planter");
  const plant = tenant.role({ dataActions: [SET] });
  const wanted = {
    roleDefinitionId: `${ROOT}${PROVIDER}/roleDefinitions/${plant}`,
    principalId: planter.oid,
    requestType: "AdminAssign",
    justification: "for a test",
    scheduleInfo: { expiration: { type: "AfterDuration", duration: "PT30M" } },
  };
  const put = (as: Principal, digit: number, properties: object, scope = GROUP) =>
    tenant.send(as, "PUT", `${scope}${REQUESTS}/${name(digit)}`, { properties });
  const works = () => {
    const vault = tenant.context.model.vaults.get(RBAC_VAULT);
    if (!vault) throw new Error("no vault");
    return mayData(tenant.context, callerOf(planter), SET, vault).allowed;
  };
  const instances = async () => {
    const filter = encodeURIComponent(`principalId eq '${planter.oid}'`);
    const path = `${GROUP}${PROVIDER}/roleAssignmentScheduleInstances?$filter=${filter}`;
    return JSON.parse(JSON.stringify((await tenant.send(owner, "GET", path)).body.value));
  };
  return { tenant, owner, planter, plant, wanted, put, works, instances };
}

/** What the clock does when it gets there. */
async function endWhatIsDue(context: Context): Promise<void> {
  const chore = roleScheduleEnds(context);
  for (let at = await chore.due(context.now(), 0); at !== undefined; at = await chore.due(context.now(), 0)) {
    await chore.run(at);
  }
}

describe("time-bound role assignments", () => {
  test("one works from its request to its end, and no longer", async () => {
    const { tenant, owner, planter, wanted, put, works, instances } = setUp();
    const made = await put(owner, 1, wanted);
    expect(made.status).toBe(201);
    expect(made.body.properties).toMatchObject({ status: "Provisioned", requestType: "AdminAssign", scope: GROUP });
    expect(works()).toBe(true);
    expect(await instances()).toMatchObject([
      { properties: { principalId: planter.oid, scope: GROUP, endDateTime: "2026-10-01T12:30:00.0000000Z" } },
    ]);
    tenant.advance(30 * MINUTE - 1);
    expect(works()).toBe(true);
    tenant.advance(1);
    // Also before the document is gone.
    expect(works()).toBe(false);
    expect(await instances()).toEqual([]);
    await endWhatIsDue(tenant.context);
    expect([...tenant.context.model.roleAssignments.values()].filter((one) => one.schedule)).toEqual([]);
  });

  test("the same name, a second one, and a plain one beside it are conflicts; the request can be read and listed", async () => {
    const { tenant, owner, wanted, put } = setUp();
    await put(owner, 1, wanted);
    expect((await put(owner, 1, wanted)).body.error?.code).toBe("RoleAssignmentScheduleRequestExists");
    const second = await put(owner, 2, wanted);
    expect([second.status, second.body.error?.code]).toEqual([409, "RoleAssignmentExists"]);
    const { roleDefinitionId, principalId } = wanted;
    const plain = { properties: { roleDefinitionId, principalId } };
    const beside = await tenant.send(owner, "PUT", `${GROUP}${PROVIDER}/roleAssignments/${name(3)}`, plain);
    expect(beside.body.error?.code).toBe("RoleAssignmentExists");
    expect((await tenant.send(owner, "GET", `${GROUP}${REQUESTS}/${name(1)}`)).body.name).toBe(name(1));
    expect((await tenant.send(owner, "GET", `${GROUP}${REQUESTS}/${name(2)}`)).status).toBe(404);
    const listed = await tenant.send(owner, "GET", `${RBAC_VAULT}${REQUESTS}?$filter=atScope()`);
    expect(listed.body.value).toHaveLength(1);
  });

  test("it is prolonged, and taken back no sooner than the least time", async () => {
    const { tenant, owner, wanted, put, works } = setUp({ delays: { roleScheduleMinimum: 5 * MINUTE } });
    await put(owner, 1, wanted);
    const early = await put(owner, 2, { ...wanted, requestType: "AdminRemove", scheduleInfo: undefined });
    expect([early.status, early.body.error?.code]).toEqual([400, "ActiveDurationTooShort"]);
    tenant.advance(20 * MINUTE);
    const endDateTime = new Date(tenant.context.now() + 30 * MINUTE).toISOString();
    const scheduleInfo = { expiration: { type: "AfterDateTime", endDateTime } };
    expect((await put(owner, 3, { ...wanted, requestType: "AdminExtend", scheduleInfo })).status).toBe(201);
    tenant.advance(29 * MINUTE);
    expect(works()).toBe(true);
    const removed = await put(owner, 2, { ...wanted, requestType: "AdminRemove", scheduleInfo: undefined });
    expect(removed.body.properties).toMatchObject({ status: "Revoked" });
    expect(works()).toBe(false);
    const again = await put(owner, 4, { ...wanted, requestType: "AdminRemove", scheduleInfo: undefined });
    expect(again.body.error?.code).toBe("RoleAssignmentDoesNotExist");
    const late = await put(owner, 5, { ...wanted, requestType: "AdminExtend" });
    expect(late.body.error?.code).toBe("RoleAssignmentDoesNotExist");
  });

  test("what the form, the rules of the role or the licence do not allow is refused", async () => {
    const { owner, wanted, put } = setUp();
    const code = async (change: object, scope?: string) =>
      (await put(owner, 1, { ...wanted, ...change }, scope)).body.error?.code;
    const lasting = (expiration: object) => ({ scheduleInfo: { expiration } });
    expect(await code({ requestType: "SelfActivate" })).toBe("InvalidRequestContent");
    expect(await code({ scheduleInfo: undefined })).toBe("InvalidRequestContent");
    expect(await code(lasting({ type: "AfterDuration", duration: "30 minutes" }))).toBe("InvalidRequestContent");
    expect(await code(lasting({ type: "AfterDuration", duration: "PT" }))).toBe("InvalidRequestContent");
    expect(await code(lasting({ type: "AfterDuration", duration: "PT4M" }))).toBe("ActiveDurationTooShort");
    expect(await code({ justification: undefined })).toBe("RoleAssignmentRequestPolicyValidationFailed");
    expect(await code({ roleDefinitionId: name(1) })).toBe("RoleDefinitionDoesNotExist");
    expect(await code({ principalId: name(1) })).toBe("PrincipalNotFound");
    expect(await code({}, `${RBAC_VAULT}x`)).toBe("ResourceNotFound");
    const poor = setUp({ withoutP2: true });
    expect((await poor.put(poor.owner, 1, poor.wanted)).body.error?.code).toBe("AadPremiumLicenseRequired");
    expect(poor.works()).toBe(false);
  });

  test("it takes a right of its own, which constrained delegation narrows to a role and a principal", async () => {
    const { tenant, owner, planter, plant, wanted, put } = setUp();
    const granter = tenant.person("granter");
    const rights = tenant.role({ actions: [`${PROVIDER.slice(11)}/roleAssignmentScheduleRequests/write`] });
    tenant.assign(granter, rights, ROOT, [{ roleDefinitionIds: [plant], principalIds: [planter.oid] }]);
    const plain = tenant.personWith(["Microsoft.Authorization/roleAssignments/write"], ROOT);
    expect((await put(plain, 1, wanted)).status).toBe(403);
    const refused = await put(granter, 1, { ...wanted, principalId: owner.oid });
    expect(String(refused.body.error?.message)).toContain("ABAC condition that is not fulfilled");
    expect((await put(granter, 1, { ...wanted, roleDefinitionId: tenant.role({ actions: ["*"] }) })).status).toBe(403);
    expect((await put(granter, 1, wanted)).status).toBe(201);
    expect((await tenant.send(granter, "GET", `${GROUP}${REQUESTS}`)).status).toBe(403);
    expect(mayControl(tenant.context, callerOf(granter), "Microsoft.Authorization/roleAssignments/write", ROOT)).toBe(
      false,
    );
  });
});

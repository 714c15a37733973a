import { beforeEach, describe, expect, test } from "vitest";
import { GROUP, makeVault, VAULT } from "../arm/test-context";
import type { RoleAssignment } from "../model";
import {
  addTag,
  IS_VAULT,
  MINUTE,
  makePolicyTenant,
  POLICY_DELAY,
  type PolicyTenant,
  SUBSCRIPTION_SCOPE,
  TAG_CONTRIBUTOR,
  tagsOf,
  WITH_IDENTITY,
} from "./testing/tenant";

const TASK = `${SUBSCRIPTION_SCOPE}/providers/Microsoft.PolicyInsights/remediations/tag`;

let tenant: PolicyTenant;
let assignment: string;

beforeEach(async () => {
  tenant = makePolicyTenant();
  const missing = { allOf: [IS_VAULT, { field: "tags['KVReview']", exists: "false" }] };
  const definition = await tenant.define("tag", missing, {
    effect: "modify",
    details: addTag("KVReview", "ReviewNeeded"),
  });
  assignment = await tenant.apply("tag", definition, WITH_IDENTITY);
  tenant.advance(POLICY_DELAY);
});

/** Gives the assignment's identity a role, through ARM as an administrator would. */
async function grant(scope = SUBSCRIPTION_SCOPE): Promise<RoleAssignment | undefined> {
  const { body } = await tenant.ask("GET", assignment);
  const id = `${scope}/providers/Microsoft.Authorization/roleAssignments/00000000-0000-4000-8000-000000000001`;
  const properties = {
    roleDefinitionId: TAG_CONTRIBUTOR,
    principalId: body.identity?.principalId,
    principalType: "ServicePrincipal",
  };
  const answer = await tenant.send(tenant.owner, "PUT", `${id}?api-version=2022-04-01`, { properties });
  expect(answer.status).toBe(201);
  return tenant.context.model.roleAssignments.get(id);
}

async function start(properties = {}) {
  return tenant.ask("PUT", TASK, { properties: { policyAssignmentId: assignment, ...properties } });
}

async function progress() {
  const { body } = await tenant.ask("GET", TASK);
  const { totalDeployments, successfulDeployments, failedDeployments } = body.properties?.deploymentStatus ?? {};
  return [body.properties?.provisioningState, totalDeployments, successfulDeployments, failedDeployments];
}

const tagged = () =>
  [...tenant.context.model.vaults.values()].filter(({ tags }) => tags.KVReview === "ReviewNeeded").length;

describe("remediation", () => {
  test("goes on with the time, changes the vaults as the assignment's identity, and the states follow", async () => {
    await grant();
    expect((await start({ parallelDeployments: 2 })).status).toBe(201);
    expect(await progress()).toEqual(["Accepted", 0, 0, 0]);
    tenant.advance(MINUTE);
    expect(await progress()).toEqual(["InProgress", 3, 0, 0]);
    tenant.advance(MINUTE);
    expect(await progress()).toEqual(["InProgress", 3, 2, 0]);
    expect(tagged()).toBe(2);
    tenant.advance(MINUTE);
    expect(await progress()).toEqual(["Succeeded", 3, 3, 0]);
    expect(tagged()).toBe(3);
    expect(await tenant.states("tag")).toMatchObject({ "kv-one": "NonCompliant" });
    tenant.advance(POLICY_DELAY);
    expect(await tenant.states("tag")).toEqual({
      "kv-one": "Compliant",
      "kv-rbac": "Compliant",
      "kv-two": "Compliant",
    });
    const principal = (await tenant.ask("GET", assignment)).body.identity?.principalId;
    const rows = [...tenant.context.model.logRows.values()].filter(({ values }) => values.Caller === principal);
    expect(
      rows.filter(({ values }) => values.ActivityStatusValue === "Success").map(({ values }) => values._ResourceId),
    ).toHaveLength(3);
  });

  test("without a role every deployment fails, and says why", async () => {
    await start();
    tenant.advance(5 * MINUTE);
    expect(await progress()).toEqual(["Failed", 3, 0, 3]);
    const { body } = await tenant.ask("POST", `${TASK}/listDeployments`);
    expect(body.value?.[0]).toMatchObject({ status: "Failed", error: { code: "AuthorizationFailed" } });
    expect(tagged()).toBe(0);
  });

  test("with a role on one resource group, that one is put right; the threshold stops the rest", async () => {
    await grant(GROUP);
    await start();
    tenant.advance(5 * MINUTE);
    expect(await progress()).toEqual(["Succeeded", 3, 2, 1]);
    for (let i = 0; i < 20; i++) {
      const id = `${GROUP}-two/providers/Microsoft.KeyVault/vaults/kv-two-${String(i).padStart(2, "0")}`;
      tenant.context.model.vaults.put(id, makeVault(id));
    }
    await start({
      resourceDiscoveryMode: "ReEvaluateCompliance",
      failureThreshold: { percentage: 0.2 },
      parallelDeployments: 5,
    });
    expect(await progress()).toEqual(["Evaluating", 0, 0, 0]);
    tenant.advance(POLICY_DELAY + 10 * MINUTE);
    expect(await progress()).toEqual(["Failed", 21, 0, 5]);
  });

  test("chooses by location, by resource and by number", async () => {
    await grant();
    await start({ filters: { locations: ["northeurope"] } });
    tenant.advance(5 * MINUTE);
    expect(await progress()).toEqual(["Succeeded", 0, 0, 0]);
    await start({ filters: { resourceIds: [VAULT.toUpperCase()] } });
    tenant.advance(5 * MINUTE);
    expect(await progress()).toEqual(["Succeeded", 1, 1, 0]);
    await start({ resourceCount: 1, resourceDiscoveryMode: "ReEvaluateCompliance" });
    tenant.advance(POLICY_DELAY + 5 * MINUTE);
    expect(await progress()).toEqual(["Succeeded", 1, 1, 0]);
    expect(tagged()).toBe(2);
  });

  test("is cancelled between two steps, and deleted only when it is over", async () => {
    await grant();
    await start({ parallelDeployments: 1 });
    tenant.advance(2 * MINUTE);
    expect((await tenant.ask("DELETE", TASK)).status).toBe(400);
    expect((await tenant.ask("POST", `${TASK}/cancel`)).body.properties?.provisioningState).toBe("Cancelling");
    tenant.advance(10 * MINUTE);
    expect(await progress()).toEqual(["Canceled", 3, 1, 0]);
    expect(tagged()).toBe(1);
    expect((await tenant.ask("POST", `${TASK}/cancel`)).status).toBe(400);
    expect((await tenant.ask("DELETE", TASK)).status).toBe(200);
    expect((await tenant.ask("DELETE", TASK)).status).toBe(204);
    expect(tenant.context.model.remediationDeployments.size).toBe(0);
  });

  test("is refused for an audit, an unknown assignment, an initiative without a reference, and by strangers", async () => {
    const audit = await tenant.apply("audit", await tenant.define("audit", IS_VAULT, { effect: "audit" }));
    const refused = async (properties: object) => (await tenant.ask("PUT", TASK, { properties })).body.error?.code;
    expect(await refused({ policyAssignmentId: audit })).toBe("InvalidCreateRemediationRequest");
    expect(await refused({ policyAssignmentId: `${audit}-x` })).toBe("InvalidCreateRemediationRequest");
    expect(await refused({ policyAssignmentId: assignment, parallelDeployments: 31 })).toBe("InvalidRequestContent");
    const nobody = await tenant.ask(
      "PUT",
      TASK,
      { properties: { policyAssignmentId: assignment } },
      tenant.person("nobody"),
    );
    expect(nobody.status).toBe(403);
    expect((await tenant.ask("GET", `${tagsOf(VAULT)}?api-version=2024-03-01`)).body.properties?.tags).toEqual({});
  });
});

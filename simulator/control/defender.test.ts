import { describe, expect, test } from "vitest";
import { makeArmTenant, SUBSCRIPTION, VAULT } from "../arm/test-context";
import type { Context } from "../context";
import { AzureError, Router, type SimRequest } from "../http";
import { testRequest } from "../test-tenant";
import { routeDefenderControl } from "./defender";

function setUp() {
  const tenant = makeArmTenant();
  const { context } = tenant;
  context.model.pricingSettings.put(`/subscriptions/${SUBSCRIPTION}/KeyVaults`, {
    scope: `/subscriptions/${SUBSCRIPTION}`,
    plan: "KeyVaults",
    tier: "Standard",
    subPlan: "PerKeyVault",
  });
  const router = new Router<{ request: SimRequest; context: Context }>();
  routeDefenderControl(router);
  const raise = (body: unknown) => {
    const request = { ...testRequest("POST", "/sim/defender/alerts"), json: () => body };
    const match = router.match("POST", request.path);
    if (typeof match === "string") throw new Error("There is such a route.");
    try {
      return match.handler({ request, context }, match.params);
    } catch (error) {
      if (error instanceof AzureError) return error.toResponse();
      throw error;
    }
  };
  return { tenant, context, raise };
}

describe("raising a Defender alert", () => {
  test("writes the alert that was asked for, about the vault and its caller", async () => {
    const { tenant, context, raise } = setUp();
    const caller = tenant.person("intruder");
    const answer = await raise({
      vault: "KV-ONE",
      alertType: "kv_listgetanomaly",
      caller: caller.oid,
      address: "192.0.2.5",
    });
    expect(answer.status).toBe(201);
    const [alert] = [...context.model.defenderAlerts.values()];
    expect(alert).toMatchObject({
      alertType: "KV_ListGetAnomaly",
      resourceId: VAULT,
      status: "Active",
      severity: "Medium",
    });
    expect(alert?.entities).toContainEqual(expect.objectContaining({ aadUserId: caller.oid, type: "account" }));
  });

  test("invents no kind, no vault and no coverage", async () => {
    const { context, raise } = setUp();
    expect((await raise({ vault: "kv-one", alertType: "KV_MassSecretRetrieval" })).status).toBe(400);
    expect((await raise({ vault: "kv-nine", alertType: "KV_UserAnomaly" })).status).toBe(404);
    expect((await raise({ vault: "kv-one", alertType: "KV_UserAnomaly", caller: "nobody" })).status).toBe(400);
    expect((await raise(null)).status).toBe(400);
    context.model.pricingSettings.delete(`/subscriptions/${SUBSCRIPTION}/KeyVaults`);
    expect((await raise({ vault: VAULT, alertType: "KV_UserAnomaly" })).status).toBe(409);
    expect(context.model.defenderAlerts.size).toBe(0);
  });
});

import { describe, expect, test } from "vitest";
import { GROUP, NOON, VAULT } from "../arm/test-context";
import { ALERT_TYPES } from "./alert-types";
import { DAY, PLAN, ROOT, SECURITY, setUp } from "./testing/set-up";

describe("plans", () => {
  test("the plan of Key Vault is bought per vault, and its trial runs down by the tenant's clock", async () => {
    const { tenant, send } = setUp();
    expect((await send("GET", PLAN)).body.properties).toMatchObject({
      pricingTier: "Free",
      resourcesCoverageStatus: "NotCovered",
      freeTrialRemainingTime: "P30D",
    });
    const put = await send("PUT", PLAN, { properties: { pricingTier: "Standard", subPlan: "PerKeyVault" } });
    expect(put.status).toBe(200);
    tenant.advance(DAY + 3_600_000);
    const { body } = await send("GET", PLAN);
    expect(body.properties).toMatchObject({
      subPlan: "PerKeyVault",
      resourcesCoverageStatus: "FullyCovered",
      enforce: "False",
      freeTrialRemainingTime: "P28DT23H",
      enablementTime: "2026-10-01T12:00:00.0000000Z",
    });
    expect(body.properties).not.toHaveProperty("inherited");
  });

  test("the plan per transaction is no longer sold, asked for or implied; where it is on it stays", async () => {
    const { tenant, send } = setUp();
    for (const properties of [
      { pricingTier: "Standard", subPlan: "PerTransaction" },
      { pricingTier: "Standard" },
      { pricingTier: "Standard", subPlan: "PerPlanet" },
      { pricingTier: "Gold" },
    ]) {
      expect((await send("PUT", PLAN, { properties })).status).toBe(400);
    }
    tenant.context.model.pricingSettings.put(`${ROOT}/KeyVaults`, {
      scope: ROOT,
      plan: "KeyVaults",
      tier: "Standard",
      subPlan: "PerTransaction",
      enabledAt: NOON,
    });
    expect((await send("PUT", PLAN, { properties: { pricingTier: "Standard" } })).body.properties).toMatchObject({
      subPlan: "PerTransaction",
    });
  });

  test("an older version tells less, and a vault has no plan of its own", async () => {
    const { send } = setUp();
    const old = await send("GET", `${PLAN}?api-version=2022-03-01`);
    expect(Object.keys(old.body.properties ?? {}).sort()).toEqual(["freeTrialRemainingTime", "pricingTier"]);
    expect((await send("GET", `${VAULT}/providers/Microsoft.Security/pricings`)).status).toBe(400);
    expect((await send("GET", `${SECURITY}/pricings/Unheard`)).status).toBe(404);
    const list = await send("GET", `${SECURITY}/pricings?$filter=plans eq 'KeyVaults,Arm'`);
    expect(list.body.value).toHaveLength(2);
  });

  test("extensions are replaced as a whole", async () => {
    const { send } = setUp();
    const path = `${SECURITY}/pricings/CloudPosture`;
    const put = (extensions: { name: string; isEnabled: string }[]) =>
      send("PUT", path, { properties: { pricingTier: "Standard", extensions } });
    await put([
      { name: "AgentlessVmScanning", isEnabled: "True" },
      { name: "ApiPosture", isEnabled: "False" },
    ]);
    await put([{ name: "ApiPosture", isEnabled: "True" }]);
    expect((await send("GET", path)).body.properties?.extensions).toEqual([{ name: "ApiPosture", isEnabled: "True" }]);
  });

  test("a reader cannot buy a plan, and a stranger cannot see one", async () => {
    const { tenant, send } = setUp();
    const reader = tenant.personWith(["Microsoft.Security/*/read"], ROOT);
    const put = await send("PUT", PLAN, { properties: { pricingTier: "Free" } }, reader);
    expect([put.status, put.body.error?.code]).toEqual([403, "AuthorizationFailed"]);
    expect((await send("GET", PLAN, undefined, tenant.person("stranger"))).status).toBe(403);
  });
});

describe("alerts", () => {
  test("the fourteen kinds are those of the reference, none of them of high severity", () => {
    expect(ALERT_TYPES).toHaveLength(14);
    expect(new Set(ALERT_TYPES.map(({ alertType }) => alertType)).size).toBe(14);
    expect(ALERT_TYPES.filter(({ severity }) => severity !== "Medium").map(({ severity }) => severity)).toEqual([
      "Low",
      "Low",
      "Low",
    ]);
  });

  test("an alert is found at its subscription, group and location, and nowhere else", async () => {
    const { send, raise } = setUp();
    const { name, location } = raise();
    for (const path of [
      `${SECURITY}/alerts`,
      `${GROUP}/providers/Microsoft.Security/alerts`,
      `${SECURITY}/locations/${location}/alerts`,
    ]) {
      expect((await send("GET", `${path}?api-version=2022-01-01`)).body.value).toMatchObject([{ name }]);
    }
    const twin = GROUP.replace("rg-app", "rg-app-two");
    expect(
      (await send("GET", `${twin}/providers/Microsoft.Security/alerts?api-version=2022-01-01`)).body.value,
    ).toEqual([]);
    expect((await send("GET", `${SECURITY}/locations/northeurope/alerts`)).body.value).toEqual([]);
    expect((await send("GET", `${SECURITY}/locations/${location}/alerts/no-such-alert`)).status).toBe(404);
    expect(
      (await send("GET", `${twin}/providers/Microsoft.Security/locations/${location}/alerts/${name}`)).status,
    ).toBe(404);
  });

  test("each change of state answers 204 and shows; in progress exists in the newest version only", async () => {
    const { tenant, send, raise } = setUp();
    const { name, location } = raise();
    const path = `${GROUP}/providers/Microsoft.Security/locations/${location}/alerts/${name}`;
    const status = async (version = "2022-01-01") =>
      (await send("GET", `${path}?api-version=${version}`)).body.properties?.status;
    for (const [verb, after] of [
      ["dismiss", "Dismissed"],
      ["activate", "Active"],
      ["resolve", "Resolved"],
      ["inProgress", "InProgress"],
    ]) {
      expect((await send("POST", `${path}/${verb}`)).status).toBe(204);
      expect(await status()).toBe(after);
    }
    expect(await status("2021-11-01")).toBe("Active");
    expect((await send("POST", `${path}/inProgress?api-version=2021-11-01`)).status).toBe(400);
    const reader = tenant.personWith(["*/read"], ROOT);
    expect((await send("POST", `${path}/dismiss`, undefined, reader)).status).toBe(403);
  });

  test("sample alerts name a vault that does not exist; only the known bundles are taken", async () => {
    const { send } = setUp();
    const simulate = (bundles: unknown, version = "2022-01-01") =>
      send("POST", `${SECURITY}/locations/westeurope/alerts/default/simulate?api-version=${version}`, {
        properties: { kind: "Bundles", bundles },
      });
    const accepted = await simulate(["KeyVaults", "DNS"]);
    expect(accepted.status).toBe(202);
    const location = new URL(accepted.headers?.location ?? "");
    expect((await send("GET", location.pathname + location.search)).status).toBe(200);
    const { value } = (await send("GET", `${SECURITY}/alerts?api-version=2022-01-01`)).body;
    expect(value?.[0]?.properties).toMatchObject({ compromisedEntity: "Sample-KV" });
    expect((await simulate(["KeyVaults"], "2021-11-01")).status).toBe(204);
    for (const wrong of [[], ["Everything"], "KeyVaults", null]) expect((await simulate(wrong)).status).toBe(400);
  });

  test("an alert reaches the table SecurityAlert with its entities as text", () => {
    const { tenant, raise } = setUp();
    raise("KV_TORAccess", VAULT, "192.0.2.7");
    const rows = [...tenant.context.model.logRows.values()].filter(({ table }) => table === "SecurityAlert");
    expect(rows[0]?.values).toMatchObject({ AlertType: "KV_TORAccess", ProviderName: "Azure Security Center" });
    expect(JSON.parse(String(rows[0]?.values.Entities))).toContainEqual(
      expect.objectContaining({ address: "192.0.2.7" }),
    );
  });
});

describe("suppression rules", () => {
  const rule = (more: object) => ({
    properties: { alertType: "KV_UserAnomaly", reason: "Noise", state: "Enabled", ...more },
  });
  const path = `${SECURITY}/alertsSuppressionRules/quiet`;

  test("dismisses what fits from then on, until it expires", async () => {
    const { tenant, send, raise } = setUp();
    const before = raise();
    const scope = { allOf: [{ field: "entities.ip.address", in: ["192.0.2.9"] }] };
    const expirationDateUtc = new Date(NOON + DAY).toISOString();
    expect((await send("PUT", path, rule({ expirationDateUtc, suppressionAlertsScope: scope }))).status).toBe(200);
    expect(raise("KV_UserAnomaly", VAULT, "192.0.2.9")).toMatchObject({ status: "Dismissed", suppressedBy: "quiet" });
    expect(raise("KV_UserAnomaly", VAULT, "192.0.2.10").status).toBe("Active");
    expect(raise("KV_AppAnomaly", VAULT, "192.0.2.9").status).toBe("Active");
    expect(before.status).toBe("Active");
    tenant.advance(DAY);
    expect((await send("GET", path)).body.properties?.state).toBe("Expired");
    expect(raise("KV_UserAnomaly", VAULT, "192.0.2.9").status).toBe("Active");
    expect((await send("DELETE", path)).status).toBe(204);
    expect((await send("GET", path)).status).toBe(404);
  });

  test("takes types of which the subscription had an alert, and all of them at once", async () => {
    const { send, raise } = setUp();
    const refused = await send("PUT", path, rule({}));
    expect([refused.status, refused.body.error?.code]).toEqual([400, "InvalidAlertType"]);
    expect((await send("PUT", path, rule({ alertType: "*" }))).status).toBe(200);
    raise();
    expect((await send("PUT", path, rule({ alertType: "kv_useranomaly" }))).status).toBe(200);
  });

  test("refuses names, states, dates and conditions that mean nothing", async () => {
    const { send, raise } = setUp();
    raise();
    expect((await send("PUT", `${SECURITY}/alertsSuppressionRules/x`, rule({}))).status).toBe(400);
    for (const more of [
      { state: "Asleep" },
      { reason: undefined },
      { expirationDateUtc: "tomorrow" },
      { expirationDateUtc: new Date(NOON - 1).toISOString() },
      { suppressionAlertsScope: { allOf: [{ field: "entities.ip.address" }] } },
      { suppressionAlertsScope: { allOf: [] } },
    ]) {
      expect((await send("PUT", path, rule(more))).status).toBe(400);
    }
  });
});

describe("automations", () => {
  const path = `${GROUP}/providers/Microsoft.Security/automations/tell-us`;
  const automation = (more: object = {}) => ({
    location: "westeurope",
    properties: {
      isEnabled: true,
      scopes: [{ scopePath: GROUP }],
      sources: [
        {
          eventSource: "Alerts",
          ruleSets: [
            {
              rules: [
                { propertyJPath: "$.AlertType", propertyType: "String", expectedValue: "kv_", operator: "StartsWith" },
                { propertyJPath: "Severity", propertyType: "String", expectedValue: "Medium", operator: "Equals" },
              ],
            },
          ],
        },
      ],
      actions: [
        {
          actionType: "LogicApp",
          logicAppResourceId: `${GROUP}/providers/Microsoft.Logic/workflows/x`,
          uri: "https://example.org/run?sig=hidden",
        },
      ],
      ...more,
    },
  });

  test("answers the alerts that fit, in its scope, and shows no address that triggers anything", async () => {
    const { tenant, send, raise } = setUp();
    const put = await send("PUT", path, automation());
    expect(put.status).toBe(201);
    expect(JSON.stringify([put.body, (await send("GET", path)).body])).not.toContain("hidden");
    const hit = raise();
    raise("KV_UserAccessDeniedAnomaly");
    raise("KV_UserAnomaly", VAULT.replace("rg-app", "rg-app-two"));
    expect([...tenant.context.model.automationRuns.values()]).toMatchObject([
      { alertName: hit.name, actionTypes: ["LogicApp"] },
    ]);
  });

  test("a rule for alerts of high severity never fires: Key Vault has none", async () => {
    const { tenant, send, raise } = setUp();
    const rules = [{ propertyJPath: "Severity", propertyType: "String", expectedValue: "High", operator: "Equals" }];
    await send("PUT", path, automation({ sources: [{ eventSource: "Alerts", ruleSets: [{ rules }] }] }));
    for (const { alertType } of ALERT_TYPES) raise(alertType);
    expect(tenant.context.model.automationRuns.size).toBe(0);
  });

  test("validation tells what is missing, and a put with it is refused", async () => {
    const { send } = setUp();
    const hub = {
      actionType: "EventHub",
      eventHubResourceId: `${GROUP}/providers/Microsoft.EventHub/namespaces/n/eventhubs/h`,
      connectionString: "",
    };
    const validate = async (body: unknown) => (await send("POST", `${path}/validate`, body)).body;
    expect(await validate(automation())).toEqual({ isValid: true, message: "Validation Successful" });
    expect(await validate(automation({ actions: [hub] }))).toMatchObject({ isValid: false });
    expect((await send("PUT", path, automation({ actions: [hub] }))).status).toBe(400);
    for (const wrong of [
      { scopes: [] },
      { sources: [{ eventSource: "Everything" }] },
      { actions: [{ actionType: "Pigeon" }] },
    ]) {
      expect((await send("PUT", path, automation(wrong))).status).toBe(400);
    }
    expect((await send("DELETE", path)).status).toBe(204);
  });
});

import { describe, expect, test } from "vitest";
import { GROUP, makeArmTenant, NOON, RBAC_VAULT, SUBSCRIPTION, VAULT, WORKSPACE } from "../arm/test-context";
import { raiseAlert } from "./alert-store";
import { ALERT_TYPES } from "./alert-types";

const ROOT = `/subscriptions/${SUBSCRIPTION}`;
const SECURITY = `${ROOT}/providers/Microsoft.Security`;
const PLAN = `${SECURITY}/pricings/KeyVaults`;
const DAY = 86_400_000;

function setUp() {
  const tenant = makeArmTenant();
  const admin = tenant.personWith(["Microsoft.Security/*", "*/read"], ROOT);
  const send = (method: string, path: string, body?: unknown, as = admin) => tenant.send(as, method, path, body);
  const raise = (alertType = "KV_UserAnomaly", vaultId = VAULT, address?: string) => {
    const type = ALERT_TYPES.find((known) => known.alertType === alertType);
    if (!type) throw new Error(`There is no alert type ${alertType}.`);
    return raiseAlert(tenant.context, {
      type,
      vaultId,
      startTime: NOON - 60_000,
      endTime: NOON,
      ...(address === undefined ? {} : { address }),
    });
  };
  return { tenant, admin, send, raise };
}

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

  test("refuses names, states, dates and conditions that mean nothing", async () => {
    const { send } = setUp();
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

describe("assessments", () => {
  const key = "88bbc99c-e5af-ddd7-6105-6150b2bfa519";
  const one = (vault: string, name = key) => `${vault}/providers/Microsoft.Security/assessments/${name}`;

  test("follow the estate: a vault that begins to log becomes healthy", async () => {
    const { tenant, send } = setUp();
    const code = async () => (await send("GET", one(VAULT))).body.properties?.status?.code;
    expect(await code()).toBe("Unhealthy");
    const owner = tenant.personWith(["*"], ROOT);
    const setting = { properties: { workspaceId: WORKSPACE, logs: [{ categoryGroup: "audit", enabled: true }] } };
    await tenant.send(owner, "PUT", `${VAULT}/providers/Microsoft.Insights/diagnosticSettings/audit`, setting);
    expect(await code()).toBe("Healthy");
    expect((await send("GET", one(RBAC_VAULT))).body.properties?.status?.code).toBe("Unhealthy");
  });

  test("lists hold what lies below the scope and may be read", async () => {
    const { tenant, send } = setUp();
    const count = async (scope: string, as?: Parameters<typeof send>[3]) =>
      (await send("GET", `${scope}/providers/Microsoft.Security/assessments`, undefined, as)).body.value;
    expect(await count(VAULT)).toHaveLength(4);
    expect(await count(GROUP)).toHaveLength(8);
    expect(await count(ROOT)).toHaveLength(13);
    const groupReader = tenant.personWith(["*/read"], GROUP);
    expect(await count(ROOT, groupReader)).toHaveLength(8);
    const stranger = await send(
      "GET",
      `${ROOT}/providers/Microsoft.Security/assessments`,
      undefined,
      tenant.person("x"),
    );
    expect(stranger.status).toBe(403);
  });

  test("metadata and link are shown when they are asked for", async () => {
    const { send } = setUp();
    const expanded = await send("GET", `${one(VAULT)}?$expand=links,metadata&api-version=2021-06-01`);
    expect(expanded.body.properties?.metadata).toMatchObject({ severity: "Low", assessmentType: "BuiltIn" });
    expect(expanded.body.properties?.links?.azurePortalUri).toContain(key);
    expect((await send("GET", one(VAULT))).body.properties).not.toHaveProperty("metadata");
    expect((await send("GET", `${one(VAULT)}?$expand=all&api-version=2021-06-01`)).status).toBe(400);
    expect((await send("GET", one(VAULT, "00000000-0000-4000-8000-000000000000"))).status).toBe(404);
  });

  test("a customer's own assessment needs its own metadata, and counts like the others", async () => {
    const { send } = setUp();
    const name = "aaaaaaaa-0000-4000-8000-000000000001";
    const assessment = {
      properties: { resourceDetails: { source: "Azure" }, status: { code: "Unhealthy", cause: "Because" } },
    };
    expect((await send("PUT", one(VAULT, name), assessment)).status).toBe(400);
    const metadata = { properties: { displayName: "Ours", severity: "High", assessmentType: "CustomerManaged" } };
    expect((await send("PUT", `${SECURITY}/assessmentMetadata/${name}`, metadata)).status).toBe(200);
    expect((await send("PUT", `${SECURITY}/assessmentMetadata/${key}`, metadata)).status).toBe(400);
    expect((await send("PUT", one(VAULT, name), assessment)).status).toBe(201);
    expect((await send("GET", one(VAULT, name))).body.properties).toMatchObject({
      displayName: "Ours",
      status: { cause: "Because" },
    });
    expect((await send("PUT", one(VAULT, key), assessment)).status).toBe(400);
    expect((await send("DELETE", one(VAULT, name))).status).toBe(200);
    expect((await send("DELETE", one(VAULT, name))).status).toBe(204);
  });

  test("the secure score is what the controls earn", async () => {
    const { send } = setUp();
    const score = (await send("GET", `${SECURITY}/secureScores/ascScore`)).body.properties?.score;
    const controls = (await send("GET", `${SECURITY}/secureScoreControls?$expand=definition&api-version=2020-01-01`))
      .body;
    const logging = { displayName: "Enable auditing and logging", score: { max: 1, current: 0 } };
    expect(controls.value?.[0]?.properties).toMatchObject({
      ...logging,
      unhealthyResourceCount: 3,
      definition: { name: expect.any(String) },
    });
    expect(score).toEqual({ max: 9, current: 0, percentage: 0 });
    expect((await send("GET", `${SECURITY}/secureScores/other`)).status).toBe(404);
  });
});

describe("bad input", () => {
  test("gets Azure's error, never a fault", async () => {
    const { send } = setUp();
    const paths = [
      PLAN,
      `${SECURITY}/alertsSuppressionRules/quiet`,
      `${GROUP}/providers/Microsoft.Security/automations/x`,
      `${SECURITY}/assessmentMetadata/aaaaaaaa-0000-4000-8000-000000000001`,
      `${VAULT}/providers/Microsoft.Security/assessments/aaaaaaaa-0000-4000-8000-000000000001`,
      `${SECURITY}/settings/MCAS`,
    ];
    for (const path of paths) {
      for (const body of ["{", "null", "[]", '"text"', '{"properties":null}', '{"__proto__":{"a":1}}']) {
        const { status, body: answer } = await send("PUT", path, body);
        expect([path, body, status]).toEqual([path, body, 400]);
        expect(answer.error).toHaveProperty("code");
      }
      const long = await send("GET", `${path}${"x".repeat(5000)}`);
      expect(long.status).toBeGreaterThanOrEqual(400);
      expect(long.status).toBeLessThan(500);
    }
    for (const name of ["__proto__", "constructor", "toString"]) {
      expect((await send("GET", `${SECURITY}/settings/${name}`)).status).toBe(404);
      expect((await send("GET", `${SECURITY}/pricings/${name}`)).status).toBe(404);
    }
  });
});

describe("custom initiatives", () => {
  const CUSTOM = `${ROOT}/providers/Microsoft.Authorization`;
  const definition = {
    properties: {
      displayName: "Vaults should be reviewed",
      mode: "Indexed",
      metadata: { securityCenter: { RemediationDescription: "Review the vault.", Severity: "High" } },
      // As text, because an object of ours with a property of that name would look like a promise.
      policyRule: JSON.parse(`{
        "if": { "allOf": [
          { "field": "type", "equals": "Microsoft.KeyVault/vaults" },
          { "field": "tags['KVReview']", "notEquals": "Reviewed" }
        ] },
        "then": { "effect": "audit" }
      }`),
    },
  };
  const version = "api-version=2025-03-01";
  /** After a change policies are looked at again within 15 minutes. */
  const SCAN_DELAY = 16 * 60_000;

  async function assigned(metadata: object) {
    const all = setUp();
    const owner = all.tenant.personWith(["*"], ROOT);
    const put = (path: string, body: unknown) => all.tenant.send(owner, "PUT", `${CUSTOM}/${path}?${version}`, body);
    const policyDefinitionId = `${CUSTOM}/policyDefinitions/review`;
    const set = { properties: { metadata, policyDefinitions: [{ policyDefinitionId }] } };
    await put("policyDefinitions/review", definition);
    await put("policySetDefinitions/ours", set);
    await put("policyAssignments/ours", { properties: { policyDefinitionId: `${CUSTOM}/policySetDefinitions/ours` } });
    all.tenant.advance(SCAN_DELAY);
    const list = async (scope: string) => {
      const { value } = (await all.send("GET", `${scope}/providers/Microsoft.Security/assessments`)).body;
      return Object.values(value ?? {}).filter(
        ({ properties }) => String(properties?.displayName) === "Vaults should be reviewed",
      );
    };
    return { ...all, owner, list };
  }

  test("show up as recommendations, as old as the last scan of policies", async () => {
    const { tenant, send, owner, list } = await assigned({ ASC: "true" });
    const before = await list(VAULT);
    expect(before).toMatchObject([{ properties: { status: { code: "Unhealthy" } } }]);
    expect(await list(ROOT)).toHaveLength(3);
    await tenant.send(owner, "PATCH", VAULT, { tags: { KVReview: "Reviewed" } });
    expect(await list(VAULT)).toEqual(before);
    tenant.advance(SCAN_DELAY);
    expect(await list(VAULT)).toMatchObject([{ properties: { status: { code: "Healthy" } } }]);
    const metadata = await send("GET", `${SECURITY}/assessmentMetadata/${before[0]?.name}`);
    expect(metadata.body.properties).toMatchObject({
      severity: "High",
      remediationDescription: "Review the vault.",
      assessmentType: "CustomPolicy",
    });
  });

  test("an initiative that does not ask for it makes no recommendation", async () => {
    const { list } = await assigned({ category: "Key Vault" });
    expect(await list(ROOT)).toEqual([]);
  });
});

import { describe, expect, test } from "vitest";
import { GROUP, RBAC_VAULT, VAULT, WORKSPACE } from "../arm/test-context";
import { PLAN, ROOT, SECURITY, setUp } from "./testing/set-up";

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

import { describe, expect, test } from "vitest";
import { GROUP, GROUP_TWIN, makeArmTenant, SUBSCRIPTION, TENANT, VAULT, WORKSPACE } from "./test-context";

const ROOT = `/subscriptions/${SUBSCRIPTION}`;
const NEW_GROUP = `${ROOT}/resourceGroups/rg-new`;

function setUp(delays = {}) {
  const tenant = makeArmTenant({ delays });
  const owner = tenant.personWith(["*"], ROOT);
  const send = (method: string, path: string, body?: unknown, as = owner) => tenant.send(as, method, path, body);
  return { tenant, owner, send };
}

describe("resource groups", () => {
  test("are made, changed, and keep where they lie", async () => {
    const { send } = setUp();
    const made = await send("PUT", NEW_GROUP, { location: "West Europe", tags: { a: "b" } });
    expect([made.status, made.body.location]).toEqual([201, "westeurope"]);
    expect((await send("PUT", NEW_GROUP, { location: "westeurope" })).status).toBe(200);
    expect((await send("PATCH", NEW_GROUP, { tags: { c: "d" } })).body.tags).toEqual({ c: "d" });
    expect((await send("PUT", NEW_GROUP, { location: "northeurope" })).body.error?.code).toBe(
      "InvalidResourceGroupLocation",
    );
    expect((await send("PUT", `${ROOT}/resourceGroups/bad.`, { location: "westeurope" })).body.error?.code).toBe(
      "InvalidResourceGroupName",
    );
    expect((await send("PUT", `${ROOT}/resourceGroups/rg-x`, { location: "moon" })).status).toBe(400);
    expect((await send("PUT", `${ROOT}/resourceGroups/rg-x`, "null")).status).toBe(400);
  });

  test("a deleted group takes its vaults to the deleted ones, and says when it is done", async () => {
    const { tenant, send } = setUp({ resourceGraph: 3000 });
    const deletion = await send("DELETE", GROUP_TWIN);
    expect([deletion.status, deletion.headers?.["retry-after"]]).toEqual([202, "1"]);
    const result = new URL(deletion.headers?.location ?? "");
    expect((await send("GET", result.pathname + result.search)).status).toBe(202);
    tenant.advance(3000);
    expect((await send("GET", result.pathname + result.search)).status).toBe(200);
    expect((await send("HEAD", GROUP_TWIN)).status).toBe(404);
    expect((await send("DELETE", GROUP_TWIN)).status).toBe(404);
    const deleted = await send("GET", `${ROOT}/providers/Microsoft.KeyVault/deletedVaults`);
    expect(deleted.body.value).toMatchObject([{ name: "kv-two" }]);
    expect((await send("GET", VAULT)).status).toBe(200);
  });

  test("a refusal does not repeat a megabyte that it was sent", async () => {
    const { send } = setUp();
    const long = "x".repeat(1_000_000);
    const provider = `${GROUP}/providers`;
    for (const [method, path, body] of [
      ["PUT", NEW_GROUP, { location: long }],
      ["PUT", `${provider}/Microsoft.KeyVault/vaults/kv-long`, { location: long, properties: { tenantId: TENANT } }],
      ["PUT", `${provider}/Microsoft.Storage/storageAccounts/stlong`, { location: long }],
      ["PUT", `${provider}/Microsoft.OperationalInsights/workspaces/law-long`, { location: long }],
      [
        "POST",
        `${ROOT}/providers/Microsoft.KeyVault/checkNameAvailability`,
        { name: long, type: "Microsoft.KeyVault/vaults" },
      ],
    ] as const) {
      const answer = await send(method, path, body);
      expect([path, answer.status]).toEqual([path, 400]);
      expect(JSON.stringify(answer.body).length).toBeLessThan(2000);
    }
  });

  test("need the right to be made and to be deleted", async () => {
    const { tenant, send } = setUp();
    const reader = tenant.personWith(["*/read"], ROOT);
    expect((await send("PUT", NEW_GROUP, { location: "westeurope" }, reader)).status).toBe(403);
    expect((await send("DELETE", GROUP, undefined, reader)).status).toBe(403);
    expect((await send("HEAD", GROUP, undefined, reader)).status).toBe(204);
  });
});

describe("the lists of resources", () => {
  test("are narrowed by filters, rights and pages", async () => {
    const { tenant, send } = setUp();
    const list = async (filter: string, as?: Parameters<typeof send>[3], more = "") => {
      const path = `${ROOT}/resources?api-version=2015-11-01&$filter=${encodeURIComponent(filter)}${more}`;
      return (await send("GET", path, undefined, as)).body;
    };
    const vaults = "resourceType eq 'Microsoft.KeyVault/vaults'";
    expect((await list(vaults)).value).toHaveLength(3);
    expect((await list(`${vaults} and name eq 'KV-ONE'`)).value).toMatchObject([{ type: "Microsoft.KeyVault/vaults" }]);
    await send("PATCH", VAULT, { tags: { Env: "prod" } });
    expect((await list("tagName eq 'env' and tagValue eq 'prod'")).value).toMatchObject([{ name: "kv-one" }]);
    expect((await list("colour eq 'red'")).error?.code).toBe("UnsupportedQuery");
    const page = await list(vaults, undefined, "&$top=2");
    expect([page.value?.length, page.nextLink === undefined]).toEqual([2, false]);
    expect((await list(vaults, tenant.personWith(["*/read"], GROUP_TWIN))).value).toMatchObject([{ name: "kv-two" }]);
    expect((await list(vaults, tenant.person("stranger"))).error?.code).toBe("AuthorizationFailed");
    const inGroup = await send("GET", `${GROUP}/resources?api-version=2024-03-01&$expand=createdTime`);
    expect(inGroup.body.value?.[0]).toHaveProperty("createdTime");
  });
});

describe("what ARM tells of itself", () => {
  test("providers with their types and versions, regions, tenants", async () => {
    const { send } = setUp();
    const provider = (await send("GET", `${ROOT}/providers/microsoft.keyvault`)).body;
    expect(provider).toMatchObject({ namespace: "Microsoft.KeyVault", registrationState: "Registered" });
    const types = Object.values(provider.resourceTypes ?? {}).map(({ resourceType }) => String(resourceType));
    expect(types).toEqual(expect.arrayContaining(["vaults", "vaults/accessPolicies", "deletedVaults"]));
    expect(types.join()).not.toContain("purge");
    expect((await send("GET", `${ROOT}/providers/Microsoft.Nothing`)).body.error?.code).toBe(
      "InvalidResourceNamespace",
    );
    expect((await send("GET", `${ROOT}/providers/__proto__`)).status).toBe(404);
    expect((await send("POST", `${ROOT}/providers/Microsoft.Security/register?api-version=2024-03-01`)).status).toBe(
      200,
    );
    expect((await send("GET", `${ROOT}/locations`)).body.value).toEqual(
      expect.arrayContaining([expect.objectContaining({ name: "westeurope", displayName: "West Europe" })]),
    );
    expect((await send("GET", "/tenants")).body.value).toMatchObject([{ tenantId: TENANT }]);
    expect((await send("GET", "/providers/Microsoft.KeyVault/operations")).body.value).not.toHaveLength(0);
  });
});

describe("the activity log's rows", () => {
  test("every write of a container, alert, plan or account leaves them under its action", async () => {
    const { tenant, send } = setUp();
    const security = `${ROOT}/providers/Microsoft.Security`;
    const account = `${GROUP}/providers/Microsoft.Storage/storageAccounts/stone`;
    const alerting = `${GROUP}/providers/Microsoft.Insights/actionGroups/ag`;
    const rule = { properties: { alertType: "*", reason: "x", state: "Disabled" } };
    for (const [method, path, body] of [
      ["PUT", NEW_GROUP, { location: "westeurope" }],
      ["DELETE", NEW_GROUP],
      ["PUT", `${security}/pricings/KeyVaults`, { properties: { pricingTier: "Standard", subPlan: "PerKeyVault" } }],
      ["PUT", `${security}/alertsSuppressionRules/quiet`, rule],
      ["DELETE", `${security}/alertsSuppressionRules/quiet`],
      ["PUT", account, { sku: { name: "Standard_LRS" }, kind: "StorageV2", location: "westeurope" }],
      ["POST", `${account}/regenerateKey`, { keyName: "key1" }],
      ["DELETE", account],
      ["PUT", alerting, { location: "Global", properties: { groupShortName: "a", enabled: true } }],
      ["DELETE", alerting],
      ["PATCH", `${WORKSPACE}/tables/AZKVAuditLogs`, { properties: { plan: "Basic" } }],
      ["DELETE", VAULT],
    ] as const) {
      const before = tenant.context.model.logRows.size;
      const { status } = await send(method, path, body);
      const rows = [...tenant.context.model.logRows.values()].slice(before);
      const done = rows.filter(
        ({ table, values }) => table === "AzureActivity" && values.ActivityStatusValue === "Success",
      );
      expect([method, path, status < 300, done.length]).toEqual([method, path, true, 1]);
    }
  });

  test("a refused write leaves none", async () => {
    const { tenant, send } = setUp();
    const reader = tenant.personWith(["*/read"], ROOT);
    await send("DELETE", VAULT, undefined, reader);
    await send("PUT", NEW_GROUP, { location: "moon" });
    expect(tenant.context.model.logRows.size).toBe(0);
  });
});

describe("custom roles", () => {
  const name = "55555555-5555-4555-8555-555555555555";
  const path = `${ROOT}/providers/Microsoft.Authorization/roleDefinitions/${name}`;
  const role = (more: object = {}) => ({
    properties: { roleName: "Looker", assignableScopes: [ROOT], permissions: [{ actions: ["*/read"] }], ...more },
  });

  test("give what they say, as long as they are there", async () => {
    const { tenant, send } = setUp();
    expect((await send("PUT", path, role())).status).toBe(201);
    const someone = tenant.person("someone");
    const assignment = tenant.assign(someone, name, GROUP);
    expect((await send("GET", VAULT, undefined, someone)).status).toBe(200);
    await send("PUT", path, role({ permissions: [{ actions: [] }] }));
    expect((await send("GET", VAULT, undefined, someone)).status).toBe(403);
    expect((await send("DELETE", path)).body.error?.code).toBe("RoleDefinitionHasAssignments");
    tenant.context.model.roleAssignments.delete(assignment.id);
    expect((await send("DELETE", path)).status).toBe(200);
    expect((await send("DELETE", path)).status).toBe(204);
  });

  test("cannot take a name, reach the root, or be made by somebody without the right at every scope", async () => {
    const { tenant, send } = setUp();
    await send("PUT", path, role());
    const other = path.replace(/5555$/, "6666");
    expect((await send("PUT", other, role())).body.error?.code).toBe("RoleDefinitionWithSameNameExists");
    expect((await send("PUT", other, role({ roleName: "B", assignableScopes: ["/"] }))).status).toBe(400);
    expect((await send("PUT", other, role({ roleName: "B", assignableScopes: [] }))).status).toBe(400);
    const local = tenant.personWith(["Microsoft.Authorization/roleDefinitions/write"], GROUP);
    expect((await send("PUT", other.replace(ROOT, GROUP), role({ roleName: "B" }), local)).status).toBe(403);
    expect(
      (await send("PUT", other.replace(ROOT, GROUP), role({ roleName: "B", assignableScopes: [GROUP] }), local)).status,
    ).toBe(201);
  });

  test("built-in roles are nobody's to change", async () => {
    const { tenant, send } = setUp();
    const id = tenant.role({ actions: ["*"] });
    const builtIn = tenant.context.model.roleDefinitions.get(id);
    if (!builtIn) throw new Error("The role is there.");
    tenant.context.model.roleDefinitions.put(id, { ...builtIn, custom: false });
    const there = path.replace(name, id);
    expect((await send("PUT", there, role())).status).toBe(403);
    expect((await send("DELETE", there)).status).toBe(403);
  });
});

describe("workspaces", () => {
  test("are made plain, changed and deleted", async () => {
    const { send } = setUp();
    const path = `${GROUP}/providers/Microsoft.OperationalInsights/workspaces/law-new`;
    const made = await send("PUT", path, { location: "westeurope", properties: { retentionInDays: 60 } });
    expect([made.status, made.body.properties?.retentionInDays]).toEqual([201, 60]);
    const again = await send("PUT", path, { location: "westeurope", tags: { a: "b" } });
    expect(again.body.properties?.customerId).toBe(made.body.properties?.customerId);
    expect((await send("PATCH", path, { properties: { retentionInDays: 1 } })).status).toBe(400);
    expect((await send("DELETE", path)).status).toBe(200);
    expect((await send("GET", path)).status).toBe(404);
  });

  test("carry tags that are merged by name", async () => {
    const { send } = setUp();
    const tags = `${WORKSPACE}/providers/Microsoft.Resources/tags/default?api-version=2024-03-01`;
    await send("PUT", tags, { properties: { tags: { a: "1", b: "2" } } });
    await send("PATCH", tags, { operation: "Merge", properties: { tags: { A: "3" } } });
    expect((await send("GET", WORKSPACE)).body.tags).toEqual({ a: "3", b: "2" });
  });

  test("a table leaves the Analytics plan only where it can", async () => {
    const { tenant, send } = setUp();
    const plan = (table: string, to: string) =>
      send("PATCH", `${WORKSPACE}/tables/${table}`, { properties: { plan: to } });
    expect((await plan("AZKVAuditLogs", "Analytics")).body.properties?.plan).toBe("Analytics");
    expect((await plan("azkvauditlogs", "Basic")).body.properties?.plan).toBe("Basic");
    expect((await plan("AzureDiagnostics", "Basic")).status).toBe(400);
    expect((await plan("Nothing", "Basic")).status).toBe(404);
    const reader = tenant.personWith(["*/read"], ROOT);
    expect(
      (await send("PATCH", `${WORKSPACE}/tables/AZKVAuditLogs`, { properties: { plan: "Analytics" } }, reader)).status,
    ).toBe(403);
  });
});

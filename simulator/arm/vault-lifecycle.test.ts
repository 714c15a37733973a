import { describe, expect, test } from "vitest";
import { GROUP, makeArmTenant, NOON, SUBSCRIPTION, TENANT, VAULT, WORKSPACE } from "./test-context";

const ROOT = `/subscriptions/${SUBSCRIPTION}`;
const FRESH = `${GROUP}/providers/Microsoft.KeyVault/vaults/kv-fresh`;
const DELETED = `${ROOT}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults`;
const DAY = 86_400_000;

function setUp(delays = {}) {
  const tenant = makeArmTenant({ delays });
  const owner = tenant.personWith(["*"], ROOT);
  const send = (method: string, path: string, body?: unknown, as = owner) => tenant.send(as, method, path, body);
  const rows = () =>
    [...tenant.context.model.logRows.values()]
      .filter(({ table }) => table !== "AzureActivity")
      .map(({ values }) => values.OperationName);
  return { tenant, owner, send, rows };
}

function vault(properties: object = {}, more: object = {}) {
  return {
    location: "westeurope",
    properties: { tenantId: TENANT, sku: { family: "A", name: "standard" }, accessPolicies: [], ...properties },
    ...more,
  };
}

describe("making a vault", () => {
  test("takes its time by the tenant's clock", async () => {
    const { tenant, send } = setUp({ resourceGraph: 5000 });
    const made = await send("PUT", FRESH, vault());
    expect([made.status, made.body.properties?.provisioningState]).toEqual([200, "RegisteringDns"]);
    tenant.advance(4999);
    expect((await send("GET", FRESH)).body.properties?.provisioningState).toBe("RegisteringDns");
    tenant.advance(1);
    expect((await send("GET", FRESH)).body.properties?.provisioningState).toBe("Succeeded");
  });

  test("decides by roles from version 2026-02-01 on, by access policies before, unless it says", async () => {
    const { send } = setUp();
    const model = async (version: string, properties: object = {}) => {
      const made = await send(
        "PUT",
        `${FRESH}${version.replaceAll("-", "")}?api-version=${version}`,
        vault(properties),
      );
      return made.body.properties?.enableRbacAuthorization ?? made.body.error?.code;
    };
    expect(await model("2026-02-01", { accessPolicies: undefined })).toBe(true);
    expect(await model("2023-07-01")).toBe(false);
    expect(await model("2022-07-01", { enableRbacAuthorization: true })).toBe(true);
    expect(await model("2021-10-01", { accessPolicies: undefined })).toBe("BadRequest");
  });

  test("keeps the flags of its body, and a second body replaces them but not the permission model", async () => {
    const { send } = setUp();
    const flags = { enabledForDeployment: true, enablePurgeProtection: true, softDeleteRetentionInDays: 30 };
    await send(
      "PUT",
      FRESH,
      vault({ ...flags, enableRbacAuthorization: true, networkAcls: { defaultAction: "Deny" } }, { tags: { a: "b" } }),
    );
    expect((await send("GET", FRESH)).body).toMatchObject({ tags: { a: "b" }, properties: flags });
    expect((await send("PUT", FRESH, vault({ sku: { family: "A", name: "premium" } }))).status).toBe(200);
    const { body } = await send("GET", FRESH);
    expect(body.tags).toEqual({});
    expect(body.properties).toMatchObject({
      enabledForDeployment: false,
      enablePurgeProtection: true,
      enableRbacAuthorization: true,
      softDeleteRetentionInDays: 30,
      sku: { name: "premium" },
    });
    expect(body.properties).not.toHaveProperty("networkAcls");
    expect((await send("PUT", FRESH, vault({ enablePurgeProtection: false }))).status).toBe(400);
    expect((await send("PUT", FRESH, vault({}, { location: "northeurope" }))).body.error?.code).toBe(
      "InvalidResourceLocation",
    );
  });

  test("refuses names, places and bodies that Azure refuses", async () => {
    const { tenant, send } = setUp();
    const code = async (path: string, body: unknown) => (await send("PUT", path, body)).body.error?.code;
    for (const name of ["kv", "1-kv", "kv--double", "kv-end-", "k".repeat(25), "kv_under"]) {
      expect([name, await code(FRESH.replace("kv-fresh", name), vault())]).toEqual([name, "VaultNameNotValid"]);
    }
    const twin = VAULT.replace("rg-app", "rg-app-two");
    expect(await code(twin, vault())).toBe("VaultAlreadyExists");
    expect(await code(FRESH, vault({}, { location: "moonbase" }))).toBe("LocationNotAvailableForResourceType");
    expect(await code(FRESH, vault({ tenantId: "44444444-4444-4444-8444-444444444444" }))).toBe("BadRequest");
    expect(await code(FRESH, vault({ sku: { family: "A", name: "golden" } }))).toBe("BadRequest");
    for (const body of ["{", "null", '{"location":1}', '{"location":"westeurope","properties":[]}']) {
      expect((await send("PUT", FRESH, body)).status).toBe(400);
    }
    expect((await send("PUT", FRESH, vault(), tenant.personWith(["*/read"], ROOT))).status).toBe(403);
    expect(tenant.context.model.vaults.get(FRESH)).toBeUndefined();
  });
});

describe("deleting and recovering a vault", () => {
  async function withSecretAndLog() {
    const all = setUp();
    const { tenant, send } = all;
    const setting = { properties: { workspaceId: WORKSPACE, logs: [{ category: "AuditEvent", enabled: true }] } };
    await send("PUT", `${VAULT}/providers/Microsoft.Insights/diagnosticSettings/audit`, setting);
    const version = { version: "0".repeat(32), enabled: true, created: NOON, updated: NOON, tags: {}, value: "x" };
    tenant.context.model.objects.put(`${VAULT}/secrets/one`, {
      vaultId: VAULT,
      kind: "secret",
      name: "one",
      versions: [version],
    });
    return all;
  }

  test("takes its objects and settings out of sight, and brings them back", async () => {
    const { tenant, send, rows } = await withSecretAndLog();
    const someone = tenant.person("someone");
    tenant.assign(someone, tenant.role({ actions: ["*/read"] }), VAULT);
    expect((await send("DELETE", VAULT)).status).toBe(200);
    expect((await send("GET", `${VAULT}/secrets/one`)).status).toBe(404);
    expect((await send("GET", `${VAULT}/providers/Microsoft.Insights/diagnosticSettings`)).status).toBe(404);
    expect((await send("GET", `${DELETED}/kv-one`)).body.properties).toMatchObject({
      vaultId: VAULT,
      location: "westeurope",
    });
    expect((await send("PUT", VAULT, vault())).body.error?.code).toBe("ConflictError");
    const recovered = await send("PUT", VAULT, {
      location: "westeurope",
      properties: { tenantId: TENANT, createMode: "recover" },
    });
    expect(recovered.status).toBe(200);
    expect((await send("GET", `${VAULT}/secrets/one`)).status).toBe(200);
    expect((await send("GET", `${VAULT}/providers/Microsoft.Insights/diagnosticSettings`)).body.value).toHaveLength(1);
    expect((await send("GET", `${DELETED}/kv-one`)).status).toBe(404);
    expect((await send("GET", VAULT, undefined, someone)).status).toBe(403);
    expect(rows()).toEqual(expect.arrayContaining(["VaultDelete", "VaultRecover"]));
  });

  test("a purge frees the name and keeps nothing", async () => {
    const { tenant, send, rows } = await withSecretAndLog();
    await send("DELETE", VAULT);
    const writer = tenant.personWith(["Microsoft.KeyVault/vaults/*"], ROOT);
    expect((await send("POST", `${DELETED}/kv-one/purge`, undefined, writer)).status).toBe(403);
    const purge = await send("POST", `${DELETED}/kv-one/purge`);
    expect(purge.status).toBe(202);
    const result = new URL(purge.headers?.location ?? "");
    expect((await send("GET", result.pathname + result.search)).status).toBe(200);
    expect((await send("GET", `${result.pathname}x${result.search}`)).status).toBe(404);
    expect((await send("POST", `${DELETED}/kv-one/purge`)).status).toBe(404);
    expect((await send("PUT", VAULT, vault())).status).toBe(200);
    expect((await send("GET", `${VAULT}/secrets/one`)).status).toBe(404);
    expect(rows()).toContain("VaultPurge");
  });

  test("purge protection stands until the retention is over; then the name is free by itself", async () => {
    const { tenant, send } = await withSecretAndLog();
    await send("PATCH", VAULT, { properties: { enablePurgeProtection: true } });
    await send("DELETE", VAULT);
    expect((await send("POST", `${DELETED}/kv-one/purge`)).status).toBe(405);
    tenant.advance(90 * DAY);
    expect((await send("GET", `${ROOT}/providers/Microsoft.KeyVault/deletedVaults`)).body.value).toEqual([]);
    expect(
      (await send("PUT", VAULT, { location: "westeurope", properties: { tenantId: TENANT, createMode: "recover" } }))
        .status,
    ).toBe(404);
    expect((await send("PUT", VAULT, vault())).status).toBe(200);
    expect((await send("GET", `${VAULT}/secrets/one`)).status).toBe(404);
  });

  test("whether a name is free is told without making anything", async () => {
    const { send } = setUp();
    const check = async (name: string) =>
      (
        await send("POST", `${ROOT}/providers/Microsoft.KeyVault/checkNameAvailability`, {
          name,
          type: "Microsoft.KeyVault/vaults",
        })
      ).body;
    expect(await check("kv-free")).toEqual({ nameAvailable: true });
    expect(await check("KV-ONE")).toMatchObject({ nameAvailable: false, reason: "AlreadyExists" });
    expect(await check("kv--x")).toMatchObject({ nameAvailable: false, reason: "AccountNameInvalid" });
    await send("DELETE", VAULT);
    expect(await check("kv-one")).toMatchObject({ nameAvailable: false, reason: "AlreadyExists" });
  });
});

describe("private endpoints", () => {
  test("a vault that is closed to the public has one, the others have none", async () => {
    const { send } = setUp();
    const connections = `${VAULT}/privateEndpointConnections`;
    expect((await send("GET", connections)).body.value).toEqual([]);
    await send("PATCH", VAULT, { properties: { publicNetworkAccess: "Disabled" } });
    const { value } = (await send("GET", connections)).body;
    expect(value).toHaveLength(1);
    expect((await send("GET", `${connections}/${value?.[0]?.name}`)).body.properties).toMatchObject({
      privateLinkServiceConnectionState: { status: "Approved" },
    });
    expect((await send("GET", `${connections}/other`)).status).toBe(204);
    expect((await send("GET", VAULT)).body.properties?.privateEndpointConnections).toHaveLength(1);
    expect((await send("GET", `${VAULT}/privateLinkResources`)).body.value).toMatchObject([
      { properties: { groupId: "vault" } },
    ]);
  });
});

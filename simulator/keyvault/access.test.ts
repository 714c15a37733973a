import { beforeEach, describe, expect, test } from "vitest";
import { signAppToken } from "../entra/token";
import { addressInRules } from "./network";
import { makeTenant, type TestTenant, textAt } from "./testing/tenant";

const V = "api-version=7.4";
let tenant: TestTenant;

beforeEach(async () => {
  tenant = await makeTenant();
});

describe("who gets in", () => {
  test("a call without a token is sent to the sign-in of this tenant", async () => {
    const answer = await tenant.send("GET", `/secrets/a/?${V}`, { as: null });
    expect(answer).toMatchObject({ status: 401, body: { error: { code: "Unauthorized" } } });
    expect(textAt(answer, "error.message")).toMatch(/^AKV10000:/);
    expect(answer.headers).toMatchObject({
      "www-authenticate": `Bearer authorization="https://login.microsoftonline.com/${tenant.context.identity.tenantId}", resource="https://vault.azure.net"`,
      "x-ms-keyvault-region": "westeurope",
      "x-ms-keyvault-network-info": "conn_type=Ipv4;addr=203.0.113.9;act_addr_fam=InterNetwork;",
      "x-ms-request-id": expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  test("a token for another service, and an expired one, are refused", async () => {
    const arm = await signAppToken(tenant.context, tenant.officer, "https://management.azure.com", 3600);
    const wrong = await tenant.send("GET", `/secrets/a/?${V}`, { headers: { authorization: `Bearer ${arm}` } });
    expect(wrong).toMatchObject({ status: 401 });
    expect(textAt(wrong, "error.message")).toMatch(/^AKV10022:/);
    const short = await signAppToken(tenant.context, tenant.officer, "https://vault.azure.net", 60);
    tenant.advance(120_000);
    const expired = await tenant.send("GET", `/secrets/a/?${V}`, { headers: { authorization: `Bearer ${short}` } });
    expect(expired).toMatchObject({ status: 401 });
  });

  test("a role-based vault names caller, action and resource when it refuses", async () => {
    const answer = await tenant.send("GET", `/secrets/Smtp/?${V}`, { as: tenant.stranger });
    expect(answer).toMatchObject({
      status: 403,
      body: { error: { code: "Forbidden", innererror: { code: "ForbiddenByRbac" } } },
    });
    const message = textAt(answer, "error.message");
    expect(message).toContain(`oid=${tenant.stranger.oid}`);
    expect(message).toContain("Action: 'Microsoft.KeyVault/vaults/secrets/getSecret/action'");
    expect(message).toContain(`Resource: '${tenant.vault.id.toLowerCase()}/secrets/smtp'`);
  });

  test("a vault with access policies tells get from list from set", async () => {
    const { tenantId } = tenant.context.identity;
    tenant.changeVault({
      enableRbacAuthorization: false,
      accessPolicies: [{ tenantId, objectId: tenant.stranger.oid, permissions: { secrets: ["list"], keys: ["get"] } }],
    });
    const as = tenant.stranger;
    expect(await tenant.send("GET", `/secrets?${V}`, { as })).toMatchObject({ status: 200 });
    expect(await tenant.send("GET", `/secrets/a/versions?${V}`, { as })).toMatchObject({ status: 200 });
    expect(await tenant.send("GET", `/keys/a/?${V}`, { as })).toMatchObject({ status: 404 });
    for (const [method, path, permission] of [
      ["GET", "/secrets/a/", "secrets get"],
      ["GET", "/deletedsecrets/a", "secrets get"],
      ["PUT", "/secrets/a", "secrets set"],
      ["GET", "/keys", "keys list"],
      ["GET", "/keys/a/versions", "keys list"],
      ["POST", "/keys/a/create", "keys create"],
    ] as const) {
      const answer = await tenant.send(method, `${path}?${V}`, { as });
      expect(answer, path).toMatchObject({ status: 403, body: { error: { innererror: { code: "AccessDenied" } } } });
      expect(textAt(answer, "error.message")).toContain(`does not have ${permission} permission`);
    }
    // The officer's role counts for nothing here.
    expect(await tenant.send("GET", `/secrets?${V}`)).toMatchObject({ status: 403 });
  });

  test("the firewall lets in the addresses of its rules only, and a closed vault nobody", async () => {
    const acls = { bypass: "AzureServices" as const, defaultAction: "Deny" as const, virtualNetworkRules: [] };
    tenant.changeVault({ networkAcls: { ...acls, ipRules: [{ value: "198.51.100.0/24" }] } });
    const refused = await tenant.send("GET", `/secrets?${V}`);
    expect(refused).toMatchObject({ status: 403, body: { error: { innererror: { code: "ForbiddenByFirewall" } } } });
    expect(textAt(refused, "error.message")).toContain("Client address: 203.0.113.9");
    expect(await tenant.send("GET", `/secrets?${V}`, { address: "198.51.100.77" })).toMatchObject({ status: 200 });
    tenant.changeVault({ publicNetworkAccess: "Disabled" });
    expect(await tenant.send("GET", `/secrets?${V}`, { address: "198.51.100.77" })).toMatchObject({
      status: 403,
      body: { error: { innererror: { code: "ForbiddenByConnection" } } },
    });
  });

  test("who is in a network gets in by a rule for its subnet, or by a private endpoint that it reaches", async () => {
    const subnet = `${tenant.vault.id.split("/").slice(0, 5).join("/")}/providers/Microsoft.Network/virtualNetworks/v/subnets/apps`;
    const rules = { bypass: "AzureServices" as const, defaultAction: "Deny" as const, ipRules: [] };
    tenant.changeVault({ networkAcls: { ...rules, virtualNetworkRules: [{ id: subnet }] } });
    const { settings } = tenant.context;
    const status = async () => (await tenant.send("GET", `/secrets?${V}`)).status;
    expect(await status()).toBe(403);
    settings.callerNetwork = { subnets: [subnet.toLowerCase()], endpointScopes: [] };
    expect(await status()).toBe(200);
    const byAddress = { ...rules, ipRules: [{ value: "203.0.113.9" }], virtualNetworkRules: [] };
    tenant.changeVault({ networkAcls: byAddress });
    expect(await status()).toBe(403);
    tenant.changeVault({ publicNetworkAccess: "Disabled" });
    expect(await status()).toBe(403);
    const group = tenant.vault.id.split("/").slice(0, 5).join("/").toLowerCase();
    settings.callerNetwork = { subnets: [], endpointScopes: [group] };
    expect(await status()).toBe(200);
    settings.callerNetwork = { subnets: [], endpointScopes: [`${group}-other`] };
    expect(await status()).toBe(403);
  });

  test("a host that is no vault is not found", async () => {
    expect(await tenant.send("GET", `/secrets?${V}`, { host: "kv-none.vault.azure.net" })).toMatchObject({
      status: 404,
      body: { error: { code: "VaultNotFound" } },
    });
  });
});

test.each([
  ["203.0.113.9", ["203.0.113.9"], true],
  ["203.0.113.9", ["203.0.113.9/32"], true],
  ["203.0.113.9", ["203.0.113.0/28"], true],
  ["203.0.113.16", ["203.0.113.0/28"], false],
  ["203.0.113.9", ["0.0.0.0/0"], true],
  ["203.0.113.9", [], false],
  ["203.0.113.9", ["nonsense", "203.0.113.0/99"], false],
  ["not an address", ["0.0.0.0/0"], false],
])("%s against %j: %s", (address, rules, allowed) => {
  expect(
    addressInRules(
      address,
      rules.map((value) => ({ value })),
    ),
  ).toBe(allowed);
});

import { beforeAll, describe, expect, test } from "vitest";
import {
  GROUP,
  GROUP_TWIN,
  makeArmTenant,
  makeVault,
  NOON,
  OTHER_SUBSCRIPTION,
  RBAC_VAULT,
  SUBSCRIPTION,
  VAULT,
  WORKSPACE,
} from "../arm/test-context";
import { sharedEngine } from "../loganalytics/shared-engine";
import type { Principal } from "../model";

const ROOT = `/subscriptions/${SUBSCRIPTION}`;
const PATH = "/providers/Microsoft.ResourceGraph/resources";
const VAULTS = "resources | where type == 'microsoft.keyvault/vaults'";

// Loading the parser takes seconds.
beforeAll(() => sharedEngine(makeArmTenant().context).warm(), 60_000);

function setUp(options: Parameters<typeof makeArmTenant>[0] = {}) {
  const tenant = makeArmTenant(options);
  const reader = tenant.personWith(["*/read"], ROOT);
  const query = (text: string, more: object = {}, as: Principal = reader) =>
    tenant.send(as, "POST", PATH, { query: text, ...more });
  const names = async (text: string, as?: Principal): Promise<string[]> => {
    const { body } = await query(`${text} | project name | order by name asc`, {}, as);
    return JSON.parse(JSON.stringify(body.data)).map((row: { name: string }) => row.name);
  };
  return { tenant, reader, query, names };
}

describe("security in Resource Graph", () => {
  const names = (data: unknown): string[] => JSON.parse(JSON.stringify(data)).map((row: { name: string }) => row.name);

  test("assessments, plans, scores and alerts under their types; no attack path leads anywhere", async () => {
    const { query } = setUp();
    const { body } = await query("SecurityResources | summarize count() by type | order by type asc");
    expect(body.data).toEqual([
      { type: "microsoft.security/assessments", count_: 13 },
      { type: "microsoft.security/pricings", count_: 15 },
      { type: "microsoft.security/securescores", count_: 1 },
      { type: "microsoft.security/securescores/securescorecontrols", count_: 5 },
    ]);
    const paths = await query("securityresources | where type == 'microsoft.security/attackpaths'");
    expect(paths.body.totalRecords).toBe(0);
  });

  test("an assessment says what it is about, and follows the estate", async () => {
    const { tenant, query } = setUp();
    const owner = tenant.personWith(["*"], ROOT);
    const unhealthy = `securityresources | where type == 'microsoft.security/assessments' and name == '4ed62ae4-5072-f9e7-8d94-51c76c48159a'
      | where properties.status.code == 'Unhealthy'
      | project name = tostring(properties.resourceDetails.Id), severity = properties.metadata.severity`;
    expect(names((await query(unhealthy)).body.data).sort()).toEqual(expect.arrayContaining([VAULT, RBAC_VAULT]));
    await tenant.send(owner, "PATCH", VAULT, { properties: { enablePurgeProtection: true } });
    expect(names((await query(unhealthy)).body.data)).not.toContain(VAULT);
  });

  test("a reader of one group sees the findings of that group", async () => {
    const { tenant, query } = setUp();
    const reader = tenant.personWith(["*/read"], GROUP_TWIN);
    const { body } = await query("securityresources | distinct type", {}, reader);
    expect(body.data).toEqual([{ type: "microsoft.security/assessments" }]);
    expect((await query("securityresources | count", {}, tenant.person("x"))).body.data).toEqual([{ Count: 0 }]);
  });

  test("exposed secrets are found by their category, one row for each", async () => {
    const { tenant, query } = setUp();
    const id = `${ROOT}/resourceGroups/rg-batch`;
    const tags = { environment: "prod", team: "batch" };
    tenant.context.model.resourceGroups.put(id, {
      id,
      subscriptionId: SUBSCRIPTION,
      name: "rg-batch",
      location: "westeurope",
      tags,
    });
    const { body } = await query(`securityresources | where type == "microsoft.security/assessments"
      | where properties.metadata.recommendationCategory == "ExposedSecrets"
      | project name = tostring(properties.resourceDetails.Id), file = tostring(properties.additionalData.filePath)`);
    expect(Number(body.totalRecords)).toBeGreaterThan(0);
    expect(names(body.data)[0]).toBe(`${id}/providers/Microsoft.Compute/virtualMachines/vm-batch-batch-01`);
    const machines = await query("resources | where type == 'microsoft.compute/virtualmachines'");
    expect(machines.body.totalRecords).toBe(1);
  });
});

describe("what the tables hold", () => {
  test("vaults, workspaces, containers and assignments, types in lower case", async () => {
    const { query, names } = setUp();
    expect(await names("Resources")).toEqual(["kv-one", "kv-rbac", "kv-two", "law"]);
    expect(await names("resourcecontainers | where type endswith '/resourcegroups'")).toEqual(["rg-app", "rg-app-two"]);
    const { body } = await query(`${VAULTS} and name == 'kv-rbac'`);
    expect(body.data).toMatchObject([
      {
        id: RBAC_VAULT,
        resourceGroup: "rg-app",
        subscriptionId: SUBSCRIPTION,
        properties: { enableRbacAuthorization: true, vaultUri: "https://kv-rbac.vault.azure.net/" },
      },
    ]);
    const assignments = await query(
      "authorizationresources | where type == 'microsoft.authorization/roleassignments' | count",
    );
    expect(assignments.body.data).toEqual([{ Count: 1 }]);
  });

  test("no table holds a diagnostic setting, a secret or a key", async () => {
    const { tenant, reader, query } = setUp();
    const owner = tenant.personWith(["*"], ROOT);
    const setting = { properties: { workspaceId: WORKSPACE, logs: [{ category: "AuditEvent", enabled: true }] } };
    const path = `${VAULT}/providers/Microsoft.Insights/diagnosticSettings/send-audit`;
    expect((await tenant.send(owner, "PUT", path, setting)).status).toBe(200);
    expect((await tenant.send(owner, "PUT", `${VAULT}/keys/hidden-key`, { properties: { kty: "RSA" } })).status).toBe(
      200,
    );
    tenant.context.model.objects.put(`${VAULT}/secrets/hidden-secret`, {
      vaultId: VAULT,
      kind: "secret",
      name: "hidden-secret",
      versions: [{ version: "0".repeat(32), enabled: true, created: NOON, updated: NOON, tags: {}, value: "x" }],
    });
    for (const table of ["resources", "resourcecontainers", "authorizationresources"]) {
      const text = JSON.stringify((await query(table, {}, reader)).body);
      expect(text).toContain(`"totalRecords":`);
      expect(text).not.toMatch(/send-audit|diagnosticsettings|hidden-key|hidden-secret/i);
    }
  });

  test("a caller sees what the own roles let read, and nothing of another group", async () => {
    const { tenant, names } = setUp();
    const groupReader = tenant.personWith(["*/read"], GROUP_TWIN);
    expect(await names("resources", groupReader)).toEqual(["kv-two"]);
    expect(await names("resourcecontainers", groupReader)).toEqual(["rg-app-two"]);
    expect(await names("resources", tenant.person("nobody"))).toEqual([]);
  });

  test("subscriptions narrow the query", async () => {
    const { query } = setUp();
    const count = async (subscriptions: string[]) => (await query(`${VAULTS} | count`, { subscriptions })).body.data;
    expect(await count([SUBSCRIPTION.toUpperCase()])).toEqual([{ Count: 3 }]);
    expect(await count([OTHER_SUBSCRIPTION])).toEqual([{ Count: 0 }]);
    expect((await query(VAULTS, { subscriptions: ["prod"] })).status).toBe(400);
  });

  test("a change shows up after the delay, in every table", async () => {
    const { tenant, query, names } = setUp({ delays: { resourceGraph: 1000 } });
    const owner = tenant.personWith(["*"], ROOT);
    const tag = async () => (await query(`${VAULTS} and name == 'kv-one' | project env = tags.env`)).body.data;
    await tenant.send(owner, "PATCH", VAULT, { tags: { env: "prod" } });
    expect(await tag()).toEqual([{ env: null }]);
    tenant.advance(600);
    await tenant.send(owner, "PATCH", VAULT, { tags: { env: "test" } });
    tenant.advance(400);
    expect(await tag()).toEqual([{ env: "prod" }]);
    tenant.advance(600);
    expect(await tag()).toEqual([{ env: "test" }]);
    await tenant.send(owner, "DELETE", RBAC_VAULT);
    expect(await names(VAULTS)).toContain("kv-rbac");
    tenant.advance(1000);
    expect(await names(VAULTS)).not.toContain("kv-rbac");
  });
});

describe("pages", () => {
  test("a token leads through all rows once, also when the tenant changes meanwhile", async () => {
    const { tenant, query } = setUp();
    const text = `${VAULTS} | project id, name | order by name asc`;
    const first = await query(text, { options: { $top: 2 } });
    expect(first.body).toMatchObject({ totalRecords: 3, count: 2, resultTruncated: "true" });
    tenant.context.model.vaults.put(`${VAULT}-a`, makeVault(`${VAULT}-a`));
    const second = await query(text, { options: { $skipToken: String(first.body.$skipToken) } });
    expect(second.body).toMatchObject({
      totalRecords: 3,
      count: 1,
      resultTruncated: "false",
      data: [{ name: "kv-two" }],
    });
    expect(second.body).not.toHaveProperty("$skipToken");
  });

  test("a token is refused for another query or another caller; without id there is none", async () => {
    const { tenant, query } = setUp();
    const text = `${VAULTS} | project id`;
    const { body } = await query(text, { options: { $top: 1 } });
    const options = { $skipToken: String(body.$skipToken) };
    expect((await query(`${text} | order by id asc`, { options })).status).toBe(400);
    expect((await query(text, { options }, tenant.personWith(["*/read"], GROUP))).status).toBe(400);
    expect((await query(text, { options: { $skipToken: "garbage" } })).status).toBe(400);
    const noId = await query(`${VAULTS} | project name`, { options: { $top: 1 } });
    expect(noId.body).toMatchObject({ resultTruncated: "true", count: 1 });
    expect(noId.body).not.toHaveProperty("$skipToken");
  });

  test("$skip and $top hold within their bounds", async () => {
    const { query } = setUp();
    const { body } = await query(`${VAULTS} | project id, name | order by name asc`, {
      options: { $skip: 1, $top: 1 },
    });
    expect(body.data).toMatchObject([{ name: "kv-rbac" }]);
    for (const options of [{ $top: 0 }, { $top: 1001 }, { $skip: -1 }, { resultFormat: "csv" }]) {
      expect((await query(VAULTS, { options })).status).toBe(400);
    }
  });

  test("ten thousand vaults come in ten pages", async () => {
    const { tenant, query } = setUp();
    for (let i = 3; i < 10_000; i++) {
      const id = `${GROUP}/providers/Microsoft.KeyVault/vaults/kv-${i}`;
      tenant.context.model.vaults.put(id, makeVault(id));
    }
    const seen = new Set<string>();
    let pages = 0;
    let token: string | undefined;
    do {
      const { body } = await query(`${VAULTS} | project id, name, properties.vaultUri`, {
        options: token === undefined ? {} : { $skipToken: token },
      });
      for (const row of JSON.parse(JSON.stringify(body.data))) seen.add(row.id);
      token = body.$skipToken === undefined ? undefined : String(body.$skipToken);
      pages++;
    } while (token !== undefined);
    expect([pages, seen.size]).toEqual([10, 10_000]);
  });

  test("the table format names columns and types", async () => {
    const { query } = setUp();
    const { body } = await query(`${VAULTS} | summarize n = count()`, { options: { resultFormat: "table" } });
    expect(body.data).toEqual({ columns: [{ name: "n", type: "integer" }], rows: [[3]] });
  });
});

describe("refusals", () => {
  test("a query that cannot be read is 400 with the reason in the details", async () => {
    const { query } = setUp();
    for (const text of [
      "resources | where",
      "resources | project nosuchcolumn",
      "nosuchtable | count",
      "let a = 1; resources",
    ]) {
      const { status, body } = await query(text);
      expect([status, body.error?.code], text).toEqual([400, "BadRequest"]);
      expect(JSON.stringify(body.error?.details)).toContain("InvalidQuery");
    }
    expect((await query("")).status).toBe(400);
  });

  test("15 queries in 5 seconds, then 429 until the window ends; the headers count down", async () => {
    const { tenant, query } = setUp({ throttle: true });
    const first = await query(`${VAULTS} | count`);
    expect(first.headers).toMatchObject({
      "x-ms-user-quota-remaining": "14",
      "x-ms-user-quota-resets-after": "00:00:05",
    });
    for (let i = 0; i < 14; i++) expect((await query(`${VAULTS} | count`)).status).toBe(200);
    const refused = await query(`${VAULTS} | count`);
    expect([refused.status, refused.headers?.["retry-after"], refused.body.error?.code]).toEqual([
      429,
      "5",
      "RateLimiting",
    ]);
    expect(refused.headers).toMatchObject({
      "x-ms-user-quota-remaining": "0",
      "x-ms-user-quota-resets-after": "00:00:05",
    });
    tenant.advance(5000);
    expect((await query(`${VAULTS} | count`)).status).toBe(200);
  });
});

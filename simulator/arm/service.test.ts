import { describe, expect, test } from "vitest";
import { GROUP, makeArmTenant, OTHER_SUBSCRIPTION, SUBSCRIPTION, VAULT, WORKSPACE } from "./test-context";

const READER = ["*/read"];
const ROOT = `/subscriptions/${SUBSCRIPTION}`;

describe("what ARM asks of every request", () => {
  test("an API version is required, and must be one of the type", async () => {
    const tenant = makeArmTenant();
    const reader = tenant.personWith(READER, ROOT);
    const codes: unknown[] = [];
    for (const query of ["api-version=", "api-version=1999-01-01", "api%2Dversion=2023-07-01"]) {
      const response = await tenant.send(reader, "GET", `${VAULT}?${query}`);
      codes.push([response.status, response.body.error?.code]);
    }
    expect(codes).toEqual([
      [400, "MissingApiVersionParameter"],
      [400, "NoRegisteredProviderFound"],
      [200, undefined],
    ]);
    const groups = await tenant.send(reader, "GET", `${ROOT}/resourceGroups?api-version=1999-01-01`);
    expect([groups.status, groups.body.error?.code]).toEqual([400, "InvalidApiVersionParameter"]);
  });

  test("an unknown provider, type, path and method each have their own answer", async () => {
    const tenant = makeArmTenant();
    const reader = tenant.personWith(["*"], ROOT);
    const ask = async (method: string, path: string) => {
      const response = await tenant.send(reader, method, path);
      return [response.status, String(response.body.error?.code)];
    };
    expect(await ask("GET", `${GROUP}/providers/Microsoft.Nothing/things/x`)).toEqual([
      404,
      "InvalidResourceNamespace",
    ]);
    expect(await ask("GET", `${VAULT}/certificates/x`)).toEqual([404, "InvalidResourceType"]);
    expect(await ask("GET", `${ROOT}/providers/Microsoft.KeyVault/vaults/kv-one`)).toEqual([400, "InvalidRequestUri"]);
    expect(await ask("POST", VAULT)).toEqual([405, "MethodNotAllowed"]);
  });

  test("an unknown subscription is 404, a malformed one 400, before any right is looked at", async () => {
    const tenant = makeArmTenant();
    const nobody = tenant.person("nobody");
    const unknown = await tenant.send(
      nobody,
      "GET",
      "/subscriptions/44444444-4444-4444-8444-444444444444/resourceGroups",
    );
    expect([unknown.status, unknown.body.error?.code]).toEqual([404, "SubscriptionNotFound"]);
    const malformed = await tenant.send(nobody, "GET", "/subscriptions/prod/resourceGroups");
    expect([malformed.status, malformed.body.error?.code]).toEqual([400, "InvalidSubscriptionId"]);
  });

  test("without the right the answer is the same whether or not the resource exists", async () => {
    const tenant = makeArmTenant();
    const nobody = tenant.person("nobody");
    const there = await tenant.send(nobody, "GET", VAULT);
    const absent = await tenant.send(nobody, "GET", VAULT.replace("kv-one", "kv-missing"));
    expect(there.status).toBe(403);
    expect(there.body.error?.code).toBe("AuthorizationFailed");
    expect(String(there.body.error?.message)).toContain(
      `The client 'nobody@contoso.test' with object id '${nobody.oid}' does not have authorization to perform action 'Microsoft.KeyVault/vaults/read' over scope '${VAULT}'`,
    );
    expect(String(absent.body.error?.message).replace("kv-missing", "kv-one")).toBe(there.body.error?.message);
  });

  test("with the right a missing group and a missing resource are told apart", async () => {
    const tenant = makeArmTenant();
    const reader = tenant.personWith(READER, ROOT);
    const group = await tenant.send(reader, "GET", VAULT.replace("rg-app", "rg-none"));
    expect([group.status, group.body.error?.code]).toEqual([404, "ResourceGroupNotFound"]);
    const vault = await tenant.send(reader, "GET", VAULT.replace("kv-one", "kv-none"));
    expect([vault.status, vault.body.error?.code]).toEqual([404, "ResourceNotFound"]);
  });

  test("ids compare without case and slashes collapse", async () => {
    const tenant = makeArmTenant();
    const reader = tenant.personWith(READER, ROOT);
    const response = await tenant.send(reader, "GET", `/${VAULT.toUpperCase()}`);
    expect([response.status, response.body.id]).toEqual([200, VAULT]);
  });

  test("a body that is not JSON is refused", async () => {
    const tenant = makeArmTenant();
    const owner = tenant.personWith(["*"], ROOT);
    const response = await tenant.send(owner, "PATCH", VAULT, "{tags");
    expect([response.status, response.body.error?.code]).toEqual([400, "InvalidRequestContent"]);
  });
});

describe("the rate limit", () => {
  test("250 reads go through at once, then 25 a second; the refusal says when to come back", async () => {
    const tenant = makeArmTenant({ throttle: true });
    const reader = tenant.personWith(READER, ROOT);
    const read = () => tenant.send(reader, "GET", `${GROUP}?api-version=2022-12-01`);
    for (let i = 0; i < 249; i++) await read();
    const last = await read();
    expect([last.status, last.headers?.["x-ms-ratelimit-remaining-subscription-reads"]]).toEqual([200, "0"]);
    const refused = await read();
    expect([refused.status, refused.headers?.["retry-after"], refused.body.error?.code]).toEqual([
      429,
      "1",
      "SubscriptionRequestsThrottled",
    ]);
    expect(refused.headers?.["x-ms-ratelimit-remaining-subscription-reads"]).toBe("0");
    tenant.advance(1000);
    for (let i = 0; i < 25; i++) expect((await read()).status).toBe(200);
    expect((await read()).status).toBe(429);
  });

  test("writes, other subscriptions and other people have buckets of their own", async () => {
    const tenant = makeArmTenant({ throttle: true });
    const [owner, other] = [tenant.personWith(["*"], ROOT), tenant.personWith(["*"], ROOT)];
    tenant.assign(owner, tenant.role({ actions: ["*"] }), `/subscriptions/${OTHER_SUBSCRIPTION}`);
    const write = (as = owner) => tenant.send(as, "PATCH", VAULT, {});
    for (let i = 0; i < 200; i++) expect((await write()).status).toBe(200);
    expect((await write()).status).toBe(429);
    expect((await write(other)).status).toBe(200);
    expect((await tenant.send(owner, "GET", VAULT)).status).toBe(200);
    expect((await tenant.send(owner, "GET", `/subscriptions/${OTHER_SUBSCRIPTION}`)).status).toBe(200);
  });
});

describe("a parameter that is given twice", () => {
  test.each([
    [`${VAULT}?api-version=2023-07-01&api-version=2023-07-01`, "NoRegisteredProviderFound", "'2023-07-01,2023-07-01'"],
    [`${VAULT}?api-version=2023-07-01&API-Version=wrong`, "NoRegisteredProviderFound", "'2023-07-01,wrong'"],
    [`${GROUP}?api-version=2022-12-01&api-version=2022-12-01`, "InvalidApiVersionParameter", "'2022-12-01,2022-12-01'"],
    [`${ROOT}/providers/Microsoft.KeyVault/vaults?api-version=2023-07-01&$top=1&%24top=abc`, "BadRequest", "'$top'"],
    [`${VAULT}?api-version=2023-07-01&x=1&X=1`, "BadRequest", "'X'"],
  ])("is refused: %s", async (path, code, named) => {
    const tenant = makeArmTenant();
    const { status, body } = await tenant.send(tenant.personWith(READER, ROOT), "GET", path);
    expect([status, body.error?.code, body.error?.message]).toEqual([400, code, expect.stringContaining(named)]);
  });
});

describe("lists", () => {
  test("show what the caller may read and refuse who may read nothing there", async () => {
    const tenant = makeArmTenant();
    const reader = tenant.personWith(READER, GROUP);
    const names = async (path: string) => {
      const { body } = await tenant.send(reader, "GET", path);
      return JSON.parse(JSON.stringify(body.value)).map(
        (item: { name?: string; displayName?: string }) => item.name ?? item.displayName,
      );
    };
    expect(await names("/subscriptions")).toEqual(["Subscription 1"]);
    expect(await names(`${ROOT}/resourceGroups`)).toEqual(["rg-app"]);
    expect(await names(`${ROOT}/providers/Microsoft.KeyVault/vaults`)).toEqual(["kv-one", "kv-rbac"]);
    expect(await names(`${ROOT}/providers/Microsoft.OperationalInsights/workspaces`)).toEqual(["law"]);
    const nobody = tenant.person("nobody");
    expect((await tenant.send(nobody, "GET", `${ROOT}/resourceGroups`)).status).toBe(403);
    expect((await tenant.send(nobody, "GET", `${ROOT}/providers/Microsoft.KeyVault/vaults`)).status).toBe(403);
    expect((await tenant.send(nobody, "GET", "/subscriptions")).body.value).toEqual([]);
  });

  test("page through links to the real host until the end, each item once", async () => {
    const tenant = makeArmTenant();
    const reader = tenant.personWith(READER, ROOT);
    const seen: string[] = [];
    let next: string | undefined = `${ROOT}/providers/Microsoft.KeyVault/vaults?$top=2&api-version=2023-07-01`;
    while (next !== undefined) {
      const { body } = await tenant.send(reader, "GET", next.replace("https://management.azure.com", ""));
      for (const vault of JSON.parse(JSON.stringify(body.value))) seen.push(vault.name);
      next = body.nextLink === undefined ? undefined : String(body.nextLink);
      if (next !== undefined)
        expect(next).toMatch(/^https:\/\/management\.azure\.com\/subscriptions\/.*api-version=2023-07-01/);
    }
    expect(seen).toEqual(["kv-two", "kv-one", "kv-rbac"]);
    const bad = await tenant.send(reader, "GET", `${ROOT}/providers/Microsoft.KeyVault/vaults?$skiptoken=%25%25`);
    expect(bad.status).toBe(400);
  });

  test("tables carry their plan", async () => {
    const tenant = makeArmTenant();
    const reader = tenant.personWith(READER, ROOT);
    const { body } = await tenant.send(reader, "GET", `${WORKSPACE}/tables`);
    const plans = Object.fromEntries(
      JSON.parse(JSON.stringify(body.value)).map((table: { name: string; properties: { plan: string } }) => [
        table.name,
        table.properties.plan,
      ]),
    );
    expect(plans).toMatchObject({ AzureDiagnostics: "Analytics", AZKVAuditLogs: "Basic" });
  });
});

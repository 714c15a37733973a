import { describe, expect, test } from "vitest";
import { GROUP, makeArmTenant, NOON, SUBSCRIPTION, VAULT, WORKSPACE } from "../arm/test-context";

const ROOT = `/subscriptions/${SUBSCRIPTION}`;
const EVENTS = `${ROOT}/providers/Microsoft.Insights/eventtypes/management/values`;
const RULE = `${GROUP}/providers/Microsoft.Insights/scheduledQueryRules/rule-one`;
const ACTIONS = `${GROUP}/providers/Microsoft.Insights/actionGroups/ag-one`;
const DAY = 86_400_000;

function setUp(delays = {}) {
  const tenant = makeArmTenant({ delays });
  const owner = tenant.personWith(["*"], ROOT);
  const send = (method: string, path: string, body?: unknown, as = owner) => tenant.send(as, method, path, body);
  return { tenant, owner, send };
}

const CONDITION = {
  query: "AZKVAuditLogs | where HttpStatusCode == 403",
  timeAggregation: "Count",
  operator: "GreaterThan",
  threshold: 5,
};

function rule(more: object = {}, condition: object = {}) {
  return {
    location: "westeurope",
    properties: {
      enabled: true,
      severity: 2,
      scopes: [WORKSPACE],
      evaluationFrequency: "PT5M",
      windowSize: "PT15M",
      criteria: { allOf: [{ ...CONDITION, ...condition }] },
      ...more,
    },
  };
}

describe("log alert rules", () => {
  test("are stored, replaced, changed in part and taken away", async () => {
    const { send } = setUp();
    const made = await send("PUT", RULE, rule());
    expect([made.status, made.body.kind]).toEqual([201, "LogAlert"]);
    expect(made.body.properties).toMatchObject({
      createdWithApiVersion: "2023-12-01",
      isLegacyLogAnalyticsRule: false,
    });
    expect((await send("PUT", RULE, rule({ severity: 0 }))).status).toBe(200);
    const patched = await send("PATCH", RULE, { properties: { enabled: false } });
    expect(patched.body.properties).toMatchObject({ enabled: false, severity: 0 });
    const list = await send("GET", `${ROOT}/providers/Microsoft.Insights/scheduledQueryRules`);
    expect(list.body.value).toHaveLength(1);
    expect((await send("DELETE", RULE)).status).toBe(200);
    expect((await send("DELETE", RULE)).status).toBe(204);
  });

  test("keep the service's times", async () => {
    const { send } = setUp();
    const status = async (more: object) => (await send("PUT", RULE, rule(more))).status;
    for (const wrong of [
      { evaluationFrequency: "PT2M" },
      { evaluationFrequency: "5 minutes" },
      { evaluationFrequency: "P2D", windowSize: "P2D" },
      { windowSize: "PT1M" },
      { windowSize: "P3D" },
      { overrideQueryTimeRange: "P4D" },
      { muteActionsDuration: "PT1H", autoMitigate: true },
    ]) {
      expect([wrong, await status(wrong)]).toEqual([wrong, 400]);
    }
    expect(await status({ evaluationFrequency: "P1D", windowSize: "P2D" })).toBe(201);
  });

  test("each minute runs only what is cheap, and no rule runs what unpacks", async () => {
    const { send } = setUp();
    const put = async (query: string, evaluationFrequency: string) =>
      (await send("PUT", RULE, rule({ evaluationFrequency }, { query }))).status;
    for (const query of [
      "union AzureDiagnostics, AZKVAuditLogs",
      "AZKVAuditLogs | where ingestion_time() > ago(1m)",
      "AZKVAuditLogs | take 5",
      "search 'x'",
    ]) {
      expect([query, await put(query, "PT1M")]).toEqual([query, 400]);
      expect([query, (await put(query, "PT5M")) < 300]).toEqual([query, true]);
    }
    expect(await put("AZKVAuditLogs | where Id == 'union'", "PT1M")).toBe(200);
    expect(await put("AZKVAuditLogs | evaluate bag_unpack(Identity)", "PT5M")).toBe(400);
    expect(await put("AZKVAuditLogs | evaluate pivot(Id)", "PT5M")).toBe(400);
  });

  test("a query that the workspace cannot run is refused, unless nobody is to look", async () => {
    const { send } = setUp();
    const put = (query: string, more: object = {}) => send("PUT", RULE, rule(more, { query }));
    const refused = await put("AZKVAuditLogs | where Colour == 1");
    expect([refused.status, refused.body.error]).toMatchObject([
      400,
      {
        code: "BadArgumentError",
        message: "The request had some invalid properties",
        innererror: { code: "SemanticError", innererror: { message: expect.stringContaining("'Colour'") } },
      },
    ]);
    expect((await put("Heartbeats | count")).status).toBe(400);
    expect((await put("AZKVAuditLogs | where Colour == 1", { skipQueryValidation: true })).status).toBe(201);
    expect((await put("AZKVAuditLogs | where Id != ''")).status).toBe(200);
    const criteria = rule({}, { query: "AZKVAuditLogs | where Colour == 1" }).properties.criteria;
    expect((await send("PATCH", RULE, { properties: { criteria } })).status).toBe(400);
    expect((await send("PATCH", RULE, { tags: { a: "b" } })).status).toBe(200);
  });

  test("count dimensions, thresholds and their own number", async () => {
    const { tenant, send } = setUp();
    const dimension = { name: "Id", operator: "Include", values: ["*"] };
    const put = async (condition: object) => (await send("PUT", RULE, rule({}, condition))).status;
    expect(await put({ dimensions: Array.from({ length: 7 }, () => dimension) })).toBe(400);
    expect(await put({ dimensions: Array.from({ length: 6 }, () => dimension) })).toBe(201);
    expect(await put({ threshold: undefined })).toBe(400);
    expect(await put({ threshold: "5" })).toBe(400);
    expect(await put({ timeAggregation: "Average" })).toBe(400);
    const each = tenant.context.model.scheduledQueryRules.get(RULE);
    if (!each) throw new Error("The rule is there.");
    for (let index = 0; index < 100; index++) {
      const id = `${RULE}-${index}`;
      tenant.context.model.scheduledQueryRules.put(id, {
        ...each,
        id,
        properties: { ...each.properties, evaluationFrequency: "PT1M" },
      });
    }
    const minute = await send("PUT", RULE, rule({ evaluationFrequency: "PT1M" }));
    expect(minute.body.error?.code).toBe("QuotaExceeded");
  });

  test("read only what their writer may read", async () => {
    const { tenant, send } = setUp();
    const writer = tenant.personWith(["Microsoft.Insights/scheduledQueryRules/*"], GROUP);
    expect((await send("PUT", RULE, rule(), writer)).status).toBe(403);
    expect((await send("PUT", RULE, rule({ scopes: [`${WORKSPACE}-two`] }))).status).toBe(400);
  });
});

describe("action groups", () => {
  const body = (more: object = {}) => ({
    location: "Global",
    properties: { groupShortName: "one", enabled: true, ...more },
  });

  test("show every kind of receiver, and are switched off in part", async () => {
    const { send } = setUp();
    const emailReceivers = [{ name: "mail", emailAddress: "a@contoso.test" }];
    expect((await send("PUT", ACTIONS, body({ emailReceivers }))).status).toBe(201);
    expect((await send("GET", ACTIONS)).body.properties).toMatchObject({ emailReceivers, webhookReceivers: [] });
    expect((await send("PATCH", ACTIONS, { properties: { enabled: false } })).body.properties?.enabled).toBe(false);
    expect((await send("DELETE", ACTIONS)).status).toBe(200);
    expect((await send("GET", ACTIONS)).status).toBe(404);
  });

  test("refuse long names, wrong receivers and too many of them", async () => {
    const { send } = setUp();
    const hook = (index: number) => ({ name: `hook-${index}`, serviceUri: "https://example.org/hook" });
    for (const wrong of [
      { groupShortName: "longer than twelve" },
      { enabled: "yes" },
      { emailReceivers: [{ name: "mail", emailAddress: "nowhere" }] },
      { webhookReceivers: Array.from({ length: 11 }, (_, index) => hook(index)) },
      { webhookReceivers: [hook(1), hook(1)] },
    ]) {
      expect([wrong, (await send("PUT", ACTIONS, body(wrong))).status]).toEqual([wrong, 400]);
    }
  });
});

describe("the activity log", () => {
  const query = (filter: string, more = "") =>
    `${EVENTS}?api-version=2015-04-01&$filter=${encodeURIComponent(filter)}${more}`;
  const since = (at: number) => `eventTimestamp ge '${new Date(at).toISOString()}'`;

  test("tells each write of the control plane, when its row has arrived", async () => {
    const { tenant, owner, send } = setUp({ ingestionMin: 60_000, ingestionMax: 60_000 });
    await send("PATCH", VAULT, { tags: { a: "b" } });
    expect((await send("GET", query(since(NOON - DAY)))).body.value).toEqual([]);
    tenant.advance(120_000);
    const { value } = (await send("GET", query(since(NOON - DAY)))).body;
    expect(value).toHaveLength(2);
    expect(value?.[0]).toMatchObject({
      caller: owner.upn,
      operationName: { value: "Microsoft.KeyVault/vaults/write" },
      resourceId: VAULT,
      subscriptionId: SUBSCRIPTION,
    });
  });

  test("is asked for a span of time within 90 days, and nothing that it does not know", async () => {
    const { send } = setUp();
    for (const filter of [
      "",
      "resourceGroupName eq 'rg-app'",
      since(NOON - 91 * DAY),
      "eventTimestamp ge 'soon'",
      `${since(NOON - DAY)} and colour eq 'red'`,
    ]) {
      expect([filter, (await send("GET", query(filter))).status]).toEqual([filter, 400]);
    }
    expect((await send("GET", query(since(NOON - DAY), "&$select=eventName,colour"))).status).toBe(400);
  });

  test("is narrowed by group and resource, to some fields, and read page by page, newest first", async () => {
    const { tenant, send } = setUp();
    for (let index = 0; index < 120; index++) {
      tenant.advance(1000);
      await send("PATCH", VAULT, { tags: { n: String(index) } });
    }
    await send("PATCH", VAULT.replace("rg-app", "rg-app-two").replace("kv-one", "kv-two"), { tags: {} });
    tenant.advance(1000);
    const group = `${since(NOON - DAY)} and resourceGroupName eq 'rg-app'`;
    const first = await send("GET", query(group, "&$select=eventTimestamp,resourceId"));
    expect(first.body.value).toHaveLength(200);
    expect(Object.keys(first.body.value?.[0] ?? {}).sort()).toEqual(["eventTimestamp", "resourceId"]);
    const next = new URL(String(first.body.nextLink));
    const second = await send("GET", next.pathname + next.search);
    expect(second.body.value).toHaveLength(40);
    const times = [first, second].flatMap(({ body }) =>
      Object.values(body.value ?? {}).map((event) => String(event.eventTimestamp)),
    );
    expect(times).toEqual([...times].sort().reverse());
    const resource = await send("GET", query(`${since(NOON - DAY)} and resourceUri eq '${VAULT}'`));
    expect(resource.body.value).toHaveLength(200);
  });

  test("a reader of one group reads the log of that group only", async () => {
    const { tenant, send } = setUp();
    await send("PATCH", VAULT, { tags: {} });
    const reader = tenant.personWith(["*/read"], GROUP);
    expect((await send("GET", query(since(NOON - DAY)), undefined, reader)).status).toBe(403);
    const own = await send("GET", query(`${since(NOON - DAY)} and resourceGroupName eq 'rg-app'`), undefined, reader);
    expect(own.body.value).toHaveLength(2);
  });
});

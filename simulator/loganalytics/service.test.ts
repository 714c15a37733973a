import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { SimResponse } from "../http";
import { giveRole, listAt, makeRequest, makeTenant, type TestTenant } from "../keyvault/testing/tenant";
import type { Principal } from "../model";
import { handleLogAnalytics } from "./service";
import { sharedEngine } from "./shared-engine";
import { columnOf } from "./testing/table-rows";
import { watchlistFunction } from "./watchlist-function";

const V = "api-version=7.4";
/** The generated estate has traffic of its own. */
const OURS = "AzureDiagnostics | where clientInfo_s startswith 'test-agent' | count";
let tenant: TestTenant;

// The parser is shared by all tests; starting it takes seconds, more on a busy machine.
beforeAll(async () => {
  tenant = await makeTenant();
  await sharedEngine(tenant.context).warm();
}, 120_000);

beforeEach(async () => {
  tenant = await makeTenant();
  giveRole(tenant.context, tenant.officer, { actions: ["*/read"] }, tenant.workspace.id);
});

afterAll(() => sharedEngine(tenant.context).close());

async function send(method: string, path: string, body?: unknown, as: Principal = tenant.officer, prefer = "") {
  const request = { ...makeRequest(method, `https://api.loganalytics.io${path}`, body), headers: { prefer } };
  const response = await handleLogAnalytics({ ...tenant.context, request, caller: tenant.caller(as) });
  return { ...response, body: response.body };
}

const query = (text: string, more: Record<string, unknown> = {}, prefer = "") =>
  send("POST", `/v1/workspaces/${tenant.workspace.customerId}/query`, { query: text, ...more }, tenant.officer, prefer);

function rowsOf(answer: SimResponse): unknown[] {
  expect(answer, JSON.stringify(answer.body)).toMatchObject({ status: 200 });
  return listAt(answer, "tables.0.rows");
}

describe("a query about a resource", () => {
  const ask = (resource: string, text: string, as = tenant.officer) =>
    send("POST", `/v1${resource}/query`, { query: text }, as);
  const COUNT = "AzureDiagnostics | where clientInfo_s startswith 'test-agent' | distinct _ResourceId";

  test("gives the rows of that resource only, by the right to read the resource, from every workspace", async () => {
    const { vault, stranger, context } = tenant;
    tenant.addSetting({ name: "audit" });
    await tenant.send("GET", `/secrets?${V}`);
    tenant.advance(600_000);
    giveRole(context, stranger, { actions: ["*/read"] }, vault.id);
    expect(rowsOf(await ask(vault.id, COUNT, stranger))).toEqual([[vault.id.toLowerCase()]]);
    // The client writes the id with the slash that it begins with.
    expect(rowsOf(await ask(`/${vault.id}`, COUNT, stranger))).toEqual([[vault.id.toLowerCase()]]);
    const byAddress = await send("GET", `/v1${vault.id}/query?query=${encodeURIComponent(COUNT)}`, undefined, stranger);
    expect(rowsOf(byAddress)).toEqual([[vault.id.toLowerCase()]]);
    const group = vault.id.split("/").slice(0, 5).join("/");
    expect(await ask(group, COUNT, stranger)).toMatchObject({ status: 403 });
    const workspace = tenant.workspace.id;
    expect(rowsOf(await ask(workspace, COUNT))).toEqual([]);
  });

  test("needs a right to the table's logs at the resource; what belongs to no resource is not there", async () => {
    const { vault, stranger, context } = tenant;
    giveRole(
      context,
      stranger,
      { actions: ["Microsoft.KeyVault/vaults/read", "Microsoft.Insights/logs/AZKVAuditLogs/read"] },
      vault.id,
    );
    expect(await ask(vault.id, "AZKVAuditLogs | count", stranger)).toMatchObject({ status: 200 });
    for (const table of ["AzureDiagnostics", "SecurityIncident"]) {
      expect(await ask(vault.id, `${table} | count`, stranger)).toMatchObject({
        status: 400,
        body: { error: { innererror: { code: "SemanticError" } } },
      });
    }
  });

  test("is refused without the right, for an unknown resource, and on other paths", async () => {
    const { vault, stranger } = tenant;
    expect(await ask(vault.id, COUNT, stranger)).toMatchObject({
      status: 403,
      body: { error: { code: "InsufficientAccessError" } },
    });
    giveRole(tenant.context, stranger, { actions: ["*/read"] }, "/");
    expect(await ask(`${vault.id}x`, COUNT, stranger)).toMatchObject({
      status: 404,
      body: { error: { code: "ResourceNotFoundError" } },
    });
    expect(await ask("/providers/Microsoft.KeyVault", COUNT, stranger)).toMatchObject({
      status: 404,
      body: { error: { code: "PathNotFoundError" } },
    });
  });
});

describe("who may query what", () => {
  test("without the right to query the workspace the answer is InsufficientAccessError", async () => {
    const path = `/v1/workspaces/${tenant.workspace.customerId}/query`;
    expect(await send("POST", path, { query: "print 1" }, tenant.stranger)).toMatchObject({
      status: 403,
      body: { error: { code: "InsufficientAccessError", correlationId: expect.any(String) } },
    });
  });

  test("an unknown workspace and an unknown path are told apart", async () => {
    const other = "/v1/workspaces/00000000-0000-0000-0000-000000000000/query";
    expect(await send("POST", other, { query: "print 1" })).toMatchObject({
      status: 404,
      body: { error: { code: "WorkspaceNotFoundError" } },
    });
    expect(await send("POST", "/v1/workspace/x/query", { query: "print 1" })).toMatchObject({
      status: 404,
      body: { error: { code: "PathNotFoundError" } },
    });
  });

  test("more than 200 requests in 30 seconds are refused until the window has moved on", async () => {
    const path = "/v1/workspaces/none/query";
    for (let i = 0; i < 200; i++) await send("POST", path, { query: "print 1" });
    const refused = await send("POST", path, { query: "print 1" });
    expect(refused).toMatchObject({ status: 429, headers: { "retry-after": "30" } });
    expect(await send("POST", path, { query: "print 1" }, tenant.stranger)).toMatchObject({ status: 404 });
    tenant.advance(30_000);
    expect(await send("POST", path, { query: "print 1" })).toMatchObject({ status: 404 });
  });
});

describe("what is wrong with a request", () => {
  test.each([
    [{}, undefined],
    [{ query: "" }, undefined],
    [{ query: "print 1", timespan: "yesterday" }, "yesterday"],
  ])("%j is a BadArgumentError", async (body, named) => {
    const answer = await send("POST", `/v1/workspaces/${tenant.workspace.customerId}/query`, body);
    expect(answer).toMatchObject({ status: 400, body: { error: { code: "BadArgumentError" } } });
    if (named) expect(JSON.stringify(answer.body)).toContain(named);
  });

  test("a text that cannot be parsed is a SyntaxError with its place", async () => {
    expect(await query("AzureDiagnostics\n| where (")).toMatchObject({
      status: 400,
      body: {
        error: {
          code: "BadArgumentError",
          innererror: { code: "SyntaxError", innererror: { code: "SYN0002", line: 2, pos: expect.any(Number) } },
        },
      },
    });
  });

  test("a name that does not exist is a SemanticError that names it", async () => {
    const answer = await query("AzureDiagnostics | where NoSuchColumn == 1");
    expect(answer).toMatchObject({ status: 400, body: { error: { innererror: { code: "SemanticError" } } } });
    expect(JSON.stringify(answer.body)).toContain("NoSuchColumn");
  });
});

describe("rows", () => {
  test("a read secret is found by its row once that has been ingested", async () => {
    tenant.addSetting({ name: "audit", destinationType: "Dedicated" });
    await tenant.send("PUT", `/secrets/mail?${V}`, { body: { value: "x" } });
    const text =
      "AZKVAuditLogs | where ClientInfo startswith 'test-agent' | project OperationName, HttpStatusCode, oid = tostring(Identity.claim.oid), lag = ingestion_time() - TimeGenerated > 2m";
    expect(rowsOf(await query(text))).toEqual([]);
    tenant.advance(600_000);
    expect(rowsOf(await query(text))).toEqual([["SecretSet", 200, tenant.officer.oid, true]]);
    expect(rowsOf(await query(OURS))).toEqual([[0]]);
  });

  test("the timespan of the request narrows TimeGenerated", async () => {
    tenant.addSetting({ name: "audit" });
    await tenant.send("GET", `/secrets?${V}`);
    tenant.advance(2 * 3_600_000);
    expect(rowsOf(await query(OURS))).toEqual([[1]]);
    expect(rowsOf(await query(OURS, { timespan: "PT1H" }))).toEqual([[0]]);
    expect(rowsOf(await query(OURS, { timespan: "PT3H" }))).toEqual([[1]]);
  });

  test("columns come with their types, dates as text, dynamic values as JSON text; statistics when preferred", async () => {
    const answer = await query(
      "print when = datetime(2026-09-01T10:15:02.5Z), bag = dynamic({'a':1}), n = 5, name = 'x'",
      {},
      "wait=60,include-statistics=true",
    );
    expect(answer.body).toMatchObject({
      tables: [
        {
          name: "PrimaryResult",
          columns: [
            { name: "when", type: "datetime" },
            { name: "bag", type: "dynamic" },
            { name: "n", type: "long" },
            { name: "name", type: "string" },
          ],
          rows: [["2026-09-01T10:15:02.5Z", '{"a":1}', 5, "x"]],
        },
      ],
      statistics: { query: { executionTime: expect.any(Number) } },
    });
  });

  test("GET answers like POST", async () => {
    const path = `/v1/workspaces/${tenant.workspace.customerId}/query?query=print%201&timespan=PT1H`;
    expect(rowsOf(await send("GET", path))).toEqual([[1]]);
  });

  test("a batch answers each query by its id, good or bad", async () => {
    const workspace = tenant.workspace.customerId;
    const part = (id: string, text: string, of = workspace) => ({
      id,
      method: "POST",
      path: "/query",
      workspace: of,
      body: { query: text },
    });
    const requests = [part("1", "print 1"), part("2", "nonsense |"), part("3", "print 3", "unknown")];
    const answer = await send("POST", "/v1/$batch", { requests });
    expect(answer).toMatchObject({
      status: 200,
      body: {
        responses: [
          { id: "1", status: 200, body: { tables: [{ rows: [[1]] }] } },
          { id: "2", status: 400, body: { error: { code: "BadArgumentError" } } },
          { id: "3", status: 404, body: { error: { code: "WorkspaceNotFoundError" } } },
        ],
      },
    });
  });
});

describe("watchlists", () => {
  beforeEach(() => {
    const { context, workspace } = tenant;
    const now = context.now();
    context.model.watchlists.put(`${workspace.id}/HoneyTokens`, {
      workspaceId: workspace.id,
      alias: "HoneyTokens",
      watchlistId: "w",
      displayName: "HoneyTokens",
      provider: "p",
      source: "s",
      itemsSearchKey: "ResourceId",
      etag: "e",
      createdAt: now,
      updatedAt: now,
      createdBy: "x",
    });
    for (const [itemId, fields] of [
      ["1", { ResourceId: "/a", TokenKey: "/a/secrets/mail" }],
      ["2", { ResourceId: "/b", Old: "yes" }],
    ] as const)
      context.model.watchlistItems.put(`${workspace.id}/HoneyTokens/${itemId}`, {
        workspaceId: workspace.id,
        alias: "HoneyTokens",
        itemId,
        fields: { ...fields },
        etag: "e",
        createdAt: now,
        updatedAt: now,
        createdBy: "x",
        visibleAt: now,
      });
  });

  test("_GetWatchlist shows the columns of the list beside its own", async () => {
    const text =
      "_GetWatchlist('HoneyTokens') | sort by _DTItemId asc | project _DTItemId, SearchKey, TokenKey, Old, key = tostring(WatchlistItem.TokenKey)";
    expect(rowsOf(await query(text))).toEqual([
      ["1", "/a", "/a/secrets/mail", "", "/a/secrets/mail"],
      ["2", "/b", "", "yes", ""],
    ]);
    expect(rowsOf(await query("_GetWatchlist('HoneyTokens') | project LastUpdatedTimeUTC | take 1"))).toEqual([
      [new Date(tenant.context.now()).toISOString().replace(".000Z", "Z")],
    ]);
  });

  test("an unknown alias gives no rows, and a search key narrows a list", async () => {
    expect(rowsOf(await query("_GetWatchlist('Nothing') | count"))).toEqual([[0]]);
    const { call } = watchlistFunction(tenant.context, tenant.workspace.id);
    expect(call(["HoneyTokens"]).rows).toHaveLength(2);
    expect(columnOf(call(["HoneyTokens", ["/b"]]), "_DTItemId")).toEqual(["2"]);
    expect(call(["HoneyTokens", []]).rows).toHaveLength(2);
    const text = "let keys = dynamic(['/b']); _GetWatchlist('HoneyTokens', keys) | project _DTItemId";
    expect(rowsOf(await query(text))).toEqual([["2"]]);
    expect(rowsOf(await query("_GetWatchlist('HoneyTokens', dynamic(['/nothing'])) | count"))).toEqual([[0]]);
  });
});

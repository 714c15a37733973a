import { expect, test } from "vitest";
import type { Context } from "../context";
import { Router, type SimRequest } from "../http";
import { FIRST_START, testRequest, testTenant } from "../test-tenant";
import { routeReplay } from "./replay";

async function tenant() {
  const { context } = await testTenant();
  const router = new Router<{ request: SimRequest; context: Context }>();
  routeReplay(router);
  const [vault] = context.model.vaults.values();
  if (!vault) throw new Error("The world has no vault.");
  const ask = (body: unknown) => {
    const match = router.match("POST", "/sim/log-rows");
    if (typeof match === "string") throw new Error("There is no such route.");
    const text = JSON.stringify(body);
    const request = { ...testRequest("POST", "/sim/log-rows"), text, json: () => JSON.parse(text) };
    return match.handler({ request, context }, match.params);
  };
  const row = {
    table: "AZKVAuditLogs",
    vault: vault.name.toUpperCase(),
    operation: "SecretGet",
    status: 403,
    requestUri: `https://${vault.name}.vault.azure.net/secrets/a-reader/?api-version=7.4`,
    at: new Date(FIRST_START).toISOString(),
    arrives: new Date(FIRST_START + 25 * 60_000).toISOString(),
    caller: { oid: "11111111-0000-4000-8000-000000000001", appId: "", kind: "User" },
  };
  return { context, vault, ask, row };
}

test("a row is written to the table and arrives at the time that were wished", async () => {
  const { context, vault, ask, row } = await tenant();
  const before = context.model.logRows.size;
  const other = { ...row, table: "AzureDiagnostics", values: { ResourceId: `${vault.id}/` } };
  expect(await ask({ rows: [row, other] })).toEqual({ status: 200, body: { written: 2 } });
  const [first, second] = [...context.model.logRows.values()].slice(before);
  expect(first).toMatchObject({
    table: "AZKVAuditLogs",
    timeGenerated: FIRST_START,
    ingestedAt: FIRST_START + 25 * 60_000,
    values: { OperationName: "SecretGet", HttpStatusCode: 403, _ResourceId: vault.id.toLowerCase() },
  });
  expect(second).toMatchObject({ table: "AzureDiagnostics", values: { ResourceId: `${vault.id}/` } });
});

test.each([
  ["an unknown vault", { vault: "kv-nowhere" }, "rows.1.vault"],
  ["an arrival before the event", { at: "2090-01-01T00:00:00Z", arrives: "2089-01-01T00:00:00Z" }, "rows.1.arrives"],
  ["an arrival in the past", { at: "1999-01-01T00:00:00Z", arrives: "1999-01-01T00:10:00Z" }, "rows.1.arrives"],
  ["a column that the table has not", { values: { id_s: "x" } }, "rows.1.values"],
  ["no operation", { operation: "" }, "rows.1.operation"],
])("with %s nothing is written, and the field is named", async (_what, change, field) => {
  const { context, ask, row } = await tenant();
  const before = context.model.logRows.size;
  expect(() => ask({ rows: [row, { ...row, ...change }] })).toThrow(field);
  expect(context.model.logRows.size).toBe(before);
});

import { expect, test } from "vitest";
import type { Context } from "../context";
import { Router, type SimRequest } from "../http";
import { FIRST_START, testRequest, testTenant } from "../test-tenant";
import { routeFill } from "./fill";

const DAY = 86_400_000;

async function tenant() {
  const { context } = await testTenant();
  const router = new Router<{ request: SimRequest; context: Context }>();
  routeFill(router);
  const ask = (body: unknown) => {
    const match = router.match("POST", "/sim/log-rows/fill");
    if (typeof match === "string") throw new Error("There is no such route.");
    const text = JSON.stringify(body);
    const request = { ...testRequest("POST", "/sim/log-rows/fill"), text, json: () => JSON.parse(text) };
    return match.handler({ request, context }, match.params);
  };
  return { context, ask };
}

test("a workspace is filled with as many audit rows as are wished, in order over the whole span", async () => {
  const { context, ask } = await tenant();
  const before = context.model.logRows.size;
  const span = { from: new Date(FIRST_START - DAY).toISOString(), until: new Date(FIRST_START).toISOString() };
  expect(await ask({ rows: 500, ...span })).toEqual({ status: 200, body: { written: 500 } });
  const rows = [...context.model.logRows.values()].slice(before);
  const times = rows.map(({ timeGenerated }) => timeGenerated);
  expect(times).toHaveLength(500);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(Math.min(...times)).toBe(FIRST_START - DAY);
  expect(Math.max(...times)).toBeGreaterThan(FIRST_START - DAY / 100);
  expect(new Set(rows.map(({ table }) => table))).toEqual(new Set(["AzureDiagnostics", "AZKVAuditLogs"]));
  expect(rows.every(({ timeGenerated, ingestedAt }) => ingestedAt > timeGenerated)).toBe(true);
});

test.each([
  {},
  { rows: 0, from: "2026-10-01T00:00:00Z", until: "2026-10-02T00:00:00Z" },
  { rows: 1e9, from: "2026-10-01T00:00:00Z", until: "2026-10-02T00:00:00Z" },
  { rows: 1, from: "2026-10-03T00:00:00Z", until: "2026-10-02T00:00:00Z" },
  { rows: 1, from: "yesterday", until: "2026-10-02T00:00:00Z" },
])("a wish that cannot be met is refused: %j", async (wish) => {
  const { context, ask } = await tenant();
  const before = context.model.logRows.size;
  expect(() => ask(wish)).toThrow("The body must be like");
  expect(context.model.logRows.size).toBe(before);
});

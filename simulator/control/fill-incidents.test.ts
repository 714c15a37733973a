import { expect, test } from "vitest";
import type { Context } from "../context";
import { Router, type SimRequest } from "../http";
import { watchedWorkspace } from "../loganalytics/workspace";
import { FIRST_START, testRequest, testTenant } from "../test-tenant";
import { routeFillIncidents } from "./fill-incidents";

const AT = new Date(FIRST_START - 86_400_000).toISOString();

async function tenant() {
  const { context } = await testTenant();
  const workspaceId = watchedWorkspace(context)?.id ?? "";
  const rule = { workspaceId, ruleId: "decoy", kind: "NRT", etag: "", properties: { query: "T | take 1" } } as const;
  context.model.alertRules.put(`${workspaceId}/decoy`, rule);
  const router = new Router<{ request: SimRequest; context: Context }>();
  routeFillIncidents(router);
  const ask = (body: unknown) => {
    const match = router.match("POST", "/sim/incidents/fill");
    if (typeof match === "string") throw new Error("There is no such route.");
    return match.handler({ request: { ...testRequest("POST", "/x"), json: () => body }, context }, match.params);
  };
  const rows = (table: string) => [...context.model.logRows.values()].filter((row) => row.table === table);
  return { context, ask, rows };
}

test("incidents stand with their alerts and rows as if a rule had raised them then", async () => {
  const { context, ask, rows } = await tenant();
  const wished = {
    rule: "decoy",
    at: AT,
    title: "=1+1",
    severity: "High",
    entities: [{ type: "ip", fields: { Address: "203.0.113.9" } }],
    customDetails: { Caller: ["mallory"] },
  };
  const taken = { ...wished, status: "Closed", owner: "Sam" };
  expect(await ask({ incidents: [wished, taken] })).toEqual({ status: 200, body: { written: 2 } });
  expect([...context.model.incidents.values()]).toMatchObject([
    { title: "=1+1", status: "New", createdAt: Date.parse(AT), ruleIds: ["decoy"] },
    { status: "Closed", owner: { assignedTo: "Sam" } },
  ]);
  const alerts = [...context.model.alerts.values()];
  expect(new Set(alerts.map(({ systemAlertId }) => systemAlertId)).size).toBe(2);
  expect(alerts[0]).toMatchObject({ query: "T | take 1", customDetails: { Caller: ["mallory"] } });
  expect(rows("SecurityAlert").map(({ timeGenerated }) => timeGenerated)).toEqual([Date.parse(AT), Date.parse(AT)]);
  expect(rows("SecurityIncident").map(({ values }) => values.Status)).toEqual(["New", "New", "Closed"]);
});

test.each([
  [{}, "incidents"],
  [{ incidents: [] }, "incidents"],
  [{ incidents: [{ rule: "decoy", at: "yesterday", title: "", severity: "High" }] }, "incidents.0.at"],
  [{ incidents: [{ rule: "other", at: AT, title: "", severity: "High" }] }, "has no rule other"],
])("a wish that cannot be met is refused, and nothing is half written: %j", async (wish, words) => {
  const { context, ask } = await tenant();
  expect(() => ask(wish)).toThrow(words);
  expect(context.model.incidents.size).toBe(0);
});

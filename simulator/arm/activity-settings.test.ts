import { describe, expect, test } from "vitest";
import { testTenant } from "../test-tenant";
import { worldIds } from "../world/ids";
import { writeActivityRow } from "./activity";
import { makeArmTenant, SUBSCRIPTION, WORKSPACE } from "./test-context";

/* What sends a subscription's activity log somewhere, and a workspace's way into Sentinel. */

const ROOT = `/subscriptions/${SUBSCRIPTION}`;
const SETTINGS = `${ROOT}/providers/Microsoft.Insights/diagnosticSettings`;
const LOGS = [{ category: "Administrative", enabled: true }];

function setUp() {
  const tenant = makeArmTenant({ delays: { diagnostics: 5000 } });
  const owner = tenant.personWith(["*"], ROOT);
  const rows = () => tenant.context.model.logRows.store("AzureActivity").length;
  return { tenant, owner, rows };
}

describe("the activity log of a subscription", () => {
  test("reaches the workspace from the delay after its setting on, and the platform's own log always", async () => {
    const { tenant, owner, rows } = setUp();
    const before = rows();
    await tenant.send(owner, "PUT", `${SETTINGS}/one`, { properties: { workspaceId: WORKSPACE, logs: LOGS } });
    expect(rows()).toBe(before);
    tenant.advance(6000);
    const made = await tenant.send(owner, "PUT", `${SETTINGS}/one`, {
      properties: { workspaceId: WORKSPACE, logs: LOGS },
    });
    expect(made.body).toEqual({
      id: `subscriptions/${SUBSCRIPTION}/providers/AzureResourceManager/diagnosticSettings/one`,
      type: null,
      name: "one",
      properties: { workspaceId: WORKSPACE, logs: LOGS },
    });
    expect(rows()).toBe(before + 2);
    expect((await tenant.send(owner, "GET", SETTINGS)).body.value).toEqual([made.body]);
    expect((await tenant.send(owner, "DELETE", `${SETTINGS}/one`)).status).toBe(200);
    expect((await tenant.send(owner, "DELETE", `${SETTINGS}/one`)).status).toBe(204);
    expect(rows()).toBe(before + 2);
    tenant.advance(20 * 60_000);
    const since = encodeURIComponent("eventTimestamp ge '2026-10-01T00:00:00Z'");
    const path = `${ROOT}/providers/Microsoft.Insights/eventtypes/management/values?api-version=2015-04-01&$filter=${since}`;
    const listed = await tenant.send(owner, "GET", path);
    // Both writes of the setting, and its deletion, which no workspace received any more.
    expect(JSON.stringify(listed.body.value).match(/BeginRequest/g)).toHaveLength(3);
  });

  test("is refused what Azure refuses: no right on the workspace, a vault's category, the same sink twice", async () => {
    const { tenant, owner } = setUp();
    const put = (name: string, logs: object[], as = owner) =>
      tenant.send(as, "PUT", `${SETTINGS}/${name}`, { properties: { workspaceId: WORKSPACE, logs } });
    const half = tenant.personWith(["Microsoft.Insights/diagnosticSettings/write"], ROOT);
    expect((await put("one", LOGS, half)).body.error?.code).toBe("LinkedAuthorizationFailed");
    expect((await put("one", [{ category: "AuditEvent", enabled: true }])).status).toBe(400);
    expect((await put("one", LOGS)).status).toBe(200);
    expect((await put("two", [{ categoryGroup: "allLogs", enabled: true }])).status).toBe(409);
    expect((await tenant.send(tenant.personWith([], ROOT), "GET", SETTINGS)).status).toBe(403);
  });
});

test("a tenant that was not set up has no Sentinel until it is switched on, by whoever may", async () => {
  const { context } = await testTenant({ bare: true });
  const { workspace, subscriptions, plantRoleId } = worldIds(context);
  expect(context.model.workspaces.get(workspace.resourceId)).toMatchObject({ sentinel: false });
  expect([context.model.watchlists.size, context.model.alertRules.size, context.model.activitySettings.size]).toEqual([
    0, 0, 0,
  ]);
  expect(context.model.roleDefinitions.get(plantRoleId)).toBeUndefined();
  const watched = context.model.logRows.store("AzureActivity").length;
  writeActivityRow(context, { SubscriptionId: subscriptions[0] ?? "", Type: "AzureActivity" }, context.now());
  expect(context.model.logRows.store("AzureActivity").length).toBe(watched);

  const tenant = makeArmTenant();
  const state = `${WORKSPACE}/providers/Microsoft.SecurityInsights/onboardingStates/default`;
  const there = tenant.context.model.workspaces.get(WORKSPACE);
  if (there) tenant.context.model.workspaces.put(WORKSPACE, { ...there, sentinel: false });
  const owner = tenant.personWith(["*"], ROOT);
  const reader = tenant.personWith(["*/read"], ROOT);
  expect((await tenant.send(owner, "GET", state)).status).toBe(404);
  expect((await tenant.send(reader, "PUT", state, { properties: {} })).status).toBe(403);
  expect((await tenant.send(owner, "PUT", state, { properties: {} })).status).toBe(201);
  expect((await tenant.send(owner, "PUT", state, { properties: {} })).status).toBe(200);
  expect((await tenant.send(owner, "GET", state)).status).toBe(200);
});

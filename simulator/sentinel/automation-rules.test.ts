import { describe, expect, test } from "vitest";
import { WORKSPACE } from "../arm/test-context";
import { SENTINEL_APP_ID } from "./playbooks";
import { makeAutomationTenant, modify, RULES, when } from "./testing/automation";
import { INCIDENTS } from "./testing/incidents";

const PLAYBOOK = "/subscriptions/s/resourceGroups/rg-playbooks/providers/Microsoft.Logic/workflows/block-user";

describe("automation rules as resources", () => {
  test("are made, listed, changed and deleted in the service's form", async () => {
    const { tenant, responder, rule } = makeAutomationTenant();
    const made = await rule("r1", { conditions: null }, [modify({ severity: "High" })]);
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      id: `${WORKSPACE}/providers/Microsoft.SecurityInsights/AutomationRules/r1`,
      type: "Microsoft.SecurityInsights/AutomationRules",
      properties: {
        createdTimeUtc: "2026-10-01T12:00:00Z",
        triggeringLogic: { conditions: [] },
        actions: [{ order: 1, actionType: "ModifyProperties", actionConfiguration: { severity: "High" } }],
        createdBy: { objectId: responder.oid },
      },
    });
    expect((await rule("r1", {}, [modify({ severity: "Low" })])).status).toBe(200);
    expect((await tenant.send(responder, "GET", RULES)).body.value).toHaveLength(1);
    const stale = { etag: made.body.etag, properties: made.body.properties };
    expect((await tenant.send(responder, "PUT", `${RULES}/r1`, stale)).status).toBe(409);
    expect((await tenant.send(responder, "DELETE", `${RULES}/r1`)).status).toBe(200);
    expect((await tenant.send(responder, "DELETE", `${RULES}/r1`)).status).toBe(204);
    expect((await tenant.send(responder, "GET", `${RULES}/r1`)).status).toBe(404);
  });

  test("what does not fit is refused", async () => {
    const { tenant, rule } = makeAutomationTenant();
    const high = [modify({ severity: "High" })];
    const changed = { conditionType: "PropertyChanged", conditionProperties: { propertyName: "IncidentStatus" } };
    let deep: object = when("IncidentTitle", "Equals", "x");
    for (let i = 0; i < 10; i++) {
      deep = { conditionType: "Boolean", conditionProperties: { operator: "And", innerConditions: [deep, deep] } };
    }
    const bad: [object, object[], object?][] = [
      [{}, []],
      [{}, Array.from({ length: 21 }, () => modify({}))],
      [{ conditions: Array.from({ length: 51 }, () => when("IncidentTitle", "Equals", "x")) }, high],
      [{ conditions: [when("IncidentColour", "Equals", "red")] }, high],
      [{ conditions: [when("IncidentTitle", "Matches", "x")] }, high],
      [{ conditions: [when("IncidentTitle", "Equals")] }, high],
      [{ conditions: [deep] }, high],
      [{ conditions: [changed] }, high],
      [{ triggersOn: "Alerts" }, high],
      [{ triggersOn: "Alerts", triggersWhen: "Updated" }, high],
      [{}, [modify({ status: "Closed" })]],
      [{}, [{ order: 1, actionType: "RunPlaybook", actionConfiguration: { logicAppResourceId: "nowhere" } }]],
      [{}, [{ order: 1, actionType: "AddIncidentTask", actionConfiguration: { title: "Call" } }]],
      [{}, high, { order: 1001 }],
      [{}, high, { displayName: "x".repeat(501) }],
    ];
    for (const [logic, actions, more] of bad) {
      expect((await rule("r1", logic, actions, more)).status, JSON.stringify([logic, actions]).slice(0, 150)).toBe(400);
    }
    expect(tenant.context.model.automationRules.size).toBe(0);
  });

  test("at most 512 of them", async () => {
    const { rule } = makeAutomationTenant();
    for (let i = 0; i < 512; i++) expect((await rule(`r${i}`, {}, [modify({})])).status).toBe(201);
    expect((await rule("r512", {}, [modify({})])).status).toBe(400);
    expect((await rule("r511", {}, [modify({})])).status).toBe(200);
  });

  test("a playbook needs Sentinel's own right on it; a start is kept", async () => {
    const { tenant, responder, rule, open } = makeAutomationTenant();
    const actions = [{ order: 1, actionType: "RunPlaybook", actionConfiguration: { logicAppResourceId: PLAYBOOK } }];
    const refused = await rule("r1", {}, actions);
    expect([refused.status, String(refused.body.error?.message)]).toEqual([
      400,
      expect.stringContaining("Missing required permissions for Microsoft Sentinel on the playbook"),
    ]);
    const service = {
      ...tenant.person("Azure Security Insights"),
      kind: "ServicePrincipal",
      appId: SENTINEL_APP_ID,
    } as const;
    tenant.context.model.principals.put(service.oid, service);
    tenant.assign(
      service,
      tenant.role({ actions: ["Microsoft.Logic/workflows/triggers/listCallbackUrl/action"] }),
      "/subscriptions/s/resourceGroups/rg-playbooks",
    );
    expect((await rule("r1", {}, actions)).status).toBe(201);
    const { name } = open();
    const run = await tenant.send(responder, "POST", `${INCIDENTS}/${name}/runPlaybook`, {
      logicAppsResourceId: PLAYBOOK,
    });
    expect(run.status).toBe(204);
    expect([...tenant.context.model.playbookRuns.values()]).toMatchObject([
      { incidentName: name, logicAppResourceId: PLAYBOOK, startedBy: "r1" },
      { incidentName: name, startedBy: responder.oid },
    ]);
  });
});

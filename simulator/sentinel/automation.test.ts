import { describe, expect, test } from "vitest";
import { WORKSPACE } from "../arm/test-context";
import type { AutomationCondition, Incident } from "./documents";
import { changeIncident, openIncident } from "./incident-changes";
import { newIncident } from "./incident-store";
import { SENTINEL_APP_ID } from "./playbooks";
import { addAlert, INCIDENTS, makeIncidentTenant, PLAIN } from "./testing/incidents";

const RULES = `${WORKSPACE}/providers/Microsoft.SecurityInsights/automationRules`;
const PLAYBOOK = "/subscriptions/s/resourceGroups/rg-playbooks/providers/Microsoft.Logic/workflows/block-user";

function setUp(options: { defenderPortal?: boolean } = {}) {
  const made = makeIncidentTenant(options);
  const { tenant, responder } = made;
  const rule = (id: string, triggeringLogic: object, actions: object[], more: object = {}, version = "") =>
    tenant.send(responder, "PUT", `${RULES}/${id}${version}`, {
      properties: {
        displayName: `Rule ${id}`,
        order: 1,
        triggeringLogic: { isEnabled: true, triggersOn: "Incidents", triggersWhen: "Created", ...triggeringLogic },
        actions,
        ...more,
      },
    });
  const open = (fields: Partial<Incident> = {}) => {
    const call = tenant.call(responder, "GET", INCIDENTS);
    return openIncident(call, newIncident(call, { workspaceId: WORKSPACE, title: "T", severity: "Low", ...fields }));
  };
  return { ...made, rule, open };
}

const modify = (actionConfiguration: object, order = 1) => ({
  order,
  actionType: "ModifyProperties",
  actionConfiguration,
});
const when = (propertyName: string, operator: string, ...propertyValues: string[]) => ({
  conditionType: "Property",
  conditionProperties: { propertyName, operator, propertyValues },
});

describe("automation rules as resources", () => {
  test("are made, listed, changed and deleted in the service's form", async () => {
    const { tenant, responder, rule } = setUp();
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
    const { tenant, rule } = setUp();
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
    const { rule } = setUp();
    for (let i = 0; i < 512; i++) expect((await rule(`r${i}`, {}, [modify({})])).status).toBe(201);
    expect((await rule("r512", {}, [modify({})])).status).toBe(400);
    expect((await rule("r511", {}, [modify({})])).status).toBe(200);
  });

  test("a playbook needs Sentinel's own right on it; a start is kept", async () => {
    const { tenant, responder, rule, open } = setUp();
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

describe("automation rules at work", () => {
  test("run in their order, each seeing what those before it changed; a row for each that changed something", async () => {
    const { rule, open, rows } = setUp();
    await rule(
      "second",
      { conditions: [when("IncidentSeverity", "Equals", "high")] },
      [modify({ owner: { assignedTo: "Night shift" }, labels: [{ labelName: "seen" }] })],
      { order: 2 },
    );
    await rule("first", {}, [modify({ severity: "High" }, 2), modify({ severity: "Medium" }, 1)], { order: 1 });
    await rule("idle", {}, [modify({ status: "New" })], { order: 3 });
    const incident = open();
    expect(incident).toMatchObject({
      severity: "High",
      owner: { assignedTo: "Night shift" },
      labels: [{ labelName: "seen", labelType: "AutoAssigned" }],
    });
    expect(rows().map((row) => [row.Severity, row.ModifiedBy])).toEqual([
      ["Low", "Incident created from alert"],
      ["High", "Automation rule: Rule first"],
      ["High", "Automation rule: Rule second"],
    ]);
  });

  test("those switched off, expired, for alerts or for updates leave a new incident alone", async () => {
    const { tenant, rule, open } = setUp();
    const high = [modify({ severity: "High" })];
    await rule("off", { isEnabled: false }, high);
    await rule("expired", { expirationTimeUtc: "2026-10-01T12:00:30Z" }, high);
    await rule("updates", { triggersWhen: "Updated" }, high);
    tenant.advance(60_000);
    expect(open().severity).toBe("Low");
  });

  test("close an incident with its classification", async () => {
    const { rule, open } = setUp();
    await rule("close", { conditions: [when("IncidentTitle", "Contains", "drill")] }, [
      modify({ status: "Closed", classification: "BenignPositive", classificationReason: "SuspiciousButExpected" }),
    ]);
    expect(open({ title: "A Drill of today" })).toMatchObject({ status: "Closed", classification: "BenignPositive" });
    expect(open({ title: "No exercise" }).status).toBe("New");
  });

  test("look at rules, alerts' entities and custom details", async () => {
    const { tenant, rule, open } = setUp();
    addAlert(tenant, "a1", {
      entities: [
        { type: "account", fields: { Name: "ada", UPNSuffix: "contoso.test" } },
        { type: "azure-resource", fields: { ResourceId: "/subscriptions/s1/x/kv-one" } },
      ],
      customDetails: { Decoy: ["db-password", "api-key"], Place: ["kv-one"] },
    });
    const ruleId = `${WORKSPACE}/providers/Microsoft.SecurityInsights/alertRules/rule-1`;
    const item = (key: string, value: string): AutomationCondition => ({
      conditionType: "PropertyArray",
      conditionProperties: {
        arrayType: "CustomDetails",
        arrayConditionType: "AnyItem",
        itemConditions: [
          {
            conditionType: "Property",
            conditionProperties: {
              propertyName: "IncidentCustomDetailsKey",
              operator: "Equals",
              propertyValues: [key],
            },
          },
          {
            conditionType: "PropertyArray",
            conditionProperties: {
              arrayType: "CustomDetailValues",
              arrayConditionType: "AnyItem",
              itemConditions: [
                {
                  conditionType: "Property",
                  conditionProperties: {
                    propertyName: "IncidentCustomDetailsValue",
                    operator: "StartsWith",
                    propertyValues: [value],
                  },
                },
              ],
            },
          },
        ],
      },
    });
    const both = (operator: string, ...innerConditions: object[]) => ({
      conditionType: "Boolean",
      conditionProperties: { operator, innerConditions },
    });
    const cases: [object, boolean][] = [
      [when("IncidentRelatedAnalyticRuleIds", "Contains", ruleId), true],
      [when("IncidentRelatedAnalyticRuleIds", "NotContains", ruleId), false],
      [when("AccountName", "Equals", "ADA"), true],
      [when("AccountUPNSuffix", "EndsWith", ".test"), true],
      [when("AzureResourceSubscriptionId", "Equals", "s1"), true],
      [when("IPAddress", "Contains", "203"), false],
      [when("IPAddress", "NotContains", "203"), true],
      [when("IncidentTactics", "Equals", "CredentialAccess", "Impact"), true],
      [item("Decoy", "api"), true],
      [item("Place", "api"), false],
      [both("Or", when("AccountName", "Equals", "bob"), when("IncidentSeverity", "Equals", "Low")), true],
      [both("And", when("AccountName", "Equals", "ada"), when("IncidentSeverity", "Equals", "High")), false],
    ];
    for (const [condition, holds] of cases) {
      expect(
        (await rule("r1", { conditions: [condition] }, [modify({ severity: "High" })])).body.error,
      ).toBeUndefined();
      const { severity } = open({ alertIds: ["a1"], ruleIds: ["rule-1"] });
      expect(severity, JSON.stringify(condition)).toBe(holds ? "High" : "Low");
    }
  });

  test("for updates see what changed and by whom, and do not start themselves again", async () => {
    const { tenant, responder, rule, put, get, rows } = setUp();
    const changed = (conditionProperties: object, conditionType = "PropertyChanged") => ({
      conditionType,
      conditionProperties,
    });
    const label = (labelName: string) => [modify({ labels: [{ labelName }] })];
    const updated = { triggersWhen: "Updated" };
    await put("one", PLAIN);
    const closing = {
      propertyName: "IncidentStatus",
      changeType: "ChangedTo",
      operator: "Equals",
      propertyValues: ["Active"],
    };
    await rule("r1", { ...updated, conditions: [changed(closing)] }, label("activated"));
    await rule("r2", { ...updated, conditions: [changed({ propertyName: "IncidentOwner" })] }, label("moved"));
    const added = changed({ arrayType: "Comments", changeType: "Added" }, "PropertyArrayChanged");
    await rule("r3", { ...updated, conditions: [added] }, label("discussed"));
    const byUser = when("IncidentUpdatedBySource", "Equals", "User");
    const labels = changed({ arrayType: "Labels", changeType: "Added" }, "PropertyArrayChanged");
    await rule("r4", { ...updated, conditions: [byUser, labels] }, label("labelled"));
    const names = async () => {
      const { body } = await get("one");
      return JSON.parse(JSON.stringify(body)).properties.labels.map((one: { labelName: string }) => one.labelName);
    };
    await put("one", { ...PLAIN, status: "Active" });
    expect(await names()).toEqual(["activated"]);
    await put("one", { ...PLAIN, status: "Active", severity: "High" });
    expect(await names()).toEqual([]);
    await put("one", { ...PLAIN, status: "Active", owner: { assignedTo: "ada" } });
    expect(await names()).toEqual(["moved"]);
    await tenant.send(responder, "PUT", `${INCIDENTS}/one/comments/c1`, { properties: { message: "Hm." } });
    expect(await names()).toEqual(["moved", "discussed"]);
    const before = rows().length;
    const incident = tenant.context.model.incidents.get(`${WORKSPACE}/one`);
    if (!incident) throw new Error("The incident is gone.");
    const grown = { ...incident, labels: [...incident.labels, { labelName: "grown", labelType: "User" } as const] };
    changeIncident(tenant.call(responder, "GET", INCIDENTS), grown, { source: "User" });
    expect(rows()).toHaveLength(before + 2);
    expect(await names()).toEqual(["moved", "discussed", "grown", "labelled"]);
  });

  test("in the Defender portal: conditions on the provider no longer count, and nothing holds by a description", async () => {
    const { rule, open } = setUp({ defenderPortal: true });
    await rule("provider", { conditions: [when("IncidentProviderName", "Equals", "Azure Sentinel")] }, [
      modify({ severity: "High" }),
    ]);
    await rule("description", { conditions: [when("IncidentDescription", "Contains", "decoy")] }, [
      modify({ status: "Active" }),
    ]);
    expect(open({ description: "A decoy was read." })).toMatchObject({
      severity: "High",
      status: "New",
      providerName: "Microsoft XDR",
    });
  });

  test("add tasks, in the versions that know them", async () => {
    const { tenant, rule, open } = setUp();
    const actions = [{ order: 1, actionType: "AddIncidentTask", actionConfiguration: { title: "Call the owner" } }];
    expect((await rule("r1", {}, actions, {}, "?api-version=2024-03-01")).status).toBe(201);
    const { name } = open();
    expect([...tenant.context.model.incidentTasks.values()]).toMatchObject([
      { incidentName: name, title: "Call the owner", status: "New" },
    ]);
  });
});

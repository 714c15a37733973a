import { describe, expect, test } from "vitest";
import { WORKSPACE } from "../arm/test-context";
import type { AutomationCondition } from "./automation-documents";
import { changeIncident } from "./incident-changes";
import { makeAutomationTenant, modify, when } from "./testing/automation";
import { addAlert, INCIDENTS, PLAIN } from "./testing/incidents";

describe("automation rules at work", () => {
  test("run in their order, each seeing what those before it changed; a row for each that changed something", async () => {
    const { rule, open, rows } = makeAutomationTenant();
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
    const { tenant, rule, open } = makeAutomationTenant();
    const high = [modify({ severity: "High" })];
    await rule("off", { isEnabled: false }, high);
    await rule("expired", { expirationTimeUtc: "2026-10-01T12:00:30Z" }, high);
    await rule("updates", { triggersWhen: "Updated" }, high);
    tenant.advance(60_000);
    expect(open().severity).toBe("Low");
  });

  test("close an incident with its classification", async () => {
    const { rule, open } = makeAutomationTenant();
    await rule("close", { conditions: [when("IncidentTitle", "Contains", "drill")] }, [
      modify({ status: "Closed", classification: "BenignPositive", classificationReason: "SuspiciousButExpected" }),
    ]);
    expect(open({ title: "A Drill of today" })).toMatchObject({ status: "Closed", classification: "BenignPositive" });
    expect(open({ title: "No exercise" }).status).toBe("New");
  });

  test("look at rules, alerts' entities and custom details", async () => {
    const { tenant, rule, open } = makeAutomationTenant();
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
    const { tenant, responder, rule, put, get, rows } = makeAutomationTenant();
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
    const { rule, open } = makeAutomationTenant({ defenderPortal: true });
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
    const { tenant, rule, open } = makeAutomationTenant();
    const actions = [{ order: 1, actionType: "AddIncidentTask", actionConfiguration: { title: "Call the owner" } }];
    expect((await rule("r1", {}, actions, {}, "?api-version=2024-03-01")).status).toBe(201);
    const { name } = open();
    expect([...tenant.context.model.incidentTasks.values()]).toMatchObject([
      { incidentName: name, title: "Call the owner", status: "New" },
    ]);
  });
});

import { describe, expect, test } from "vitest";
import { z } from "zod";
import { UNFILLED } from "./parameters";
import { ruleBodies } from "./rule-export";
import { changeOf, type ListedRule, queryHash, ruleState } from "./rule-state";

const wanted = { kind: "secret", tables: ["AZKVAuditLogs"], parameters: UNFILLED } as const;

function deployed(change: (rule: ListedRule) => ListedRule = (rule) => rule): ListedRule[] {
  return ruleBodies().map(({ name, kind, properties }) => {
    const query = String(properties.query);
    return change({ name, kind, enabled: properties.enabled === true, query, properties });
  });
}

const Grouped = z.looseObject({
  groupingConfiguration: z.looseObject({
    lookbackDuration: z.string(),
    groupByAlertDetails: z.array(z.string()),
    groupByCustomDetails: z.array(z.string()),
  }),
});

/** The touched rule's incident settings, one of them changed. */
function grouped(change: Record<string, unknown>) {
  const { groupingConfiguration } = Grouped.parse(ruleBodies()[0]?.properties.incidentConfiguration);
  return { createIncident: true, groupingConfiguration: { ...groupingConfiguration, ...change } };
}

test("the rules as exported are on", () => {
  expect(ruleState(deployed(), [], wanted)).toMatchObject({ state: "on" });
});

test.each(["secret", "key", "certificate"] as const)("they cover decoys of kind %s", (kind) => {
  expect(ruleState(deployed(), [], { ...wanted, kind }).state).toBe("on");
});

test("a rule that ARM answers with other line ends and indentation is still ours", () => {
  const rules = deployed((rule) => ({ ...rule, query: rule.query.replaceAll("\n", "\r\n    ") }));
  expect(ruleState(rules, [], wanted).state).toBe("on");
});

test("an id in capitals is still ours; the same text under another id is not, since nobody follows its incidents", () => {
  expect(
    ruleState(
      deployed((rule) => ({ ...rule, name: rule.name.toUpperCase() })),
      [],
      wanted,
    ).state,
  ).toBe("on");
  expect(
    ruleState(
      deployed((rule) => ({ ...rule, name: "renamed" })),
      [],
      wanted,
    ).state,
  ).toBe("missing");
});

/** A deployed rule as the service may answer with it: more properties, nulls and sets in its own order. */
function asAnswered(properties: Record<string, unknown>): Record<string, unknown> {
  const { incidentConfiguration, alertDetailsOverride } = z
    .looseObject({ incidentConfiguration: Grouped, alertDetailsOverride: z.record(z.string(), z.unknown()) })
    .parse(properties);
  const { groupByAlertDetails: _, ...grouping } = incidentConfiguration.groupingConfiguration;
  return {
    ...properties,
    severity: String(properties.severity).toLowerCase(),
    displayName: "our own title",
    alertRuleTemplateName: null,
    templateVersion: null,
    lastModifiedUtc: "2026-11-22T12:00:00Z",
    sentinelEntitiesMappings: null,
    alertDetailsOverride: { ...alertDetailsOverride, alertTacticsColumnName: null, alertDynamicProperties: [] },
    eventGroupingSettings: { ...Object(properties.eventGroupingSettings), added: "by the service" },
    incidentConfiguration: {
      ...incidentConfiguration,
      groupingConfiguration: {
        ...grouping,
        lookbackDuration: grouping.lookbackDuration === "PT5H" ? "PT300M" : grouping.lookbackDuration,
        groupByEntities: ["azureresource"],
        groupByAlertDetails: null,
        groupByCustomDetails: grouping.groupByCustomDetails.toReversed(),
      },
    },
    customDetails: Object.fromEntries(Object.entries(Object(properties.customDetails)).toReversed()),
  };
}

test("what the service adds or writes in another way changes no rule", () => {
  const rules = deployed((rule) => ({ ...rule, properties: asAnswered(rule.properties) }));
  expect(rules.map((rule) => changeOf(rule, UNFILLED))).toEqual(rules.map(() => undefined));
  expect(ruleState(rules, [], wanted).state).toBe("on");
});

test("a query that watches another list is not ours", () => {
  expect(ruleState(deployed(), [], { ...wanted, parameters: { ...UNFILLED, alias: "other-list" } }).state).toBe(
    "modified",
  );
});

test("no rule is missing, and foreign rules are no cover", () => {
  expect(ruleState([], [], wanted).state).toBe("missing");
  const foreign = deployed((rule) => ({ ...rule, name: "foreign", query: "AZKVAuditLogs | take 1" }));
  expect(ruleState(foreign, [], wanted).state).toBe("missing");
});

test("rules that are all off are disabled", () => {
  expect(
    ruleState(
      deployed((rule) => ({ ...rule, enabled: false })),
      [],
      wanted,
    ).state,
  ).toBe("disabled");
});

test("the scheduled body alone covers when it is switched on", () => {
  const scheduled = deployed((rule) => ({ ...rule, enabled: true })).filter(({ kind }) => kind === "Scheduled");
  expect(ruleState(scheduled, [], wanted).state).toBe("on");
});

describe("a rule that could lose a touch is modified", () => {
  test.each([
    ["its query", { query: "AZKVAuditLogs | where false" }, {}],
    ["one excluded caller", { query: `${String(ruleBodies()[0]?.properties.query)}\n| where CallerOid != 'x'` }, {}],
    ["suppression", {}, { suppressionEnabled: true }],
    ["incident creation", {}, { incidentConfiguration: { createIncident: false } }],
    ["its severity", {}, { severity: "Informational" }],
    ["the column that gives severity", {}, { alertDetailsOverride: { alertSeverityColumnName: "Client" } }],
    ["alerts without a text of their own", {}, { alertDetailsOverride: null }],
    ["no grouping settings", {}, { incidentConfiguration: { createIncident: true } }],
    ["all results in one alert", {}, { eventGroupingSettings: { aggregationKind: "SingleAlert" } }],
    ["no details", {}, { customDetails: null }],
    ["details of other columns", {}, { customDetails: { Caller: "Client" } }],
    ["no entities", {}, { entityMappings: [] }],
    ["incidents that swallow every touch", {}, { incidentConfiguration: grouped({ matchingMethod: "AnyAlert" }) }],
    ["closed incidents that open again", {}, { incidentConfiguration: grouped({ reopenClosedIncident: true }) }],
    ["incidents that stay open for days", {}, { incidentConfiguration: grouped({ lookbackDuration: "P7D" }) }],
  ])("by %s", (_what, fields, properties) => {
    const rules = deployed((rule) => ({ ...rule, ...fields, properties: { ...rule.properties, ...properties } }));
    expect(ruleState(rules, [], wanted).state).toBe("modified");
  });

  test.each([
    { triggerThreshold: 5 },
    { triggerOperator: "LessThan" },
    { queryFrequency: "PT1H" },
    { queryPeriod: "PT1H" },
    { queryPeriod: "nonsense" },
  ])("by %o of a scheduled rule", (change) => {
    const rules = deployed((rule) => ({ ...rule, enabled: true, properties: { ...rule.properties, ...change } }));
    const scheduled = rules.filter(({ kind }) => kind === "Scheduled");
    expect(ruleState(scheduled, [], wanted).state).toBe("modified");
  });
});

test("what was changed is said in words, each of them", () => {
  const rules = deployed((rule) => ({
    ...rule,
    properties: { ...rule.properties, severity: "Low", customDetails: {} },
  }));
  expect(ruleState(rules, [], wanted)).toMatchObject({
    how: "its severity was changed; the details of its alerts were changed",
  });
});

test("a comment cannot hide a change: only whole comment lines are ignored", () => {
  expect(queryHash("T | where a == 'x' // | where true")).not.toBe(queryHash("T | where a == 'x'"));
  expect(queryHash("// note\nT")).toBe(queryHash("T"));
});

test("a table that rules cannot read makes the rule blind for the vaults that log there, and only for them", () => {
  const plans = [{ name: "AzureDiagnostics", plan: "Basic" }];
  expect(ruleState(deployed(), plans, wanted).state).toBe("on");
  expect(ruleState(deployed(), plans, { ...wanted, tables: ["AzureDiagnostics"] })).toEqual({
    state: "table_plan",
    table: "AzureDiagnostics",
    plan: "Basic",
  });
});

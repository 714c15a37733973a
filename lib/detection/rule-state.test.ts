import { describe, expect, test } from "vitest";
import { ruleBodies } from "./rule-export";
import { type ListedRule, queryHash, ruleState } from "./rule-state";

const wanted = { kind: "secret", tables: ["AZKVAuditLogs"], alias: "HoneyTokens" } as const;

function deployed(change: (rule: ListedRule) => ListedRule = (rule) => rule): ListedRule[] {
  return ruleBodies().map(({ name, kind, properties }) => {
    const query = String(properties.query);
    return change({ name, kind, enabled: properties.enabled === true, query, properties });
  });
}

test("the rules as exported are on", () => {
  expect(ruleState(deployed(), [], wanted)).toMatchObject({ state: "on" });
});

test.each(["secret", "key", "certificate"] as const)("they cover decoys of kind %s", (kind) => {
  expect(ruleState(deployed(), [], { ...wanted, kind }).state).toBe("on");
});

test("a rule that ARM answers with other line ends and indentation is still ours", () => {
  const rules = deployed((rule) => ({ ...rule, name: "renamed", query: rule.query.replaceAll("\n", "\r\n    ") }));
  expect(ruleState(rules, [], wanted).state).toBe("on");
});

test("a query that watches another list is not ours", () => {
  expect(ruleState(deployed(), [], { ...wanted, alias: "other-list" }).state).toBe("modified");
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

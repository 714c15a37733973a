import { expect, test } from "vitest";
import type { PackRuleView } from "@/lib/rules/pack.pure";
import { judge } from "./rule-checks";

const rule = (change: Partial<PackRuleView>): PackRuleView => ({
  ...{ id: "r", title: "Touched", description: "", kind: "NRT", severity: "High", covers: [], tables: [] },
  ...{ state: "on", how: null, unreadable: [], changes: [], etag: null },
  ...change,
});
const enabled = { property: "enabled", before: "false", after: "true" };
const severity = { property: "severity", before: "Low", after: "High" };

test("one body that is on and as it is shipped is enough", () => {
  const spare = { rule: rule({ kind: "Scheduled", state: "spare" }), isOn: false };
  expect(judge([{ rule: rule({}), isOn: true }, spare])).toMatchObject({ state: "right" });
  const twin = { rule: rule({ kind: "Scheduled", state: "modified", changes: [enabled] }), isOn: true };
  expect(judge([{ rule: rule({ state: "missing" }), isOn: false }, twin])).toMatchObject({
    state: "warning",
    evidence: expect.stringContaining("enabled"),
  });
});

test.each([
  ["none is there", [{ rule: rule({ state: "missing" }), isOn: false }], "wrong", "not in the workspace"],
  ["all are off", [{ rule: rule({ state: "off", changes: [enabled] }), isOn: false }], "wrong", "switched off"],
  [
    "it could miss a touch",
    [{ rule: rule({ state: "modified", how: "its query was changed" }), isOn: true }],
    "wrong",
    "query",
  ],
  ["it loses nothing", [{ rule: rule({ state: "modified", changes: [severity] }), isOn: true }], "warning", "severity"],
  [
    "no rule can read its table",
    [{ rule: rule({ unreadable: [{ table: "AZKVAuditLogs", plan: "Basic" }] }), isOn: true }],
    "wrong",
    "AZKVAuditLogs (Basic)",
  ],
] as const)("%s", (_, bodies, state, evidence) => {
  expect(judge(bodies)).toMatchObject({
    state,
    evidence: expect.stringContaining(evidence),
    fix: expect.stringMatching(/\w/),
  });
});

import { describe, expect, test, vi } from "vitest";
import { expandRule, QUERY_LENGTH_MAX, RULE_KINDS, RULES } from "./expand";
import { ruleBodies } from "./rule-export";
import { analyse, TABLES } from "./testing/parser";

// The parser's first analysis takes one to four seconds, and more on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const rules = RULES.flatMap((file) =>
  RULE_KINDS.map((kind) => ({ file, kind, ...expandRule(file, kind, "HoneyTokens") })),
);

describe.each(rules)("$file as $kind rule", ({ kind, query, header }) => {
  test("Microsoft's parser has nothing against it", () => {
    expect(analyse(query).problems).toEqual([]);
  });

  test("it also stands on a workspace that has the older four-column list", () => {
    expect(analyse(query, { watchlist: "upstream" }).problems).toEqual([]);
  });

  test("it also stands on a workspace that has only one of the two log tables", () => {
    for (const absent of ["AzureDiagnostics", "AZKVAuditLogs"]) {
      const tables = Object.fromEntries(Object.entries(TABLES).filter(([name]) => name !== absent));
      expect(analyse(query, { tables }).problems.filter((problem) => problem.startsWith("Error"))).toEqual([]);
    }
  });

  test("every column that entities, details, severity and texts name is in its result", () => {
    const { columns } = analyse(query);
    const named = [
      "Severity",
      ...header.details,
      ...header.groupBy,
      ...header.entities.flatMap(({ fields }) => fields.map(({ column }) => column)),
      ...[...`${header.alertName} ${header.alertText}`.matchAll(/\{\{(\w+)\}\}/g)].map(([, name = ""]) => name),
    ];
    expect(columns).toEqual(expect.arrayContaining(named));
  });

  test("it keeps Sentinel's limits: length, no search, at most three columns in a text", () => {
    expect(query.length).toBeLessThan(QUERY_LENGTH_MAX);
    expect(query).not.toMatch(/\bsearch\b|union \*/i);
    for (const text of [header.alertName, header.alertText]) {
      expect([...text.matchAll(/\{\{/g)].length).toBeLessThanOrEqual(3);
    }
  });

  test("event time and ingestion time limit it only where the platform does not", () => {
    expect(query.includes("ago(")).toBe(kind === "Scheduled");
    expect(query.match(/ingestion_time\(\) > ago\(/g) ?? []).toHaveLength(kind === "Scheduled" ? 2 : 0);
  });

  test("no comment and no placeholder is left in the text that is deployed", () => {
    expect(query).not.toMatch(/^\s*\/\//m);
    expect(query).toContain("severityHigh = dynamic(");
  });
});

test("the watchlist's alias is a setting, and only an alias", () => {
  expect(expandRule("honeytoken-touched", "NRT", "inventory-7").query).toContain("_GetWatchlist('inventory-7')");
  for (const alias of ["", "ab", "x' | take 1 //", "-abc", "a".repeat(65)]) {
    expect(() => expandRule("honeytoken-touched", "NRT", alias)).toThrow("alias");
  }
});

test("each rule has one body that is on, and no two bodies share an id", () => {
  const bodies = ruleBodies();
  expect(bodies.map(({ properties }) => properties.enabled)).toEqual([true, false]);
  expect(new Set(bodies.map(({ name }) => name)).size).toBe(bodies.length);
});

test("a body carries what ARM wants of its kind", () => {
  const [nearRealTime, scheduled] = ruleBodies();
  expect(nearRealTime?.kind).toBe("NRT");
  expect(nearRealTime?.properties).not.toHaveProperty("queryPeriod");
  expect(scheduled?.properties).toMatchObject({
    queryFrequency: "PT5M",
    queryPeriod: "PT12H",
    triggerOperator: "GreaterThan",
    triggerThreshold: 0,
    eventGroupingSettings: { aggregationKind: "AlertPerResult" },
    suppressionEnabled: false,
  });
});

test("a deliberately broken query is noticed by the check above", () => {
  expect(analyse("AZKVAuditLogs | where Resorce == 1").problems).not.toEqual([]);
});

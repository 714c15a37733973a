import { describe, expect, test, vi } from "vitest";
import { expandRule, QUERY_LENGTH_MAX, RULES, ruleVariants } from "./expand";
import { LOWERABLE } from "./lowerable.pure";
import { UNFILLED } from "./parameters";
import { ruleBodies } from "./rule-export";
import { levelOf } from "./severity";
import { analyse, TABLES } from "./testing/parser";

// The parser's first analysis takes one to four seconds, and more on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const rules = ruleVariants().map(({ file, kind }) => ({ file, kind, ...expandRule(file, kind) }));

describe.each(rules)("$file as $kind rule", ({ kind, query, header }) => {
  test("Microsoft's parser has nothing against it", () => {
    expect(analyse(query).problems).toEqual([]);
  });

  test("it also stands on a workspace that has the older four-column list", () => {
    expect(analyse(query, { watchlist: "upstream" }).problems).toEqual([]);
  });

  test("it also stands on a workspace that lacks any one of the log tables", () => {
    for (const absent of ["AzureDiagnostics", "AZKVAuditLogs", "AzureActivity"]) {
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
    const windows = query.match(/ingestion_time\(\) > ago\(/g) ?? [];
    const ofTwin = kind === "Scheduled" && header.bodies.NRT !== undefined;
    expect(windows).toHaveLength(ofTwin ? header.tables.length : 0);
  });

  test("its period reaches as far back as its text", () => {
    const { period } = header.bodies.Scheduled;
    const reach = [...query.matchAll(/TimeGenerated > ago\((\d+)([hd])\)/g)].map(
      ([, count, unit]) => `${count}${unit}`,
    );
    expect(kind === "NRT" || reach.includes(period.replace(/^PT?/, "").toLowerCase())).toBe(true);
  });

  test("it keeps the limits of Sentinel's own form: details, entities, names", () => {
    expect(header.details.length).toBeLessThanOrEqual(20);
    for (const name of header.details) expect(name.length).toBeLessThanOrEqual(20);
    expect(header.entities.length).toBeLessThanOrEqual(10);
    for (const { fields } of header.entities) expect(fields.length).toBeLessThanOrEqual(3);
    expect(header.groupBy.every((detail) => header.details.includes(detail))).toBe(true);
  });

  test("no comment and no placeholder is left in the text that is deployed", () => {
    expect(query).not.toMatch(/^\s*\/\//m);
  });
});

test("the watchlist's alias is a setting, and only an alias", () => {
  expect(expandRule("honeytoken-touched", "NRT", { ...UNFILLED, alias: "inventory-7" }).query).toContain(
    "_GetWatchlist('inventory-7')",
  );
  for (const alias of ["", "ab", "x' | take 1 //", "-abc", "a".repeat(65)]) {
    expect(() => expandRule("honeytoken-touched", "NRT", { ...UNFILLED, alias })).toThrow("alias");
  }
});

test("each rule has one body that is on, and no two bodies share an id", () => {
  const bodies = ruleBodies();
  for (const file of RULES) {
    expect(bodies.filter((body) => body.file === file && body.properties.enabled === true)).toHaveLength(1);
  }
  expect(new Set(bodies.map(({ name }) => name)).size).toBe(bodies.length);
});

test("a rule knows the set-up that it is made for, and takes nothing but ids", () => {
  const registrar = "aaaaaaaa-0000-4000-8000-00000000000a";
  expect(expandRule("honeytoken-tampering", "NRT", { ...UNFILLED, registrar }).query).toContain(
    `let ownRegistrar = '${registrar}';`,
  );
  for (const bad of ["", "x", "' or true //", registrar.toUpperCase(), `${registrar}'`]) {
    expect(() => expandRule("honeytoken-tampering", "NRT", { ...UNFILLED, registrar: bad })).toThrow();
    expect(() => expandRule("honeytoken-tampering", "NRT", { ...UNFILLED, workspace: bad })).toThrow();
  }
});

test("only what reads can be lowered, and what nobody thought of cannot", () => {
  for (const operation of LOWERABLE) {
    expect(levelOf(operation)).toBeDefined();
    expect(operation).toMatch(
      /^(Secret|Key|Certificate)(Resource|Policy|RotationPolicy)?(Get|GetDeleted|ListVersions|Backup)$/,
    );
  }
});

test("a body carries what ARM wants of its kind", () => {
  const touched = ruleBodies().filter(({ file }) => file === "honeytoken-touched");
  const [nearRealTime, scheduled] = touched;
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

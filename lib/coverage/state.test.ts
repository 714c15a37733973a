import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FACT_NAMES, type Fact, type FactName, type Outcome, type Reason } from "./facts.pure";
import { coverageOf, DECIDING_FACTS, FACT_AGE_MAX, shownState } from "./state.pure";

const NOW = Date.parse("2026-11-22T12:00:00Z");
const HOUR = 60 * 60 * 1000;

const GOOD: Record<FactName, Reason> = {
  auditLog: "audit_on",
  registered: "registered",
  decoyPresent: "decoy_present",
  ruleOn: "rule_on",
  rowsArriving: "rows_arriving",
  proven: "drill_passed",
};

function fact(name: FactName, change: Partial<Fact> = {}): Fact {
  const checkedAt = new Date(NOW - HOUR).toISOString();
  return { name, outcome: "pass", reason: GOOD[name], evidence: "seen", checkedAt, ...change };
}

function factsWith(...changes: [FactName, Partial<Fact>][]): Fact[] {
  return FACT_NAMES.map((name) => fact(name, Object.fromEntries(changes)[name]));
}

describe("a vault is", () => {
  test("protected when all five pass", () => {
    expect(coverageOf(factsWith(), NOW)).toMatchObject({ state: "protected", reason: "drill_passed" });
  });

  test("protected without a drill, which proves more but decides nothing", () => {
    const facts = factsWith(["proven", { outcome: "unknown", reason: "drill_never", checkedAt: null }]);
    expect(coverageOf(facts, NOW)).toMatchObject({ state: "protected", reason: "rows_arriving" });
  });

  const failures: [FactName, Reason][] = [
    ["auditLog", "audit_off"],
    ["auditLog", "audit_elsewhere"],
    ["registered", "not_registered"],
    ["decoyPresent", "decoy_removed"],
    ["decoyPresent", "decoy_disabled"],
    ["decoyPresent", "decoy_expired"],
    ["ruleOn", "rule_missing"],
    ["ruleOn", "rule_disabled"],
    ["ruleOn", "rule_modified"],
    ["ruleOn", "table_plan"],
    ["rowsArriving", "rows_missing"],
  ];

  test.each(failures)("unprotected when %s fails with %s", (name, reason) => {
    expect(coverageOf(factsWith([name, { outcome: "fail", reason }]), NOW)).toMatchObject({
      state: "unprotected",
      reason,
      fact: name,
    });
  });

  test("unprotected for the first failing fact when several fail", () => {
    const facts = factsWith(
      ["rowsArriving", { outcome: "fail", reason: "rows_missing" }],
      ["registered", { outcome: "fail", reason: "not_registered" }],
    );
    expect(coverageOf(facts, NOW).reason).toBe("not_registered");
  });

  test("unprotected without a decoy even while its logging is not known: no finding could make it green", () => {
    const facts = factsWith(
      ["auditLog", { outcome: "unknown", reason: "not_collected", checkedAt: null }],
      ["registered", { outcome: "fail", reason: "not_registered" }],
    );
    expect(coverageOf(facts, NOW)).toMatchObject({ state: "unprotected", reason: "not_registered" });
  });

  test.each(DECIDING_FACTS)("unknown when %s was never collected", (name) => {
    const facts = factsWith().filter((candidate) => candidate.name !== name);
    expect(coverageOf(facts, NOW)).toMatchObject({ state: "unknown", reason: "not_collected", checkedAt: null });
  });

  test.each(DECIDING_FACTS)("unknown when %s passed, but more than a day ago", (name) => {
    const facts = factsWith([name, { checkedAt: new Date(NOW - FACT_AGE_MAX - 1).toISOString() }]);
    expect(coverageOf(facts, NOW)).toMatchObject({ state: "unknown", reason: "stale", fact: name });
  });

  test("unknown, not red, when the failure was seen more than a day ago", () => {
    const facts = factsWith([
      "ruleOn",
      { outcome: "fail", reason: "rule_missing", checkedAt: new Date(NOW - 25 * HOUR).toISOString() },
    ]);
    expect(coverageOf(facts, NOW)).toMatchObject({ state: "unknown", reason: "stale" });
  });

  test("waiting while Azure is given its time", () => {
    const facts = factsWith(["rowsArriving", { outcome: "waiting", reason: "rows_awaited" }]);
    expect(coverageOf(facts, NOW)).toMatchObject({ state: "waiting", reason: "rows_awaited" });
  });

  test("unknown rather than waiting when one fact waits and another is not known", () => {
    const facts = factsWith(
      ["auditLog", { outcome: "waiting", reason: "rows_awaited" }],
      ["ruleOn", { outcome: "unknown", reason: "source_failed" }],
    );
    expect(coverageOf(facts, NOW)).toMatchObject({ state: "unknown", reason: "source_failed" });
  });
});

test("the age shown for a protected vault is that of its oldest deciding fact", () => {
  const old = new Date(NOW - 5 * HOUR).toISOString();
  expect(coverageOf(factsWith(["ruleOn", { checkedAt: old }]), NOW).checkedAt).toBe(old);
});

test("never green unless all five pass and are fresh, whatever the facts", () => {
  const outcome = fc.constantFrom<Outcome>("pass", "waiting", "fail", "unknown");
  const checkedAt = fc.oneof(
    fc.constant(null),
    fc.constant("not a time"),
    fc.integer({ min: -3 * FACT_AGE_MAX, max: 3 * FACT_AGE_MAX }).map((age) => new Date(NOW - age).toISOString()),
    fc.integer({ min: 0, max: FACT_AGE_MAX }).map((age) => new Date(NOW - age).toISOString()),
  );
  const anyFact = fc.record({
    name: fc.constantFrom(...FACT_NAMES),
    outcome: fc.oneof({ weight: 8, arbitrary: fc.constant<Outcome>("pass") }, outcome),
    reason: fc.constantFrom<Reason>("registered", "not_collected", "rule_on"),
    evidence: fc.string(),
    checkedAt,
  });
  fc.assert(
    fc.property(fc.array(anyFact, { maxLength: 9 }), (facts) => {
      const passes = (name: FactName) => {
        const found = facts.find((candidate) => candidate.name === name);
        const age = NOW - Date.parse(found?.checkedAt ?? "");
        return found?.outcome === "pass" && age <= FACT_AGE_MAX && age >= -5 * 60 * 1000;
      };
      expect(coverageOf(facts, NOW).state === "protected").toBe(DECIDING_FACTS.every(passes));
    }),
    { numRuns: 2000 },
  );
});

describe("an exemption that holds", () => {
  const outcomes: Outcome[] = ["pass", "fail", "waiting", "unknown"];

  test.each(outcomes)("is the vault's state, whatever the facts say: %s", (outcome) => {
    const decision = coverageOf(factsWith(["ruleOn", { outcome }]), NOW);
    expect(shownState(decision, true)).toEqual({ ...decision, state: "exempt", reason: "exempt", fact: undefined });
  });

  test("leaves no trace when it is over", () => {
    const decision = coverageOf(factsWith(["ruleOn", { outcome: "unknown", reason: "source_failed" }]), NOW);
    expect(shownState(decision, false)).toEqual(decision);
    expect(decision.state).toBe("unknown");
  });
});

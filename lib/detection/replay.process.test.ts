import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { seeded } from "@/lib/decoys/testing/seeded";
import { ruleBodies } from "./rule-export";
import { OPERATIONS, severityOf } from "./severity";
import type { ReplayCase } from "./testing/replay/cases";
import { EXPECTATIONS } from "./testing/replay/expectations";
import { alertsByKey, caseKey, type EverydayTouch, keyOf, namedBy } from "./testing/replay/judge";
import { everydayTouches, type Played, playCases } from "./testing/replay/play";
import { type RaisedAlert, type ReplayTenant, startReplay } from "./testing/replay/tenant";

/*
 * A day of a small estate, through the real clockwork of the simulated Sentinel: every operation on a decoy in both tables,
 * allowed and refused, 1 to 25 minutes late, some rows twice, some in the wrong order, in several spellings, while the
 * runs themselves are delayed by chance; with everyday traffic all around.
 */

const DAY = 86_400_000;
const HOUR = 3_600_000;
/** A day on which every kind of harmless reader is at work; an estate of fewer vaults has not all of them. */
const START = Date.UTC(2026, 9, 1);

let tenant: ReplayTenant;
let played: Played;
let everyday: EverydayTouch[];
let alerts: RaisedAlert[];
let raised: Map<string, RaisedAlert[]>;

beforeAll(async () => {
  const random = seeded(7);
  tenant = await startReplay({ vaults: 60, seed: 1, start: START, rules: ruleBodies(), random });
  played = await playCases(tenant, random);
  await tenant.advance(START + DAY - tenant.now(), 4 * HOUR);
  const ids = new Set(ruleBodies().map(({ name }) => name));
  alerts = (await tenant.alerts()).filter(({ ruleId }) => ids.has(ruleId));
  raised = alertsByKey(alerts);
  everyday = await everydayTouches(tenant, START);
}, 300_000);

afterAll(() => tenant?.stop());

/** The severities of what a case raised; nothing is an empty list. */
function severities(one: ReplayCase): string[] {
  return [...new Set((raised.get(caseKey(one)) ?? []).map(({ severity }) => severity))];
}

/** What is wrong with these cases, in words. */
function faults(cases: readonly ReplayCase[]): string[] {
  return cases.flatMap((one) => {
    const expected = one.expected === "nothing" ? [] : [one.expected];
    const found = severities(one);
    return found.join() === expected.join() ? [] : [`${one.title}: ${found.join() || "nothing"}, not ${one.expected}`];
  });
}

test("the table of expectations names every operation once, and the ladder agrees with it", () => {
  expect(EXPECTATIONS.map(({ operation }) => operation).toSorted()).toEqual([...OPERATIONS].toSorted());
  const named = EXPECTATIONS.filter(({ path }) => path.includes("{}"));
  const differing = named.flatMap(({ operation, allowed, denied }) => {
    const refused = operation === "Authentication" ? 401 : 403;
    const found = [severityOf(operation, 200) ?? "nothing", severityOf(operation, refused) ?? "nothing"];
    return found.join() === [allowed, denied].join() ? [] : [`${operation}: ${found.join()}`];
  });
  expect(differing).toEqual([]);
});

test("every operation × table × answer × lateness raises exactly what the table says", () => {
  expect(played.cases).toHaveLength(EXPECTATIONS.length * 2 * 2 * 4);
  expect(faults(played.cases)).toEqual([]);
});

test("two hundred decoys that one caller touches within a minute are all named", () => {
  expect(played.burst).toHaveLength(200);
  expect(faults(played.burst)).toEqual([]);
});

test("a caller who goes through more vaults in a minute than a run has alerts for does not go unseen", () => {
  expect(played.sweep.length).toBeGreaterThan(30);
  const [first = expect.fail("no sweep")] = played.sweep;
  const found = alerts.filter(({ entities }) => entities.some(({ fields }) => fields.Address === first.address));
  // 29 alerts of a vault each, and one that stands for all.
  expect(found).toHaveLength(30);
  const named = new Set(found.flatMap(namedBy));
  expect(played.sweep.filter((one) => named.has(caseKey(one))).length).toBeGreaterThanOrEqual(29);
});

test("planting, checking and retiring raise nothing, and a read by the same planter meanwhile does", () => {
  expect(faults(played.own)).toEqual([]);
  expect(new Set(played.own.map(({ expected }) => expected))).toEqual(new Set(["nothing", "High"]));
});

describe("everyday traffic", () => {
  test("no alert is without an operation on a decoy", () => {
    const all = [...played.cases, ...played.burst, ...played.sweep, ...played.own].filter(
      ({ expected }) => expected !== "nothing",
    );
    const touched = new Set([...all.map(caseKey), ...everyday.map(keyOf)]);
    const groundless = alerts.filter((alert) => !namedBy(alert).some((key) => touched.has(key)));
    expect(groundless.map(({ displayName }) => displayName)).toEqual([]);
  });

  test("three kinds of harmless readers touch decoys, and each touch raises an alert", () => {
    expect(new Set(everyday.map(({ client }) => client)).size).toBeGreaterThanOrEqual(3);
    expect(everyday.filter((touch) => !raised.has(keyOf(touch)))).toEqual([]);
  });
});

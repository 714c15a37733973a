import { describe, expect, test } from "vitest";
import { assign, type RecordedDrill, type SeenAlert, type Touch } from "./evidence.pure";
import { advance, type FollowedDrill, isLate } from "./progress.pure";

const START = new Date("2026-11-30T08:00:00.000Z");
const MINUTE = 60_000;
const PATIENCE = { drillLateAfter: 25 * MINUTE, drillFailsAfter: 120 * MINUTE };
const at = (minutes: number) => new Date(START.getTime() + minutes * MINUTE);
const KEY = "/subscriptions/s/resourcegroups/g/providers/microsoft.keyvault/vaults/kv/secrets/one";
const OID = "99999999-0000-4000-8000-000000000001";

const drill = (change: Partial<FollowedDrill> = {}): FollowedDrill => ({
  id: "d",
  identityOid: OID,
  tokenKey: KEY,
  kind: "secret",
  read: "denied",
  intendedAt: START,
  answeredAt: at(0.01),
  status: 403,
  requestId: "r",
  state: "touched",
  refusedBy: "right",
  row: undefined,
  alert: undefined,
  incident: undefined,
  ...change,
});
const lost = (change: Partial<FollowedDrill> = {}) =>
  drill({
    answeredAt: undefined,
    status: undefined,
    requestId: undefined,
    state: "recorded",
    refusedBy: undefined,
    ...change,
  });

const touch = (change: Partial<Touch> = {}): Touch => ({
  at: START,
  ingested: at(4),
  table: "AZKVAuditLogs",
  operation: "SecretGet",
  tokenKey: KEY,
  requestId: "r",
  status: 403,
  addressAllowed: true,
  address: "203.0.113.9",
  ...change,
});
const alert = (details: Partial<SeenAlert["details"]> = {}): SeenAlert => ({
  id: "a",
  at: at(6),
  ruleId: "rule",
  details: {
    caller: OID,
    tokenKeys: [KEY],
    requestIds: ["r"],
    touches: 1,
    firstTouch: START,
    lastTouch: START,
    ...details,
  },
});
const incident = { name: "i", number: 7, created: at(7), alertIds: ["a"] };
/** What the workspace shows. */
interface Shown {
  touches: readonly Touch[];
  alerts: readonly SeenAlert[];
  incidents: readonly (typeof incident)[];
}
const nothing: Shown = { touches: [], alerts: [], incidents: [] };
const all: Shown = { touches: [touch()], alerts: [alert()], incidents: [incident] };

const step = (one: FollowedDrill, { touches, ...rest }: Shown, minutes: number, drills: RecordedDrill[] = [one]) =>
  advance(one, { ...rest, assigned: assign(touches, drills) }, at(minutes), PATIENCE);

describe("a drill that was answered", () => {
  test("goes on as its row, its alert and its incident show, and has passed with the last", () => {
    expect(step(drill(), { ...nothing, touches: [touch()] }, 5)).toMatchObject({
      state: "seen",
      row: { at: START, ingested: at(4), table: "AZKVAuditLogs" },
    });
    const seen = drill({ state: "seen", row: { at: START, ingested: at(4), table: "AZKVAuditLogs" } });
    expect(step(seen, { ...all, incidents: [] }, 6)).toMatchObject({ state: "alerted", alert: { id: "a" } });
    expect(step(drill(), all, 8)).toMatchObject({
      state: "passed",
      ended: true,
      incident: { name: "i", number: 7, at: at(7) },
    });
  });

  test("is also found by the id that was sent along, which the log may keep in place of the service's", () => {
    const bySent = { ...all, touches: [touch({ requestId: "d" })], alerts: [alert({ requestIds: ["d"] })] };
    expect(step(drill(), bySent, 8)).toMatchObject({ state: "passed" });
  });

  test("changes nothing while nothing is new", () => {
    expect(step(drill(), nothing, 100)).toBeUndefined();
    const seen = drill({ state: "seen", row: { at: START, ingested: at(4), table: "AZKVAuditLogs" } });
    expect(step(seen, { ...nothing, touches: [touch()] }, 100)).toBeUndefined();
  });

  test.each([
    [nothing, "no_row"],
    [{ ...nothing, touches: [touch()] }, "no_alert"],
    [{ ...all, incidents: [] }, "no_incident"],
  ] as const)("has failed after two hours, and says what is missing (%#)", (evidence, problem) => {
    expect(step(drill(), evidence, 121)).toMatchObject({ state: "failed", problem, ended: true });
  });

  test("takes no other caller's, object's, request's or time's row for its own", () => {
    const others: Partial<Touch>[] = [
      { requestId: "x" },
      { tokenKey: `${KEY}2` },
      { operation: "SecretListVersions" },
      { status: 200 },
      { at: at(30) },
      { at: at(-30) },
    ];
    for (const other of others) expect(step(drill(), { ...nothing, touches: [touch(other)] }, 9)).toBeUndefined();
  });

  test("takes no alert of another caller, though it repeats the request id", () => {
    const stolen = { ...all, alerts: [alert({ caller: "somebody" })] };
    expect(step(drill(), stolen, 9)).toMatchObject({ state: "seen" });
  });

  test("finds its alert by object and time where its list of requests was cut off", () => {
    expect(step(drill(), { ...all, alerts: [alert({ requestIds: undefined })] }, 9)).toMatchObject({ state: "passed" });
    const elsewhere = alert({ requestIds: undefined, tokenKeys: [`${KEY}2`] });
    expect(step(drill(), { ...all, alerts: [elsewhere] }, 9)).toMatchObject({ state: "seen" });
  });
});

describe("a drill whose answer was lost", () => {
  test("is taken up by its row, and takes the request id from there", () => {
    expect(step(lost(), { ...nothing, touches: [touch()] }, 5)).toMatchObject({
      state: "seen",
      requestId: "r",
      refusedBy: "right",
    });
  });

  test("is not taken up where two requests could be it", () => {
    const two = [touch(), touch({ requestId: "other" })];
    expect(step(lost(), { ...nothing, touches: two }, 5)).toBeUndefined();
  });

  test("takes no row of a drill that knows its request", () => {
    const known = drill({ id: "k" });
    const one = lost({ id: "l" });
    expect(step(one, { ...nothing, touches: [touch()] }, 5, [one, known])).toBeUndefined();
  });

  test("left no trace: it has failed, and is made once more", () => {
    expect(step(lost(), nothing, 24)).toBeUndefined();
    expect(step(lost(), nothing, 26)).toEqual({ state: "failed", problem: "no_answer", ended: true, repeat: true });
  });
});

test("what the vault's network refused proves nothing, whether its incident comes or not", () => {
  const refused = drill({ refusedBy: "network" });
  expect(step(refused, all, 9)).toMatchObject({ state: "unreachable", problem: "network", ended: true });
  expect(step(refused, nothing, 60)).toBeUndefined();
  expect(step(refused, nothing, 121)).toMatchObject({ state: "unreachable", problem: "network" });
  const found = step(lost(), { ...all, touches: [touch({ addressAllowed: false })] }, 9);
  expect(found).toMatchObject({ state: "unreachable", refusedBy: "network" });
});

test("late is what is under way for more than 25 minutes", () => {
  const under = { intendedAt: START, endedAt: null };
  expect(isLate(under, at(24), PATIENCE.drillLateAfter)).toBe(false);
  expect(isLate(under, at(26), PATIENCE.drillLateAfter)).toBe(true);
  expect(isLate({ ...under, endedAt: at(10) }, at(26), PATIENCE.drillLateAfter)).toBe(false);
  expect(isLate({ intendedAt: null, endedAt: null }, at(26), PATIENCE.drillLateAfter)).toBe(false);
});

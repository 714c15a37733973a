import { describe, expect, test } from "vitest";
import { alertDetails } from "../alert-details.pure";
import { deedFor, type HeldAlert, judge, type Standing } from "./closing.pure";
import { type AlertDetails, assign, type RecordedDrill, type Touch } from "./evidence.pure";

const AT = new Date("2026-11-30T08:00:00.000Z");
const later = (minutes: number) => new Date(AT.getTime() + minutes * 60_000);
const KEY = "/subscriptions/s/resourcegroups/g/providers/microsoft.keyvault/vaults/kv/secrets/one";
const OID = "99999999-0000-4000-8000-000000000001";
const OURS = new Set(["rule"]);

const drill = (change: Partial<RecordedDrill> = {}): RecordedDrill => ({
  id: "d",
  identityOid: OID,
  tokenKey: KEY,
  kind: "secret",
  read: "denied",
  intendedAt: AT,
  answeredAt: AT,
  status: 403,
  requestId: "r",
  ...change,
});
const touch = (change: Partial<Touch> = {}): Touch => ({
  at: AT,
  ingested: later(4),
  table: "AzureDiagnostics",
  operation: "SecretGet",
  tokenKey: KEY,
  requestId: "r",
  status: 403,
  addressAllowed: true,
  address: "203.0.113.9",
  ...change,
});
const alert = (details: Partial<AlertDetails> = {}, ruleId: string | undefined = "rule"): HeldAlert => ({
  id: "a",
  ruleId,
  details: {
    caller: OID,
    tokenKeys: [KEY],
    requestIds: ["r"],
    touches: 1,
    firstTouch: AT,
    lastTouch: AT,
    ...details,
  },
});
const verdictOn = (alerts: HeldAlert[], touches: Touch[], drills: RecordedDrill[]) =>
  judge(OID, alerts, assign(touches, drills), OURS);

describe("what an incident is", () => {
  test("a drill's alone, also when its row is in both tables", () => {
    expect(verdictOn([alert()], [touch()], [drill()])).toEqual({ is: "drill" });
    const both = [touch(), touch({ table: "AZKVAuditLogs" })];
    expect(verdictOn([alert({ touches: 2 })], both, [drill()])).toEqual({ is: "drill" });
  });

  test("a drill's alone, also when the log holds a row twice, in all but its ingestion the same", () => {
    const copy = touch({ ingested: later(9) });
    expect(verdictOn([alert({ touches: 2 })], [touch(), copy], [drill()])).toEqual({ is: "drill" });
    for (const change of [
      { at: new Date(AT.getTime() + 1) },
      { address: "203.0.113.10" },
      { operation: "SecretBackup" },
    ]) {
      expect(verdictOn([alert()], [touch(), { ...copy, ...change }], [drill()]).is).toBe("stray");
    }
  });

  test("a drill's alone, whatever the vault refused it with, when its answer was an error or was lost", () => {
    const failing = [touch({ status: 500 })];
    expect(verdictOn([alert()], failing, [drill({ status: 500 })])).toEqual({ is: "drill" });
    const lost = drill({ answeredAt: undefined, status: undefined, requestId: undefined });
    expect(verdictOn([alert()], failing, [lost])).toEqual({ is: "drill" });
    for (const status of [200, undefined]) {
      expect(verdictOn([alert()], [touch({ status })], [lost]).is).toBe("stray");
    }
    expect(verdictOn([alert()], failing, [drill()]).is).toBe("stray");
  });

  test("several drills'", () => {
    const second = drill({ id: "e", requestId: "q", intendedAt: later(10), answeredAt: later(10) });
    const touches = [touch(), touch({ requestId: "q", at: later(10) })];
    const alerts = [alert(), alert({ firstTouch: later(10), lastTouch: later(10) })];
    expect(verdictOn(alerts, touches, [drill(), second])).toEqual({ is: "drill" });
  });

  test.each([
    ["another decoy", { tokenKey: `${KEY}-two`, requestId: "x" }],
    ["the same one once more", { requestId: "x" }],
    ["the same one with the recorded request's id", { at: later(2) }],
    ["another operation", { operation: "SecretListVersions", requestId: "x" }],
  ])("a stray touch of the drill identity: %s", (_, change) => {
    const details = { touches: 2, tokenKeys: [KEY, `${KEY}-two`], lastTouch: later(2) };
    const touches = [touch(), touch({ at: later(1), ...change })];
    expect(verdictOn([alert(details)], touches, [drill()]).is).toBe("stray");
  });

  test("a touch that was answered is stray, though it is recorded", () => {
    const answered = drill({ status: 200 });
    expect(verdictOn([alert()], [touch({ status: 200 })], [answered]).is).toBe("stray");
  });

  test("a touch at a time at which no drill was made", () => {
    const at = later(90);
    expect(verdictOn([alert({ firstTouch: at, lastTouch: at })], [touch({ at })], [drill()]).is).toBe("stray");
  });

  test.each([
    ["somebody else's alert", [alert(), alert({ caller: "somebody" })]],
    ["an alert of another rule", [alert(), alert({}, "fusion")]],
    ["an alert of no rule", [alert(), { ...alert(), ruleId: undefined }]],
    ["more touches than the log shows", [alert({ touches: 2 })]],
    [
      "more touches than the log shows of an object that it names twice",
      [alert({ touches: 2, tokenKeys: [KEY, KEY] })],
    ],
    ["an alert without its objects", [alert({ tokenKeys: undefined })]],
    ["an alert without its number of touches", [alert({ touches: undefined })]],
    ["an alert without its times", [alert({ lastTouch: undefined })]],
    ["an alert of which only the id is known", [alert(), { ...alert(), id: "b", details: undefined }]],
    ["no alert at all", []],
  ])("not a drill's alone: %s", (_, alerts) => {
    expect(verdictOn(alerts, [touch()], [drill()]).is).toBe("mixed");
  });

  test("a touch without a record is worse than somebody else beside it", () => {
    const alerts = [alert({ caller: "somebody" }), alert({ firstTouch: AT })];
    expect(verdictOn(alerts, [touch()], []).is).toBe("stray");
  });
});

describe("what is done about it", () => {
  const open: Standing = { status: "New", severity: "Medium", labels: [] };
  const closed: Standing = { ...open, status: "Closed" };
  const labelled: Standing = { ...open, labels: ["drill"] };
  const ours: Standing = { ...labelled, status: "Closed", classification: "BenignPositive" };
  const mixed = { is: "mixed", why: "somebody else is in it" } as const;
  const stray = { is: "stray", touches: 1 } as const;

  test("a drill's own incident is closed, once", () => {
    expect(deedFor({ is: "drill" }, open, undefined)).toMatchObject({ decision: "closed", change: { to: "close" } });
    expect(deedFor({ is: "drill" }, open, "commented")).toMatchObject({ decision: "closed" });
    expect(deedFor({ is: "drill" }, closed, "closed")).toBeUndefined();
    // Somebody has opened it again, or it was opened for a reason.
    for (const earlier of ["closed", "raised", "reopened"] as const) {
      expect(deedFor({ is: "drill" }, labelled, earlier)).toBeUndefined();
    }
  });

  test("a closing that was recorded and never arrived is made", () => {
    expect(deedFor({ is: "drill" }, open, "closed")).toMatchObject({ decision: "closed", change: { to: "close" } });
  });

  test("a closing of ours whose record was lost is ours: it is noted, and opened again for what comes late", () => {
    expect(deedFor({ is: "drill" }, ours, undefined)).toEqual({
      decision: "closed",
      change: undefined,
      comment: false,
    });
    for (const earlier of [undefined, "commented", "closed_already"] as const) {
      expect(deedFor(mixed, ours, earlier)).toMatchObject({ decision: "reopened", change: { to: "reopen" } });
      expect(deedFor(stray, ours, earlier)).toMatchObject({ change: { to: "raise", reopen: true } });
    }
    for (const other of [
      { ...ours, labels: [] },
      { ...ours, classification: "TruePositive" as const },
    ]) {
      expect(deedFor({ is: "drill" }, other, undefined)).toMatchObject({ decision: "closed_already" });
    }
    // Opened again by us, it was closed by a person, with our label still on it.
    for (const earlier of ["reopened", "raised"] as const) {
      expect(deedFor(mixed, ours, earlier)).toBeUndefined();
    }
  });

  test("what somebody had closed before us, and is no drill's alone any more, gets a comment once", () => {
    expect(deedFor(mixed, closed, "closed_already")).toEqual({
      decision: "commented",
      change: undefined,
      comment: true,
    });
    expect(deedFor(mixed, closed, "commented")).toBeUndefined();
  });

  test("what is not a drill's alone gets a comment, and is opened where we had closed it", () => {
    expect(deedFor(mixed, open, undefined)).toEqual({ decision: "commented", change: undefined, comment: true });
    expect(deedFor(mixed, open, "commented")).toBeUndefined();
    expect(deedFor(mixed, closed, "closed")).toMatchObject({ decision: "reopened", change: { to: "reopen" } });
  });

  test("a stray touch raises it to High, and opens it where we had closed it", () => {
    expect(deedFor(stray, open, undefined)).toMatchObject({ change: { to: "raise", reopen: false }, comment: true });
    expect(deedFor(stray, open, "commented")).toMatchObject({ decision: "raised" });
    expect(deedFor(stray, closed, "closed")).toMatchObject({ change: { to: "raise", reopen: true } });
    expect(deedFor(stray, { ...open, severity: "High" }, undefined)).toMatchObject({
      change: undefined,
      comment: true,
    });
    expect(deedFor(stray, open, "raised")).toBeUndefined();
  });

  test("what a person has closed stays closed", () => {
    expect(deedFor(mixed, closed, undefined)).toMatchObject({ change: undefined });
    expect(deedFor(stray, closed, undefined)).toMatchObject({ decision: "raised", change: undefined, comment: true });
    expect(deedFor({ is: "drill" }, closed, undefined)).toMatchObject({ decision: "closed_already", comment: false });
  });
});

describe("what an alert says", () => {
  test("lists come as JSON text or as values, in any casing", () => {
    const details = alertDetails({
      Caller: [OID.toUpperCase()],
      TokenKeys: [JSON.stringify([KEY.toUpperCase(), "b"])],
      RequestIds: ["R", "Q"],
      Touches: ["2"],
      FirstTouch: ["2026-11-30T08:00:00.1234567Z"],
      LastTouch: [AT.toISOString()],
    });
    expect(details).toMatchObject({
      caller: OID,
      tokenKeys: [KEY, "b"],
      requestIds: ["r", "q"],
      touches: 2,
      lastTouch: AT,
    });
    expect(details.firstTouch?.toISOString()).toBe("2026-11-30T08:00:00.123Z");
  });

  test.each([
    undefined,
    null,
    "x",
    {},
    { TokenKeys: ["[1,"], Caller: ["a", "b"], Touches: ["many"], FirstTouch: ["x"] },
  ])("what is not there or not understood is undefined: %j", (raw) => {
    expect(alertDetails(raw)).toEqual({
      caller: undefined,
      tokenKeys: undefined,
      requestIds: undefined,
      touches: undefined,
      firstTouch: undefined,
      lastTouch: undefined,
    });
  });
});

import { expect, test } from "vitest";
import type { Proof } from "@/lib/store/drills";
import { proven } from "./proven";

const NOW = new Date("2026-11-30T08:00:00Z");
const DAY = 24 * 60 * 60 * 1000;
const ago = (days: number) => new Date(NOW.getTime() - days * DAY);
const TIMING = { drillLateAfter: 25 * 60_000 };

const passed = (days: number): Proof["passed"] => ({
  at: ago(days),
  endedAt: ago(days),
  row: 4_000,
  alert: 200_000,
  incident: 230_000,
  read: "denied",
});
const ended = (days: number, state: "passed" | "failed" | "unreachable") => ({ at: ago(days), state, problem: null });
const fact = (proof: Partial<Proof> | undefined, planted = [ago(400)]) =>
  proven(proof && { passed: undefined, ended: undefined, running: undefined, ...proof }, planted, NOW, TIMING);

test("a drill that passed within 30 days proves a vault, and says how long each stage took", () => {
  const found = fact({ passed: passed(29), ended: ended(29, "passed") });
  expect(found).toMatchObject({ outcome: "pass", reason: "drill_passed", checkedAt: NOW.toISOString() });
  expect(found.evidence).toContain("row in the log after 4 s, alert after 3 min 20 s");
  expect(fact({ passed: passed(31), ended: ended(31, "passed") })).toMatchObject({
    outcome: "unknown",
    reason: "drill_old",
  });
});

test("a drill of before the honeytokens that are there proves nothing of them", () => {
  const before = { passed: passed(3), ended: ended(3, "passed") };
  expect(fact(before, [ago(2)])).toMatchObject({ outcome: "unknown", reason: "drill_before" });
  expect(fact(before, [])).toMatchObject({ outcome: "unknown", reason: "drill_before" });
  expect(fact(before, [ago(2), ago(4)])).toMatchObject({ outcome: "pass", reason: "drill_passed" });
});

test("no drill proves nothing", () => {
  expect(fact(undefined)).toMatchObject({ outcome: "unknown", reason: "drill_never", checkedAt: null });
});

test("one that failed since counts more than one that passed before", () => {
  const before = { passed: passed(3) };
  expect(fact({ ...before, ended: ended(1, "failed") })).toMatchObject({ outcome: "fail", reason: "drill_failed" });
  expect(fact({ ...before, ended: ended(1, "unreachable") })).toMatchObject({
    outcome: "unknown",
    reason: "drill_unreachable",
  });
});

test("one that is under way is waited for, and is late after a while", () => {
  const since = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000);
  expect(fact({ running: { state: "touched", since: since(5) } })).toMatchObject({
    outcome: "waiting",
    reason: "drill_running",
  });
  expect(fact({ running: { state: "seen", since: since(26) } })).toMatchObject({ reason: "drill_late" });
  // What stands proven stays so meanwhile.
  expect(
    fact({ passed: passed(3), ended: ended(3, "passed"), running: { state: "seen", since: since(26) } }),
  ).toMatchObject({
    outcome: "pass",
  });
  expect(fact({ running: { state: "queued", since: since(5) } })).toMatchObject({ reason: "drill_never" });
});

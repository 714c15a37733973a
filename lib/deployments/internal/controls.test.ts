import { describe, expect, test } from "vitest";
import type { Role, User } from "@/lib/context";
import { controlsFor } from "./controls";
import { NO_ITEMS } from "./shape";

const person = (oid: string, ...roles: Role[]): User => ({ tid: "t", oid, name: oid, upn: undefined, roles });
const owner = person("kim", "KeyVault.Owner");
const admin = person("adam", "Platform.Admin");
const second = person("ada", "Platform.Admin");
const analyst = person("sam", "Soc.Analyst");

const TOTALS = {
  secrets: 3,
  keys: 0,
  grants: { none: 3, vault_role: 0, group_role: 0, policy: 0 },
  groupAssignments: 0,
  blocked: [],
  skipped: [],
  warnings: [],
  secondsAtLeast: 0,
  limits: [],
};
const STARTED = new Date("2026-11-22T12:00:00Z");
const may = (
  state: Parameters<typeof controlsFor>[0]["state"],
  user: User,
  counts: Partial<typeof NO_ITEMS> = { planned: 3 },
  by = "adam",
  startedAt: Date | null = STARTED,
) =>
  controlsFor({ state, requested_by_oid: by, totals: TOTALS, started_at: startedAt }, { ...NO_ITEMS, ...counts }, user)
    .may;

describe("who may do what with a deployment", () => {
  test("only whoever made a plan starts it, and only with something to do", () => {
    expect(may("planned", admin).start).toBe(true);
    expect(may("planned", second).start).toBe(false);
    expect(may("planned", admin, { blocked: 3 }).start).toBe(false);
    expect(may("running", admin).start).toBe(false);
  });

  test("a plan of the product's own is any administrator's to start, and nobody else's", () => {
    expect(may("planned", second, { planned: 1 }, "").start).toBe(true);
    expect(may("planned", analyst, { planned: 1 }, "").start).toBe(false);
    expect(may("planned", owner, { planned: 1 }, "").start).toBe(false);
  });

  test("it is approved by another administrator, never by whoever asked", () => {
    expect(may("awaiting_approval", second).approve).toBe(true);
    expect(may("awaiting_approval", admin).approve).toBe(false);
    expect(may("awaiting_approval", analyst).approve).toBe(false);
    expect(may("planned", second).approve).toBe(false);
  });

  test("whoever asked and administrators steer it, analysts only look", () => {
    expect(may("running", owner, {}, "kim")).toMatchObject({ pause: true, cancel: true, resume: false });
    expect(may("paused", second)).toMatchObject({ pause: false, cancel: true, resume: true });
    expect(Object.values(may("running", analyst))).not.toContain(true);
    expect(may("failed", admin, { failed: 1 }).retry).toBe(true);
    expect(may("failed", admin, { done: 1 }).retry).toBe(false);
  });

  test("what was never started is not done again: a discarded plan, a refused one", () => {
    expect(may("cancelled", admin, { cancelled: 3 }).retry).toBe(true);
    expect(may("cancelled", admin, { cancelled: 3 }, "adam", null).retry).toBe(false);
  });
});

test("the number is typed for all vaults however few, and for a hundred or more however chosen", () => {
  const typed = (totals: Record<string, unknown>, planned: number) =>
    controlsFor(
      { state: "planned", requested_by_oid: "adam", totals, started_at: null },
      { ...NO_ITEMS, planned },
      admin,
    ).confirmByTyping;
  expect(typed({ ...TOTALS, all: true }, 3)).toBe(3);
  expect(typed({ ...TOTALS, all: false }, 99)).toBeNull();
  expect(typed(TOTALS, 99)).toBeNull();
  expect(typed({ ...TOTALS, all: false }, 100)).toBe(100);
  expect(typed({}, 1)).toBeNull();
});

test("the same number is typed before as many are done again, but not for what is left of them in one vault", () => {
  const typed = (all: boolean, counts: Partial<typeof NO_ITEMS>, state: "failed" | "running" = "failed") =>
    controlsFor(
      { state, requested_by_oid: "adam", totals: { ...TOTALS, all }, started_at: STARTED },
      { ...NO_ITEMS, ...counts },
      admin,
    ).confirmByTyping;
  expect(typed(false, { done: 400, failed: 60, cancelled: 40 })).toBe(100);
  expect(typed(false, { done: 400, failed: 60, cancelled: 39 })).toBeNull();
  expect(typed(true, { done: 400, failed: 2 })).toBe(2);
  expect(typed(true, { done: 400, failed: 1 })).toBeNull();
  expect(typed(true, { cancelled: 300 }, "running")).toBeNull();
});

import { describe, expect, test } from "vitest";
import type { Role, User } from "@/lib/context";
import { controlsFor } from "./controls";
import { NO_ITEMS } from "./shape";

const person = (oid: string, ...roles: Role[]): User => ({ tid: "t", oid, name: oid, upn: undefined, roles });
const owner = person("kim", "KeyVault.Owner");
const admin = person("adam", "Platform.Admin");
const second = person("ada", "Platform.Admin");
const analyst = person("sam", "Soc.Analyst");

const all = { operation: "plant", selection: { by: "all" } };
const may = (
  state: Parameters<typeof controlsFor>[0]["state"],
  user: User,
  counts: Partial<typeof NO_ITEMS> = { planned: 3 },
  by = "adam",
) => controlsFor({ state, requested_by_oid: by, request: all }, { ...NO_ITEMS, ...counts }, user).may;

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
});

test("the number is typed for all vaults however few, and for a hundred or more however chosen", () => {
  const typed = (request: Record<string, unknown>, planned: number) =>
    controlsFor({ state: "planned", requested_by_oid: "adam", request }, { ...NO_ITEMS, planned }, admin)
      .confirmByTyping;
  expect(typed(all, 3)).toBe(3);
  const filter = { operation: "plant", selection: { by: "filter", query: {} } };
  expect(typed(filter, 99)).toBeNull();
  expect(typed(filter, 100)).toBe(100);
  expect(typed({}, 1)).toBeNull();
});

import { describe, expect, test } from "vitest";
import type { Check } from "./checks.pure";
import { armPut } from "./internal/commands";
import { recommendationSteps } from "./internal/steps/recommendation";
import { withPlaces } from "./internal/steps/roles";
import { lookAtActivity } from "./internal/steps/workspace";
import { type Looked, planSteps, remainingOf } from "./plan.pure";
import { stepsToWrite } from "./run.pure";

const looked = (id: string, change: Partial<Looked> = {}): Looked => ({
  about: { id, title: `Title of ${id}`, why: "Why.", where: "there", writes: ["a thing"], by: "you" },
  needs: [],
  rights: [{ action: "A/write", where: "the place" }],
  command: undefined,
  seen: { state: "missing", detail: "There is none." },
  lacks: [],
  ...change,
});
const states = (...all: Looked[]) => planSteps(all).map(({ state }) => state);

describe("what becomes of a step", () => {
  test("missing is written, right is left alone, and each right is told with its place", () => {
    expect(states(looked("a"), looked("b", { seen: { state: "right", detail: "" } }))).toEqual(["to_do", "nothing"]);
    expect(planSteps([looked("a")])[0]?.rights).toEqual(["A/write on the place"]);
  });

  test("a right that the person lacks blocks it and what stands on it, and says whom to ask", () => {
    const [first, second, third] = planSteps([
      looked("a", { lacks: ["You lack A. Ask B."] }),
      looked("b", { needs: ["a"] }),
      looked("c", { needs: ["b"] }),
    ]);
    expect(first).toMatchObject({ state: "blocked", fix: "You lack A. Ask B." });
    expect(second).toMatchObject({ state: "blocked", fix: expect.stringContaining("Title of a") });
    expect(third).toMatchObject({ state: "blocked", fix: expect.stringContaining("Title of b") });
  });

  test("what stands on a step that will be written is written too; what is right needs nothing below it", () => {
    expect(states(looked("a"), looked("b", { needs: ["a"] }))).toEqual(["to_do", "to_do"]);
    const right = looked("b", { needs: ["a"], seen: { state: "right", detail: "" } });
    expect(states(looked("a", { lacks: ["No."] }), right)).toEqual(["blocked", "nothing"]);
  });

  test("what could not be looked at is unknown, never to do, and holds up what stands on it", () => {
    const unseen = looked("a", { seen: { state: "unknown", detail: "No answer." } });
    expect(states(unseen, looked("b", { needs: ["a"] }))).toEqual(["unknown", "blocked"]);
  });

  test("what only people decide is blocked with what to do first", () => {
    const seen = { state: "cannot" as const, detail: "Not in use.", fix: "Put it to use." };
    expect(planSteps([looked("a", { seen })])[0]).toMatchObject({ state: "blocked", fix: "Put it to use." });
  });
});

test("what is left out takes along what stands on it, near and far; what is right already holds nothing up", () => {
  const plan = planSteps([
    looked("a"),
    looked("b", { needs: ["a"] }),
    looked("c", { needs: ["b"] }),
    looked("d", { needs: ["right"] }),
    looked("right", { seen: { state: "right", detail: "" } }),
  ]);
  const written = (...leaveOut: string[]) => stepsToWrite(plan, new Set(leaveOut)).map(({ id }) => id);
  expect(written()).toEqual(["a", "b", "c", "d"]);
  expect(written("a", "right", "unheard of")).toEqual(["d"]);
  expect(written("c")).toEqual(["a", "b", "d"]);
});

describe("what stays for people", () => {
  const check = (id: string, state: Check["state"] = "wrong"): Check => ({
    ...{ id, state, area: "sentinel", title: id, evidence: "Seen.", fix: "Do it.", at: "2026-11-22T10:00:00Z" },
  });

  test("is each check that is not right and that no open step answers", () => {
    const steps = planSteps([
      looked("sentinel"),
      looked("activity-log-1", { seen: { state: "right", detail: "" } }),
      looked("role-collector-1", { lacks: ["No."] }),
    ]);
    const checks = ["sentinel", "activity-rows", "collector", "plan"].map((id) => check(id));
    expect(remainingOf([...checks, check("portal", "right")], steps).map(({ id }) => id)).toEqual([
      // Its setting is right, so that only time is missing.
      "activity-rows",
      "plan",
    ]);
  });
});

test("the recommendation names each right that it takes, at the place that was chosen", () => {
  const scope = "/providers/Microsoft.Management/managementGroups/prod";
  const [step] = recommendationSteps({ scope, location: "westeurope" });
  expect(step?.rights).toContainEqual(
    expect.objectContaining({ action: "Microsoft.Authorization/policyAssignments/write", scope }),
  );
  expect(step?.rights.map(({ role }) => role)).not.toContainEqual(expect.stringContaining("the role"));
});

test("a name from Azure in a command stays within its quotes", () => {
  const command = armPut("https://arm", "/x", "1", { roleName: "it's'; rm -rf ~ #" });
  const [, body = ""] = command.split("--body ");
  expect(body.replaceAll("'\\''", "")).toMatch(/^'[^']*'$/);
});

test("a role that is right in itself is written again for a subscription in which it cannot be given", () => {
  const right = { state: "right" as const, detail: "" };
  expect(withPlaces(right, ["Sales"])).toMatchObject({ state: "missing", detail: expect.stringContaining("Sales") });
  expect(withPlaces(right, [])).toEqual(right);
  const cannot = { state: "cannot" as const, detail: "No GUID." };
  expect(withPlaces(cannot, ["Sales"])).toEqual(cannot);
});

describe("a subscription's settings", () => {
  const WORKSPACE = "/subscriptions/s/resourceGroups/G/providers/Microsoft.OperationalInsights/workspaces/W";
  const setting = (change: object = {}) => ({
    ...{ name: "x", workspaceId: WORKSPACE.toLowerCase(), administrative: true },
    ...change,
  });

  test("do when one of them sends administrative events to this workspace", () => {
    expect(lookAtActivity([setting()], WORKSPACE).state).toBe("right");
    expect(lookAtActivity([setting({ administrative: false })], WORKSPACE).state).toBe("missing");
    expect(lookAtActivity([setting({ workspaceId: "/other" })], WORKSPACE).state).toBe("missing");
    expect(lookAtActivity([], WORKSPACE).state).toBe("missing");
  });

  test("five others leave no room, and none of them is changed", () => {
    const five = Array.from({ length: 5 }, (_, n) => setting({ name: `s${n}`, workspaceId: undefined }));
    expect(lookAtActivity(five, WORKSPACE)).toMatchObject({ state: "cannot", fix: expect.stringMatching(/\w/) });
  });
});

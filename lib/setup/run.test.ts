import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { Config } from "@/lib/config";
import type { AzureAccess, UserContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import type { Store } from "@/lib/store/open";
import { TEST_TENANT, temporaryStore } from "@/lib/store/testing/stores";
import { preview } from "./internal/looked";
import type { Look, SetupStep, Written } from "./internal/steps/step";
import { setupJobs } from "./jobs";
import { cancelSetup, listSetupRuns, readSetupRun, resumeSetup, startSetup } from "./run";
import type { SetupRun } from "./run.pure";

/* How a run is carried out, stopped, gone on with and told, with steps that do as each test wants. */

vi.setConfig({ testTimeout: 60_000 });

const world: { steps: SetupStep[]; actions: string[] } = { steps: [], actions: ["*"] };
vi.mock("@/lib/azure/subscriptions", () => ({ subscriptionNames: async () => new Map() }));
vi.mock("@/lib/azure/permissions", () => ({
  permissionsAt: async () => [{ actions: world.actions, notActions: [], dataActions: [], notDataActions: [] }],
}));
vi.mock("./internal/steps/roles", () => ({ customRoleSteps: () => [], roleSteps: () => [] }));
vi.mock("./internal/steps/recommendation", () => ({ recommendationSteps: () => [] }));
vi.mock("./internal/steps/workspace", () => ({
  SENTINEL: "sentinel",
  activityLogSteps: () => [],
  workspaceSteps: () => world.steps,
}));

let store: Store;
beforeAll(async () => {
  store = await temporaryStore();
}, 180_000);
afterAll(() => store.close());
beforeEach(async () => {
  world.actions = ["*"];
  await store.db.deleteFrom("setup_run").execute();
});

const access = {} as AzureAccess; // the mocked modules never look into it
function person(name = "Kim"): UserContext {
  return {
    // the parts of it that a run reads
    config: { tenantId: TEST_TENANT, timing: { poll: 5, grantRetryFor: 2_000 } } as Config,
    db: store.db,
    jobs: { enqueue: async () => {} },
    azure: { collector: access, registrar: access, planter: access, granter: access, drill: access },
    now: () => new Date(),
    user: { tid: TEST_TENANT, oid: `oid of ${name}`, name, upn: undefined, roles: ["Platform.Admin"] },
    asUser: access,
    requestId: "r",
  };
}

/** A step that is missing until it is written; `write` answers for each time, the last one for good. */
function step(id: string, change: Partial<SetupStep> = {}, write: (() => Written | Promise<Written>)[] = []) {
  const done = { there: false, writes: 0 };
  const made: SetupStep = {
    ...{ id, title: `Title of ${id}`, why: "Why.", where: "there", writes: ["a thing"], by: "you" as const },
    ...{ needs: [], rights: [{ action: "A/write", scope: "/s", where: "the place", role: "Owner" }] },
    look: async (): Promise<Look> => ({ state: done.there ? "right" : "missing", detail: "" }),
    write: async () => {
      const answer = await write[Math.min(done.writes++, write.length - 1)]?.();
      done.there = answer?.outcome !== "failed";
      return answer ?? { outcome: "written", detail: "" };
    },
    ...change,
  };
  return Object.assign(made, { done });
}

async function begin(ctx = person()): Promise<string> {
  const { seen } = await preview(ctx, {});
  return (await startSetup(ctx, { choice: {}, seen })).id;
}

async function settled(id: string): Promise<SetupRun> {
  return vi.waitFor(
    async () => {
      const run = await readSetupRun(person(), { id });
      expect(run.state).not.toBe("running");
      return run;
    },
    { timeout: 20_000, interval: 10 },
  );
}

test("steps that are left out are not written, and not in the run", async () => {
  const [a, b, c] = [step("a"), step("b", { needs: ["a"] }), step("c")];
  world.steps = [a, b, c];
  const { seen } = await preview(person(), {});
  const { id } = await startSetup(person(), { choice: {}, seen, leaveOut: ["a"] });
  expect((await settled(id)).steps.map(({ id: one, state }) => [one, state])).toEqual([["c", "written"]]);
  expect([a.done.writes, b.done.writes, c.done.writes]).toEqual([0, 0, 1]);
  await expect(startSetup(person(), { choice: {}, seen, leaveOut: ["a", "c"] })).rejects.toMatchObject({
    failure: { code: "conflict" },
  });
});

const refuse =
  (code: "forbidden" | "step_up" | "signed_out" | "throttled", message = "Azure refused.") =>
  () => {
    throw new AppError(code, message, {}, new Error("as Azure said it"));
  };
const states = ({ steps }: SetupRun) => steps.map(({ state }) => state);
const audited = async (id: string) => {
  const rows = await store.db.selectFrom("audit").selectAll().orderBy("id").execute();
  return rows.filter(({ after }) => after.run === id).map(({ action, result, who }) => `${action} ${result} ${who}`);
};

test("each step is written once, in order, with who, what and result; a second run finds nothing to do", async () => {
  world.steps = [step("a"), step("b", { needs: ["a"] })];
  const id = await begin();
  const run = await settled(id);
  expect([run.state, ...states(run)]).toEqual(["done", "written", "written"]);
  // Steps of one kind at several places are told apart.
  expect(run.steps.map(({ title }) => title)).toEqual(["Title of a, there", "Title of b, there"]);
  expect(await audited(id)).toEqual([
    "setup.start ok Kim",
    "setup.step ok Kim",
    "setup.step ok Kim",
    "setup.end ok Kim",
  ]);
  await expect(begin()).rejects.toMatchObject({ failure: { code: "conflict" } });
});

test("a refusal is told as what was not written, stops what stands on it and nothing else, and is on record", async () => {
  world.steps = [step("a", {}, [refuse("throttled")]), step("b", { needs: ["a"] }), step("c")];
  const id = await begin();
  const run = await settled(id);
  expect([run.state, ...states(run)]).toEqual(["partly", "failed", "skipped", "written"]);
  expect(run.steps[0]?.detail).toContain("Azure refused.");
  expect(run.steps[1]?.detail).toContain("Title of a");
  expect(await audited(id)).toContain("setup.step Azure refused. Kim");
});

test("a right that was taken away since the order is missed at the run, and nothing is written", async () => {
  let looks = 0;
  const a = step("a", {
    look: async () => {
      // At the preview, at the order, and then by the run.
      if (++looks === 3) world.actions = [];
      return { state: "missing", detail: "" };
    },
  });
  world.steps = [a];
  const run = await settled(await begin());
  expect([run.state, ...states(run), a.done.writes]).toEqual(["partly", "failed", 0]);
  expect(run.steps[0]?.detail).toContain("A/write on the place. Ask an administrator there for the role Owner.");
  expect(run.steps[0]?.detail).toContain("Nothing was written.");
});

test("what the product's own identity may not do yet is tried again while its new role spreads", async () => {
  world.steps = [
    step("role-x"),
    step("list", { by: "registrar", needs: ["role-x"] }, [
      refuse("forbidden"),
      refuse("forbidden"),
      () => ({ outcome: "written", detail: "" }),
    ]),
  ];
  expect(states(await settled(await begin()))).toEqual(["written", "written"]);
});

test.each(["step_up", "signed_out"] as const)(
  "%s: the person is waited for, and it goes on where it stopped",
  async (code) => {
    const b = step("b", {}, [refuse(code, "Confirm."), () => ({ outcome: "written", detail: "" })]);
    world.steps = [step("a"), b];
    const id = await begin();
    const waiting = await settled(id);
    expect([waiting.state, ...states(waiting)]).toEqual(["waiting", "written", "running"]);
    expect(waiting.note).toContain("Confirm.");
    await resumeSetup(person("Lee"), { id });
    const run = await settled(id);
    expect([run.state, run.by, ...states(run)]).toEqual(["done", "Lee", "written", "written"]);
    await expect(resumeSetup(person(), { id })).rejects.toMatchObject({ failure: { code: "conflict" } });
  },
);

test("a write whose process was killed before it was noted is seen, not written again, and gets its audit row", async () => {
  const a = step("a", {}, [() => new Promise<Written>(() => {})]);
  world.steps = [a, step("b")];
  const id = await begin();
  await vi.waitFor(() => expect(a.done.writes).toBe(1));
  // The process is gone; Azure has done it.
  a.done.there = true;
  await setupJobs(person(), store);
  expect((await readSetupRun(person(), { id })).state).toBe("waiting");
  await resumeSetup(person(), { id });
  const run = await settled(id);
  expect([run.state, ...states(run)]).toEqual(["done", "unchanged", "written"]);
  expect(a.done.writes).toBe(1);
  expect((await audited(id)).filter((row) => row.startsWith("setup.step ok"))).toHaveLength(2);
});

test("one run at a time; stopping ends it after the step that it is at, and one that waits at once", async () => {
  let release: (written: Written) => void = () => {};
  const a = step("a", {}, [() => new Promise<Written>((resolve) => (release = resolve))]);
  world.steps = [a, step("b")];
  const id = await begin();
  await expect(begin(person("Lee"))).rejects.toMatchObject({ failure: { code: "conflict" } });
  await vi.waitFor(() => expect(a.done.writes).toBe(1));
  await cancelSetup(person("Lee"), { id });
  expect((await readSetupRun(person(), { id })).cancelling).toBe(true);
  release({ outcome: "written", detail: "" });
  const run = await settled(id);
  expect([run.state, ...states(run)]).toEqual(["cancelled", "written", "cancelled"]);
  await expect(cancelSetup(person(), { id })).rejects.toMatchObject({ failure: { code: "conflict" } });

  world.steps = [step("c", {}, [refuse("step_up")])];
  const other = await begin();
  await settled(other);
  await cancelSetup(person(), { id: other });
  expect((await readSetupRun(person(), { id: other })).state).toBe("cancelled");
  expect((await listSetupRuns(person())).runs.map(({ state }) => state)).toEqual(["cancelled", "cancelled"]);
});

test("one that was cancelled ends, when its process is gone or its person has to come back; it waits for nobody", async () => {
  const killed = step("a", {}, [() => new Promise<Written>(() => {})]);
  world.steps = [killed, step("b")];
  const id = await begin();
  await vi.waitFor(() => expect(killed.done.writes).toBe(1));
  await cancelSetup(person(), { id });
  await setupJobs(person(), store);
  const run = await readSetupRun(person(), { id });
  expect([run.state, run.cancelling, ...states(run)]).toEqual(["cancelled", false, "cancelled", "cancelled"]);

  let refuseNow: () => void = () => {};
  const stuck = step("c", {}, [() => new Promise<Written>((_, reject) => (refuseNow = () => reject(stepUp)))]);
  const stepUp = new AppError("step_up", "Confirm.");
  world.steps = [stuck];
  const other = await begin();
  await vi.waitFor(() => expect(stuck.done.writes).toBe(1));
  await cancelSetup(person(), { id: other });
  refuseNow();
  expect((await settled(other)).state).toBe("cancelled");
});

test("nothing is begun that the jobs could not look after, and a run goes on in the name of whoever resumes it", async () => {
  world.steps = [step("a", {}, [refuse("step_up"), () => ({ outcome: "written", detail: "" })])];
  const unwatched: UserContext = {
    ...person(),
    jobs: { enqueue: () => Promise.reject(new AppError("unavailable", "The store does not answer.")) },
  };
  await expect(begin(unwatched)).rejects.toMatchObject({ failure: { code: "unavailable" } });
  expect((await listSetupRuns(person())).runs).toEqual([]);
  const id = await begin();
  await settled(id);
  await expect(resumeSetup(unwatched, { id })).rejects.toMatchObject({ failure: { code: "unavailable" } });
  expect(await readSetupRun(person(), { id })).toMatchObject({ state: "waiting", by: "Kim" });
  const presses = await Promise.allSettled([resumeSetup(person("Lee"), { id }), resumeSetup(person("Lee"), { id })]);
  expect(presses.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  expect(await settled(id)).toMatchObject({ state: "done", by: "Lee" });
  expect((await audited(id)).filter((row) => row.startsWith("setup.resume"))).toHaveLength(1);
});

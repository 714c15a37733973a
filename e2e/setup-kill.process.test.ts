import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";
import type { UserContext } from "@/lib/context";
import { startTenant, type TestTenant } from "@/lib/coverage/testing/tenant";
import { setupJobs } from "@/lib/setup/jobs";
import { readSetupPlan } from "@/lib/setup/plan";
import { readSetupRun, resumeSetup } from "@/lib/setup/run";
import { openStore, type Store } from "@/lib/store/open";

/* Ends the process with SIGKILL in the middle of a set-up, goes on in another one, and looks into the tenant. */

let tenant: TestTenant;
let store: Store | undefined;
beforeAll(async () => {
  tenant = await startTenant("--vaults", "24", "--seed", "2", "--bare");
}, 300_000);
afterAll(async () => {
  await store?.close();
  await tenant?.stop();
});

const count = async (name: string) => (await tenant.collection(name, z.unknown())).length;

/** Sets up in a process of its own, and kills it as soon as some rules are there; answers the run. */
async function setUpAndKill(variables: Record<string, string>, token: string): Promise<string> {
  const child = spawn(
    process.execPath,
    ["--import", "tsx", "--conditions=react-server", "e2e/harness/setup-child.ts"],
    { env: { ...process.env, ...variables, TEST_TOKEN: token }, stdio: ["ignore", "pipe", "inherit"] },
  );
  const ended = new Promise<NodeJS.Signals | null>((resolve) => child.once("exit", (_, signal) => resolve(signal)));
  const id = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    child.once("exit", () => reject(new Error("The process ended before it began to set up.")));
  });
  await vi.waitFor(
    async () => {
      expect(await count("alertRules")).toBeGreaterThan(0);
    },
    { timeout: 120_000, interval: 20 },
  );
  child.kill("SIGKILL");
  expect(await ended).toBe("SIGKILL");
  return id;
}

test("a set-up whose process was killed waits for its person, goes on, and writes nothing twice", async () => {
  const admin = await tenant.as("Administrator");
  const token = await tenant.tokenOf("Administrator");
  const roles = await count("roleAssignments");
  const id = await setUpAndKill(await tenant.handOver(), token);

  store = await openStore(tenant.service.config);
  const { db } = store;
  const service = { ...tenant.service, db };
  const ctx: UserContext = { ...admin, db };
  const cut = await readSetupRun(ctx, { id });
  expect(cut.state).toBe("running");
  const rules = await count("alertRules");

  // What a start of the product does: nothing is written without a person.
  await setupJobs(service, store);
  const waiting = await readSetupRun(ctx, { id });
  expect(waiting).toMatchObject({ state: "waiting", note: expect.stringContaining("go on") });
  expect(await count("alertRules")).toBe(rules);

  await resumeSetup(ctx, { id });
  await vi.waitFor(
    async () => {
      expect((await readSetupRun(ctx, { id })).endedAt).not.toBeNull();
    },
    { timeout: 120_000, interval: 200 },
  );
  const done = await readSetupRun(ctx, { id });
  expect(done.steps.filter(({ state }) => !["written", "unchanged"].includes(state))).toEqual([]);
  expect(done.state).toBe("done");

  // As if nothing had happened: one role more, one list, one setting for each subscription, and nothing to do.
  expect(await count("roleAssignments")).toBe(roles + 1);
  expect([await count("watchlists"), await count("activitySettings")]).toEqual([1, 3]);
  const { steps } = await readSetupPlan(ctx, {});
  expect(steps.filter(({ state }) => state !== "nothing")).toEqual([]);
  const rows = await db.selectFrom("audit").select(["action", "result"]).execute();
  expect(rows.filter(({ action }) => action.startsWith("setup.")).map(({ action }) => action)).toEqual(
    expect.arrayContaining(["setup.start", "setup.resume", "setup.end"]),
  );
  expect(rows.filter(({ result }) => result !== "ok")).toEqual([]);
}, 300_000);

import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { parseVaultId } from "@/lib/azure/resource-id.pure";
import { mergeTags } from "@/lib/azure/tags";
import type { UserContext } from "@/lib/context";
import { startTenant, type TestTenant } from "@/lib/coverage/testing/tenant";
import { changeSettings } from "@/lib/settings/settings";
import { DEFAULT_SETTINGS } from "@/lib/settings/settings.pure";
import { runChecks } from "./checks";
import { readSetupPlan } from "./plan";
import { cancelSetup, listSetupRuns, readSetupRun, startSetup } from "./run";
import type { SetupChoice, SetupPlan, SetupRun } from "./run.pure";

/* A tenant in which nothing was set up, taken to one in which everything is that can be; by a person with their own rights. */

const LOCATION = "westeurope";
const GROUP = "/providers/Microsoft.Management/managementGroups/contoso-production";

let tenant: TestTenant;
let admin: UserContext;
beforeAll(async () => {
  tenant = await startTenant("--vaults", "24", "--seed", "1", "--bare");
  admin = await tenant.as("Administrator");
}, 300_000);
afterAll(() => tenant?.stop());

const COLLECTIONS = [
  ...["watchlists", "alertRules", "activitySettings", "roleDefinitions", "roleAssignments", "policyDefinitions"],
  ...["policySetDefinitions", "policyAssignments", "remediations"],
];

/** How many documents of each kind the tenant has, and whether Sentinel is on: the truth that the product does not see. */
async function written(): Promise<Record<string, unknown>> {
  const counts = await Promise.all(
    COLLECTIONS.map(async (name) => [name, (await tenant.collection(name, z.unknown())).length] as const),
  );
  const workspaces = await tenant.collection("workspaces", z.looseObject({ sentinel: z.boolean().optional() }));
  return { ...Object.fromEntries(counts), plain: workspaces.filter(({ sentinel }) => sentinel === false).length };
}

const states = ({ steps }: SetupPlan) => Object.fromEntries(steps.map(({ id, state }) => [id, state]));
const begins = (id: string, begin: string) => id.startsWith(begin);

async function ended(ctx: UserContext, id: string): Promise<SetupRun> {
  let run = await readSetupRun(ctx, { id });
  await vi.waitFor(
    async () => {
      run = await readSetupRun(ctx, { id });
      expect(run.endedAt, JSON.stringify(run)).not.toBeNull();
    },
    { timeout: 120_000, interval: 200 },
  );
  return run;
}

async function setUp(ctx: UserContext, choice: SetupChoice = {}): Promise<SetupRun> {
  const { seen } = await readSetupPlan(ctx, choice);
  return ended(ctx, (await startSetup(ctx, { choice, seen })).id);
}

describe("in a tenant where nothing was set up", () => {
  test("each check that rests on Sentinel says that it is not on, and what switches it on", async () => {
    const checks = await runChecks(tenant.service);
    const resting = checks.filter(({ id }) => id === "watchlist" || begins(id, "rule-"));
    expect(resting).toHaveLength(5);
    for (const check of resting) {
      expect(check).toMatchObject({ state: "wrong", fix: expect.stringContaining("Set up for me") });
      expect(check.evidence).toContain("Microsoft Sentinel is not on");
    }
  });

  test("somebody without rights is told each one that is missing, step by step, and nothing is written", async () => {
    const analyst = await tenant.as("SOC analyst");
    const before = await written();
    const plan = await readSetupPlan(analyst, {});
    expect(plan.steps.filter(({ state }) => state === "to_do")).toEqual([]);
    const sentinel = plan.steps.find(({ id }) => id === "sentinel");
    expect(sentinel).toMatchObject({ state: "blocked", command: expect.stringContaining("az rest --method put") });
    expect(sentinel?.fix).toContain("Microsoft.SecurityInsights/onboardingStates/write");
    expect(sentinel?.fix).toContain("Microsoft Sentinel Contributor");
    await expect(startSetup(analyst, { choice: {}, seen: plan.seen })).rejects.toMatchObject({
      failure: { code: "conflict" },
    });
    expect(await written()).toEqual(before);
  });

  test("the plan names each missing thing with its place, its right and its reason; looking changes nothing", async () => {
    const before = await written();
    const plan = await readSetupPlan(admin, {});
    expect(states(plan)).toMatchObject({
      "custom-role-plant": "to_do",
      "custom-role-retire": "to_do",
      "role-registrar": "to_do",
      // Reader on the subscription gives as much.
      "role-collector-logs": "nothing",
      sentinel: "to_do",
      watchlist: "to_do",
      rules: "to_do",
    });
    const kinds = (begin: string) => plan.steps.filter(({ id }) => begins(id, begin)).map(({ state }) => state);
    expect(kinds("activity-log-")).toEqual(["to_do", "to_do", "to_do"]);
    // Reader on the subscriptions is what the installation began with.
    expect(new Set(kinds("role-collector-").slice(0, 3))).toEqual(new Set(["nothing"]));
    for (const step of plan.steps) {
      expect(step.writes.length, step.id).toBeGreaterThan(0);
      expect(`${step.why}${step.where}`, step.id).toMatch(/\w/);
      expect(step.rights.length, step.id).toBeGreaterThan(0);
    }
    // What we cannot do is told with what does it.
    expect(plan.remaining.map(({ id }) => id)).toContain("plan");
    expect(await written()).toEqual(before);
  });

  test("a plan that is not the one that was seen is not carried out", async () => {
    const before = await written();
    await expect(startSetup(admin, { choice: {}, seen: "another" })).rejects.toMatchObject({
      failure: { code: "conflict" },
    });
    expect(await written()).toEqual(before);
    expect((await listSetupRuns(admin)).runs).toEqual([]);
  });

  test("is stopped at the end of a step; what was not begun stays unwritten", async () => {
    const { seen } = await readSetupPlan(admin, {});
    const { id } = await startSetup(admin, { choice: {}, seen });
    // Nobody can start a second one meanwhile.
    await expect(startSetup(admin, { choice: {}, seen })).rejects.toMatchObject({ failure: { code: "conflict" } });
    await cancelSetup(admin, { id });
    const run = await ended(admin, id);
    expect(run.state).toBe("cancelled");
    expect(run.counts.cancelled).toBeGreaterThan(5);
    expect(await tenant.collection("alertRules", z.unknown())).toEqual([]);
  });

  test("everything that can be is set up, each write with its audit row; then the checks are right", async () => {
    const run = await setUp(admin);
    expect(run.steps.filter(({ state }) => state !== "written")).toEqual([]);
    expect(run.state).toBe("done");
    expect(await written()).toMatchObject({ plain: 1, watchlists: 1, activitySettings: 3 });
    expect((await tenant.collection("alertRules", z.unknown())).length).toBeGreaterThan(5);

    const rows = await tenant.service.db.selectFrom("audit").selectAll().where("result", "=", "ok").execute();
    const told = rows.filter(({ action }) => action === "setup.step").map(({ after }) => String(after.step));
    for (const { id } of run.steps.filter((step) => !begins(step.id, "custom-role-") && step.id !== "rules"))
      expect(told, id).toContain(id);
    expect(rows.filter(({ action }) => action === "role.write")).toHaveLength(2);
    expect(rows.filter(({ action }) => action === "rule.deploy").length).toBeGreaterThan(5);
    expect(new Set(rows.map(({ oid }) => oid))).toEqual(new Set([admin.user.oid]));

    const [vault] = await tenant.collection("vaults", z.looseObject({ id: z.string() }));
    const vaultId = parseVaultId(vault?.id ?? "");
    await vi.waitFor(
      async () => {
        // Somebody has to do something before an activity log has a row.
        if (vaultId) await mergeTags(admin.asUser, vaultId, { owner: "team" });
        const checks = await runChecks(tenant.service);
        expect(checks.filter(({ state }) => state === "wrong")).toEqual([]);
        const set = ["collector", "registrar", "planter", "custom-roles", "workspace", "sentinel", "activity-rows"];
        for (const id of set) expect(checks.find((one) => one.id === id)).toMatchObject({ state: "right" });
        const rules = checks.filter(({ id }) => begins(id, "rule-"));
        expect(rules).toHaveLength(4);
        expect(rules.filter(({ state }) => state !== "right")).toEqual([]);
      },
      { timeout: 90_000, interval: 2_000 },
    );
  }, 240_000);

  test("again there is nothing to do, and nothing is written twice", async () => {
    const before = await written();
    const plan = await readSetupPlan(admin, {});
    expect(new Set(Object.values(states(plan)))).toEqual(new Set(["nothing"]));
    await expect(startSetup(admin, { choice: {}, seen: plan.seen })).rejects.toMatchObject({
      failure: { code: "conflict", message: expect.stringContaining("nothing to do") },
    });
    expect(await written()).toEqual(before);
  });
});

describe("the recommendation", () => {
  test("is not deployed until it is in use, and says what comes first", async () => {
    const plan = await readSetupPlan(admin, { recommendation: { scope: GROUP, location: LOCATION } });
    expect(plan.steps.at(-1)).toMatchObject({ id: "recommendation", state: "blocked" });
    expect(plan.steps.at(-1)?.fix).toContain("Recommendation");
    const value = { ...DEFAULT_SETTINGS.recommendation, inUse: true };
    await changeSettings(admin, { group: "recommendation", value, basedOn: null });
  });

  test("at a management group without the rights is blocked with each of them, and nothing is half done", async () => {
    const analyst = await tenant.as("SOC analyst");
    const before = await written();
    const choice = { recommendation: { scope: GROUP, location: LOCATION } };
    const plan = await readSetupPlan(analyst, choice);
    expect(plan.steps.at(-1)).toMatchObject({ state: "blocked" });
    expect(plan.steps.at(-1)?.fix).toContain("Resource Policy Contributor");
    await expect(startSetup(analyst, { choice, seen: plan.seen })).rejects.toThrow();
    expect(await written()).toEqual(before);
  });

  test("is one more step of the same run, with its parts", async () => {
    const [subscription] = await tenant.collection("subscriptions", z.looseObject({ id: z.string() }));
    const choice = { recommendation: { scope: `/subscriptions/${subscription?.id}`, location: LOCATION } };
    const run = await setUp(admin, choice);
    expect(run.steps).toMatchObject([{ id: "recommendation", state: "written" }]);
    expect(run.steps[0]?.detail).toContain("Initiative");
    const again = await readSetupPlan(admin, choice);
    expect(again.steps.at(-1)?.state).toBe("nothing");
  }, 120_000);
});

describe("a step that fails", () => {
  test("says what was and was not written, leaves the others alone, and can be pressed again", async () => {
    const rules = await tenant.collection("alertRules", z.looseObject({ ruleId: z.string() }));
    const settings = await tenant.collection(
      "activitySettings",
      z.looseObject({ subscriptionId: z.string(), name: z.string() }),
    );
    // Somebody takes two things away; then Azure refuses one of them.
    const remove = async (path: string, version: string) => {
      const token = await admin.asUser.credential.getToken("https://management.azure.com/.default");
      const answer = await fetch(`${tenant.url}${path}?api-version=${version}`, {
        method: "DELETE",
        headers: { authorization: `Bearer ${token?.token}`, "x-forwarded-host": "management.azure.com" },
      });
      expect(answer.status).toBeLessThan(300);
    };
    const [setting] = settings;
    const workspace = tenant.service.config.workspace.resourceId;
    await remove(
      `${setting?.subscriptionId}/providers/Microsoft.Insights/diagnosticSettings/${setting?.name}`,
      "2021-05-01-preview",
    );
    const rule = rules.find(({ ruleId }) => ruleId !== "BuiltInFusion")?.ruleId;
    await remove(`${workspace}/providers/Microsoft.SecurityInsights/alertRules/${rule}`, "2022-09-01-preview");
    const faulty = await fetch(`${tenant.url}/sim/faults`, {
      method: "PUT",
      body: JSON.stringify({
        rules: [
          {
            name: "no settings",
            match: { service: "arm", method: "PUT", path: "*/diagnosticSettings/*" },
            fault: { kind: "throttle", retryAfter: 0 },
          },
        ],
      }),
    });
    expect(faulty.ok).toBe(true);
    const failed = await setUp(admin);
    await fetch(`${tenant.url}/sim/faults`, { method: "DELETE" });
    expect(failed.state).toBe("partly");
    expect(failed.steps.map(({ state }) => state).toSorted()).toEqual(["failed", "written"]);
    expect(failed.steps.find(({ state }) => state === "failed")?.detail).toContain("Nothing was written.");
    const row = await tenant.service.db
      .selectFrom("audit")
      .selectAll()
      .where("action", "=", "setup.step")
      .where("result", "!=", "ok")
      .executeTakeFirstOrThrow();
    expect(row.oid).toBe(admin.user.oid);

    const again = await setUp(admin);
    expect(again.steps).toMatchObject([{ state: "written" }]);
    expect((await listSetupRuns(admin)).runs.map(({ state }) => state)).toEqual([
      "done",
      "partly",
      "done",
      "done",
      "cancelled",
    ]);
  }, 120_000);
});

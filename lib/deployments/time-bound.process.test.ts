import { mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { truthOf } from "@/e2e/harness/simulated-truth";
import { type SimulatorProcess, startSimulator } from "@/e2e/harness/simulator";
import { listSecrets } from "@/lib/azure/key-vault";
import { ANYWHERE } from "@/lib/azure/vault-network";
import { CLOUDS } from "@/lib/cloud";
import type { UserContext } from "@/lib/context";
import type { TestTenant } from "@/lib/coverage/testing/tenant";
import { changeSettings } from "@/lib/settings/settings";
import { DEFAULT_SETTINGS } from "@/lib/settings/settings.pure";
import { startJobs } from "@/lib/store/jobs";
import { openStore } from "@/lib/store/open";
import { startDeployment } from "./control";
import { groupOf } from "./internal/group-grants";
import { listOpenGrants } from "./open-grants";
import { readDeployment } from "./read";
import { sweepGrants } from "./sweep";
import { bundleRunner } from "./testing/bundle-runner";
import { estateOf, leftoversOf } from "./testing/estate";
import { killForGood } from "./testing/kill-lane";
import { plantableVaults } from "./testing/plantable-vaults";
import { plan, startFleet, type TestFleet } from "./testing/test-fleet";
import { ItemPlan } from "./views.pure";

const ON = { group: "deployments" as const, value: { ...DEFAULT_SETTINGS.deployments, timeBoundRoles: true } };

describe.each([
  { licence: "with a licence", options: [] },
  { licence: "without a licence", options: ["--without-p2"] },
])("a deployment over a whole estate with time-bound roles, $licence", ({ options }) => {
  const licensed = options.length === 0;
  const VAULTS = 60;
  let tenant: TestTenant;
  let admin: UserContext;
  let fleet: TestFleet | undefined;

  beforeAll(async () => {
    fleet = await startFleet(VAULTS, "--seed", "3", ...options);
    ({ tenant, admin } = fleet);
    await changeSettings(admin, { ...ON, basedOn: null });
  }, 180_000);
  afterAll(() => fleet?.stop());

  /** Deletes from one group whatever a plan leaves out, so that a role at the group reaches no further than the plan. */
  async function makeGroupWhole(): Promise<void> {
    const { id } = await plan(admin);
    const items = await tenant.service.db
      .selectFrom("deployment_item")
      .select(["vault_id", "plan"])
      .where("deployment_id", "=", id)
      .execute();
    const wanted = new Set<string>();
    const perGroup = new Map<string, number>();
    for (const { vault_id: vaultId, plan: kept } of items) {
      if (ItemPlan.safeParse(kept).data?.grant !== "vault_role") continue;
      wanted.add(vaultId);
      perGroup.set(groupOf(vaultId), (perGroup.get(groupOf(vaultId)) ?? 0) + 1);
    }
    const [group, vaults] = [...perGroup].sort(([, a], [, b]) => b - a)[0] ?? [];
    if (group === undefined || (vaults ?? 0) < 2) throw new Error("No group of this world has two vaults to plant in.");
    const token = await admin.asUser.credential.getToken("https://management.azure.com/.default");
    for (const vault of (await estateOf(tenant)).vaults) {
      const at = vault.id.toLowerCase();
      if (!at.startsWith(`${group}/`) || wanted.has(at)) continue;
      const answer = await fetch(`${tenant.url}${vault.id}?api-version=2023-07-01`, {
        method: "DELETE",
        headers: { authorization: `Bearer ${token?.token}`, "x-forwarded-host": "management.azure.com" },
      });
      expect(answer.status).toBe(200);
    }
  }

  const details = async (): Promise<string[]> => {
    const steps = tenant.service.db.selectFrom("deployment_step").select("detail").where("step", "=", "grant");
    return (await steps.where("state", "=", "done").execute()).map(({ detail }) => detail);
  };
  const puts = (what: string) => tenant.sent.filter((one) => one.startsWith("PUT ") && one.includes(`/${what}/`));

  test("plants everything, and leaves no right behind", async () => {
    await makeGroupWhole();
    const before = await estateOf(tenant);
    const planned = await vi.waitFor(
      async () => {
        const made = await plan(admin);
        expect(made.totals?.grants.group_role).toBeGreaterThan(1);
        return made;
      },
      { timeout: 100_000, interval: 1_000 },
    );
    // Over hours, a role at the group would reach vaults whose turn has not come.
    const { totals } = await plan(admin, { spreadHours: 100 });
    expect(totals).toMatchObject({ groupAssignments: 0, grants: { group_role: 0 } });
    await startDeployment(admin, { id: planned.id, typed: planned.confirmByTyping ?? 0 });
    const seen = new Set<boolean>();
    const ended = await vi.waitFor(
      async () => {
        const { grants } = await listOpenGrants(admin);
        for (const { state, model, endsAt } of grants)
          if (state === "given" && model === "rbac") seen.add(endsAt !== null);
        const now = await readDeployment(admin, planned.id);
        expect(["done", "failed", "needs_person"]).toContain(now.state);
        return now;
      },
      { timeout: 200_000, interval: 100 },
    );
    expect(ended.counts.done).toBeGreaterThan(5);
    await vi.waitFor(
      async () => {
        await sweepGrants(tenant.service);
        expect((await listOpenGrants(admin)).grants).toEqual([]);
      },
      { timeout: 100_000, interval: 1_000 },
    );
    const left = leftoversOf(before, await estateOf(tenant));
    expect(left).toMatchObject({ duplicated: 0, versioned: 0, grantsLeft: 0, unregistered: 0, rowsWithoutObject: 0 });
    expect(left.planted).toHaveLength(planned.counts.planned);

    const atGroup = /resourcegroups\/[^/]+\/providers\/Microsoft\.Authorization\//i;
    const way = licensed ? "roleAssignmentScheduleRequests" : "roleAssignments";
    expect(puts(way).some((url) => atGroup.test(url))).toBe(true);
    expect([...seen]).toEqual([licensed]);
    const words = (await details()).filter((detail) => detail.startsWith("A role"));
    const sentence = licensed ? "Azure ends it by itself" : "only with a Microsoft Entra ID P2 licence";
    expect(words.length).toBeGreaterThan(0);
    expect(words.filter((detail) => !detail.includes(sentence))).toEqual([]);
    const audit = tenant.service.db.selectFrom("audit").select("result").where("action", "=", "grant.without_end");
    expect(await audit.execute()).toHaveLength(licensed ? 0 : 1);
    if (licensed) expect(puts("roleAssignments")).toEqual([]);
    const nowhere = tenant.service.db.selectFrom("audit").select("action").where("vault_id", "is", null);
    expect(await nowhere.where("action", "like", "grant.%").execute()).toEqual([]);
  }, 400_000);
});

const Assignment = z.looseObject({
  scope: z.string(),
  principalId: z.string(),
  schedule: z.object({ endsAt: z.number() }).optional(),
});

describe("a process that dies with a time-bound role given, and nobody comes after it", () => {
  const folder = path.resolve(".test-data", `time-bound-${process.pid}`);
  let simulator: SimulatorProcess;

  beforeAll(async () => {
    mkdirSync(folder, { recursive: true });
    const delays = ["watchlist", "grant", "diagnostics", "resource-graph"].flatMap((name) => [`--delay-${name}`, "0"]);
    const clock = ["--clock", "virtual", "--clock-start", new Date().toISOString()];
    const options = ["--vaults", "60", "--no-throttle", "--delay-ingestion", "0", ...delays, ...clock];
    [simulator] = await Promise.all([startSimulator(...options), bundleRunner(path.join(folder, "runner.mjs"))]);
  }, 180_000);
  afterAll(async () => {
    await simulator?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const schedules = async () => {
    const answer: unknown = await (await fetch(`${simulator.url}/sim/collections/roleAssignments`)).json();
    return z
      .object({ documents: z.array(Assignment) })
      .parse(answer)
      .documents.filter(({ schedule }) => schedule !== undefined);
  };
  const advance = (milliseconds: number) =>
    fetch(`${simulator.url}/sim/clock/advance`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ milliseconds }),
    });

  test("loses it at the hour that it was given for", async () => {
    const tenant = await (await fetch(`${simulator.url}/sim/tenant`)).text();
    const truth = truthOf(simulator.url);
    const { tenantId, identities } = await truth.tenant();
    const kim = (await truth.principals()).find(({ name }) => name === "Kim Owner")?.oid ?? "";
    const freshStore = path.join(folder, "fresh");
    const store = await openStore({ databaseUrl: undefined, dataDir: freshStore, tenantId });
    await startJobs(store, {});
    await store.db
      .insertInto("setting")
      .values({
        ...{ name: ON.group, value: JSON.stringify(ON.value), updated_by_oid: kim, updated_by_name: "Kim" },
        updated_at: new Date(),
      })
      .execute();
    await store.close();
    const [vault] = (await plantableVaults(simulator, kim)).filter((one) => one.enableRbacAuthorization === true);
    if (!vault || !identities.planter) throw new Error("Kim has no RBAC vault to plant in.");
    const planter = identities.planter;
    const point = { effect: "grant" as const, moment: "applied" as const };
    const killed = await killForGood(
      { simulator, tenant, program: path.join(folder, "runner.mjs"), freshStore, requester: kim, folder },
      {
        ...{ title: "", kills: [point], vaultId: vault.id, kind: "secret", count: 1 },
        ...{ planter: planter.objectId, registerDelay: 0 },
      },
      point,
    );
    expect(killed).toBe(true);
    const [given, ...others] = await schedules();
    expect(others).toEqual([]);
    expect(given).toMatchObject({ principalId: planter.objectId, scope: expect.stringMatching(/\/vaults\//) });

    const access = {
      credential: simulator.identity(planter.clientId),
      httpClient: simulator.httpClient,
      cloud: CLOUDS.AzureCloud,
      outbound: ANYWHERE,
    };
    const time = z.object({ now: z.coerce.date() }).parse(await (await fetch(`${simulator.url}/sim/clock`)).json());
    const left = (given?.schedule?.endsAt ?? 0) - time.now.getTime();
    expect(left).toBeGreaterThan(20 * 60_000);
    await advance(left - 1_000);
    await listSecrets(access, vault.name);
    await advance(2_000);
    await expect(listSecrets(access, vault.name)).rejects.toMatchObject({ failure: { code: "forbidden" } });
    expect(await schedules()).toEqual([]);
  }, 200_000);
});

import { mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { truthOf } from "@/e2e/harness/simulated-truth";
import { type SimulatorProcess, startSimulator } from "@/e2e/harness/simulator";
import { startJobs } from "@/lib/store/jobs";
import { openStore } from "@/lib/store/open";
import { bundleRunner } from "./testing/bundle-runner";
import { type Case, type CaseResult, type Lane, runCase } from "./testing/kill-lane";
import { EFFECTS, type KillPoint, MOMENTS } from "./testing/killing-proxy";
import { plantableVaults } from "./testing/plantable-vaults";

/*
 * Ends the planting process with SIGKILL at every point where Azure could be left half done, goes on with a new process
 * on the same folder, and looks into the tenant: exactly the planned decoys, each with one version, registered before it
 * existed, and no right left behind.
 */

const REGISTER_DELAY_MS = 250;
const SIMULATOR = [
  ...["--vaults", "60", "--no-throttle", "--delay-ingestion", "1500-2500", "--delay-grant", "300"],
  ...["--delay-watchlist", String(REGISTER_DELAY_MS), "--delay-diagnostics", "100", "--delay-resource-graph", "50"],
];
const MODELS = ["rbac", "policies"] as const;
const KINDS = ["secret", "key"] as const;
const LANES_PER_MODEL = 2;

const all = (kills: KillPoint[]): string => kills.map(({ effect, moment }) => `${effect} ${moment}`).join(", then ");
const ONE_KILL: KillPoint[][] = EFFECTS.flatMap((effect) => MOMENTS.map((moment) => [{ effect, moment }]));
/** Twice at the places where the first kill leaves the most open. */
const TWO_KILLS: KillPoint[][] = [
  [
    { effect: "grant", moment: "applied" },
    { effect: "register", moment: "applied" },
  ],
  [
    { effect: "plant", moment: "before" },
    { effect: "plant", moment: "applied" },
  ],
  [
    { effect: "plant", moment: "applied" },
    { effect: "revoke", moment: "applied" },
  ],
  [
    { effect: "revoke", moment: "before" },
    { effect: "publish", moment: "applied" },
  ],
];
/** Each pair on one of the models; every single kill on both. */
const SEQUENCES = {
  rbac: [...ONE_KILL, ...TWO_KILLS.filter((_, index) => index % 2 === 0)],
  policies: [...ONE_KILL, ...TWO_KILLS.filter((_, index) => index % 2 === 1)],
};

const folder = path.resolve(".test-data", `kill-${process.pid}`);
const results = new Map<string, CaseResult>();
let simulator: SimulatorProcess;

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  const program = path.join(folder, "runner.mjs");
  [simulator] = await Promise.all([startSimulator(...SIMULATOR), bundleRunner(program)]);
  const tenant = await (await fetch(`${simulator.url}/sim/tenant`)).text();
  const truth = truthOf(simulator.url);
  const { tenantId, identities } = await truth.tenant();
  const kim = (await truth.principals()).find((principal) => principal.name === "Kim Owner")?.oid ?? "";
  const freshStore = path.join(folder, "fresh");
  const store = await openStore({ databaseUrl: undefined, dataDir: freshStore, tenantId });
  await startJobs(store, {});
  await store.close();
  const lane: Lane = { simulator, tenant, program, freshStore, requester: kim, folder };
  const vaults = await plantableVaults(simulator, kim);
  await Promise.all(
    MODELS.flatMap((model, m) => {
      const own = vaults.filter((vault) => (vault.enableRbacAuthorization === true) === (model === "rbac"));
      // Each lane has vaults of its own, so that what it finds there is its own doing.
      return Array.from({ length: LANES_PER_MODEL }, async (_, l) => {
        const its = own.filter((_vault, index) => index % LANES_PER_MODEL === l);
        for (const [index, kills] of SEQUENCES[model].entries()) {
          if (index % LANES_PER_MODEL !== l) continue;
          const vault = its[index % its.length];
          if (!vault) throw new Error(`Kim has too few reachable, logged vaults with ${model}.`);
          const one: Case = {
            title: `${model}: ${all(kills)}`,
            kills,
            vaultId: vault.id,
            kind: KINDS[Math.floor(index / LANES_PER_MODEL + m) % 2] ?? "secret",
            count: index % 5 === 4 ? 2 : 1,
            planter: identities.planter?.objectId ?? "",
            registerDelay: REGISTER_DELAY_MS,
          };
          results.set(one.title, await runCase(lane, one, m * 1_000 + index));
        }
      });
    }),
  );
}, 900_000);

afterAll(async () => {
  await simulator.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe.each(MODELS)(
  "a planting on a vault with %s ends as if nothing had happened, though its process was killed",
  (model) => {
    test.each(SEQUENCES[model].map((kills) => ({ kills, title: all(kills) })))("$title", ({ kills, title }) => {
      const result = results.get(`${model}: ${title}`);
      expect(result, result?.words).toMatchObject({
        killed: kills,
        ending: { state: "done", problem: null },
        faults: [],
      });
    });
  },
);

test("every effect of the plan was cut at every moment, on both models", () => {
  const covered = new Set(
    [...results].flatMap(([title, { killed }]) =>
      killed.map(({ effect, moment }) => `${title.split(":")[0]} ${effect} ${moment}`),
    ),
  );
  expect(EFFECTS.length).toBeGreaterThanOrEqual(5);
  expect(covered.size).toBe(MODELS.length * EFFECTS.length * MOMENTS.length);
});

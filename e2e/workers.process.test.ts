import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseVaultId, type VaultId } from "@/lib/azure/resource-id.pure";
import { PLANT_QUEUE } from "@/lib/deployments/internal/chunks";
import { recordDeployment } from "@/lib/deployments/start";
import { differences, type Expected, type Snapshot, snapshotOf } from "@/lib/deployments/testing/aftermath";
import { plantableVaults } from "@/lib/deployments/testing/plantable-vaults";
import { readVaultFacts } from "@/lib/store/facts";
import { enqueue, livingWorkers } from "@/lib/store/jobs";
import { openStore, type Store } from "@/lib/store/open";
import { embeddedPlace, NO_SERVER, type StorePlace, serverPlace, serverReachable } from "@/lib/store/testing/stores";
import { saveWishes } from "@/lib/store/wishes";
import { runScript } from "./harness/scripts";
import { truthOf } from "./harness/simulated-truth";
import { type SimulatorProcess, startSimulator } from "./harness/simulator";
import { startWorker, type WorkerProcess } from "./harness/worker";

/*
 * Workers without any web process, on one PostgreSQL server: what they are given ends as it must, also when one of them
 * is killed in the middle of it. Judged by what stands in the simulated tenant.
 */

const REGISTER_DELAY_MS = 250;
const SIMULATOR = [
  ...["--vaults", "200", "--no-throttle", "--delay-ingestion", "1500-2500", "--delay-grant", "300"],
  ...["--delay-watchlist", String(REGISTER_DELAY_MS), "--delay-diagnostics", "100", "--delay-resource-graph", "50"],
];
const VAULTS = 30;
/** More jobs than this under way at once are not those of one process: eight chunks each. */
const JOBS_OF_ONE = 8;
const PATIENCE = { timeout: 240_000, interval: 200 };

const reachable = await serverReachable();

describe("workers on a PostgreSQL server", () => {
  if (!reachable) {
    test.skip(NO_SERVER, () => {});
    return;
  }
  let simulator: SimulatorProcess;
  let place: StorePlace;
  let store: Store;
  let planted: { expected: Expected; before: Snapshot; deployment: string }[] = [];
  let vaults: VaultId[];
  let admin = "";
  let tenantId = "";
  let planter = "";
  const workers: WorkerProcess[] = [];

  beforeAll(async () => {
    [simulator, place] = await Promise.all([startSimulator(...SIMULATOR), serverPlace()]);
    const truth = truthOf(simulator.url);
    const tenant = await truth.tenant();
    tenantId = tenant.tenantId;
    planter = tenant.identities.planter?.objectId ?? "";
    admin = await personOf("Adam Admin");
    store = await openStore({ ...place.config, tenantId });
    vaults = (await plantableVaults(simulator, admin)).flatMap(({ id }) => parseVaultId(id) ?? []);
    expect(vaults.length).toBeGreaterThan(VAULTS + 8);
  });

  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.end("SIGKILL")));
    await store?.close();
    await simulator?.stop();
    await place?.remove();
  });

  const personOf = async (name: string): Promise<string> =>
    (await truthOf(simulator.url).principals()).find((one) => one.name === name)?.oid ?? expect.fail(name);
  const worker = async (): Promise<WorkerProcess> => {
    const started = await startWorker(simulator, place.config.databaseUrl ?? "");
    workers.push(started);
    return started;
  };
  /** Written into the store and told to nobody, so the workers find it there. */
  const record = async (vaultId: VaultId, oid = admin): Promise<string> => {
    const user = { tid: tenantId, oid, name: "Adam Admin" };
    return recordDeployment({ db: store.db, now: () => new Date() }, user, vaultId, { kind: "secret", count: 1 });
  };
  const plan = async (some: VaultId[]): Promise<void> => {
    planted = await Promise.all(
      some.map(async (vaultId) => {
        const expected = { vaultId, kind: "secret" as const, count: 1, planter, registerDelay: REGISTER_DELAY_MS };
        return { expected, before: await snapshotOf(simulator.url, expected), deployment: await record(vaultId) };
      }),
    );
  };
  const faults = async (): Promise<string[]> => {
    const found = planted.map(async ({ expected, before }) =>
      differences(before, await snapshotOf(simulator.url, expected), expected).map(
        (fault) => `${expected.vaultId}: ${fault}`,
      ),
    );
    return (await Promise.all(found)).flat();
  };
  const statesOf = async (deployments: string[]): Promise<Record<string, number>> => {
    const rows = await store.db
      .selectFrom("deployment")
      .select(["state", (eb) => eb.fn.countAll<string>().as("count")])
      .where("id", "in", deployments)
      .groupBy("state")
      .execute();
    return Object.fromEntries(rows.map((row) => [row.state, Number(row.count)]));
  };
  const count = async (query: ReturnType<typeof sql<{ n: string }>>): Promise<number> =>
    Number((await query.execute(store.db)).rows[0]?.n);
  const jobsUnderWay = () => count(sql`select count(*) as n from pgboss.job where name = 'plant' and state = 'active'`);
  const claims = () => count(sql`select count(*) as n from deployment_item where claim is not null`);
  const openGrants = () => count(sql`select count(*) as n from deployment_grant where state <> 'revoked'`);
  const written = () => count(sql`select count(*) as n from decoy where version is not null and item_id is not null`);

  test("one is killed in the middle: everything ends, nothing is lost, planted twice or left open", async () => {
    await plan(vaults.slice(0, VAULTS));
    const one = await worker();
    expect(one.output()).toMatch(/^Worker \d+ is ready: queues .*plant.*collect.*; store PostgreSQL at 127\.0\.0\.1/);
    const other = await worker();
    await expect.poll(async () => (await jobsUnderWay()) > JOBS_OF_ONE && (await written()) >= 3, PATIENCE).toBe(true);
    expect(await one.end("SIGKILL")).toBeNull();
    expect(await written()).toBeLessThan(VAULTS);
    const all = planted.map(({ deployment }) => deployment);
    await expect.poll(() => statesOf(all), PATIENCE).toEqual({ done: VAULTS });
    expect(await faults()).toEqual([]);
    expect(await openGrants()).toBe(0);
    expect(other.output().split("\n").filter(Boolean)).toHaveLength(1);
  }, 300_000);

  test("the one that lives collects what a person wants, whoever collected before", async () => {
    expect(await livingWorkers(store)).toBe(1);
    const [wanted] = vaults.slice(-1);
    const at = new Date();
    if (wanted) await saveWishes(store.db, [wanted], at);
    await expect
      .poll(async () => (await readVaultFacts(store.db, "diagnostics", wanted && [wanted]))[0]?.collectedAt, PATIENCE)
      .toSatisfy((collected) => collected instanceof Date && collected >= at);
    await expect.poll(() => count(sql`select count(*) as n from collection_wish`), PATIENCE).toBe(0);
    expect(await count(sql`select count(*) as n from pgboss.job where name = 'collect' and state = 'active'`)).toBe(1);
  }, 300_000);

  test("where the person's token is not at hand, the person's role assignments decide", async () => {
    const [vault] = vaults.slice(VAULTS);
    const refused = vault ? await record(vault, await personOf("Ana Analyst")) : expect.fail("no vault");
    await enqueue(store, PLANT_QUEUE, `${refused}:0`, { deploymentId: refused, chunk: 0 });
    await expect.poll(() => statesOf([refused]), PATIENCE).toEqual({ failed: 1 });
    const item = await store.db
      .selectFrom("deployment_item")
      .select("problem")
      .where("deployment_id", "=", refused)
      .executeTakeFirstOrThrow();
    expect(item.problem).toContain("may no longer write");
  }, 300_000);

  test("one that is asked to stop lets go of its work at a safe point, and the next one ends it", async () => {
    for (const running of workers.splice(0)) await running.end("SIGTERM");
    await plan(vaults.slice(VAULTS + 1, VAULTS + 7));
    const before = await written();
    const stopped = await worker();
    await expect.poll(async () => (await written()) > before, PATIENCE).toBe(true);
    // 1 would mean that it was cut off.
    expect(await stopped.end("SIGTERM")).toBe(0);
    expect(await claims()).toBe(0);
    expect(await livingWorkers(store)).toBe(0);
    await worker();
    const all = planted.map(({ deployment }) => deployment);
    await expect.poll(() => statesOf(all), PATIENCE).toEqual({ done: all.length });
    expect(await faults()).toEqual([]);
    expect(await openGrants()).toBe(0);
  }, 300_000);

  test("a deployment of the embedded store goes on after the store was moved to a server", async () => {
    for (const running of workers.splice(0)) await running.end("SIGTERM");
    const [old, server] = [embeddedPlace(), await serverPlace()];
    const embedded = await openStore({ ...old.config, tenantId });
    const [vault] = vaults.slice(VAULTS + 7);
    const user = { tid: tenantId, oid: admin, name: "Adam Admin" };
    const context = { db: embedded.db, now: () => new Date() };
    const id = vault
      ? await recordDeployment(context, user, vault, { kind: "key", count: 1 })
      : expect.fail("no vault");
    await enqueue(embedded, PLANT_QUEUE, `${id}:0`, { deploymentId: id, chunk: 0 });
    const command = ["--to", server.config.databaseUrl ?? ""];
    const refused = await runScript("move-store", { DATA_DIR: old.config.dataDir }, command);
    expect(refused).toMatchObject({ code: 1, output: expect.stringContaining(`in use by process ${process.pid}`) });
    await embedded.close();
    const moved = await runScript("move-store", { DATA_DIR: old.config.dataDir }, command);
    expect(moved).toMatchObject({ code: 0, output: expect.stringContaining("DATABASE_URL") });

    const living = await startWorker(simulator, server.config.databaseUrl ?? "");
    const store = await openStore({ ...server.config, tenantId });
    const state = () => store.db.selectFrom("deployment").select(["id", "state"]).execute();
    await expect.poll(state, PATIENCE).toEqual([{ id, state: "done" }]);
    await store.close();
    expect(await living.end("SIGTERM")).toBe(0);
    await Promise.all([old.remove(), server.remove()]);
  }, 300_000);
});

test("a worker without a server says in one sentence why it cannot work", async () => {
  const { code, output } = await runScript("worker", {});
  expect(code).toBe(2);
  expect(output.trim()).toMatch(/^A worker needs DATABASE_URL, because the embedded store belongs to the web process/);
});

test("a command to move that names no place is not guessed at", async () => {
  expect((await runScript("move-store", {}, ["--to", "embedded"])).code).toBe(2);
  expect((await runScript("move-store", {}, [])).output).toContain("Usage:");
});

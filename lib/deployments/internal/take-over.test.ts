import { sql } from "kysely";
import { afterEach, expect, test, vi } from "vitest";
import { parseVaultId } from "@/lib/azure/resource-id.pure";
import { enqueue, lostWorkers } from "@/lib/store/jobs";
import { openStore, type Store } from "@/lib/store/open";
import { NO_SERVER, serverPlace, serverReachable, TEST_TENANT } from "@/lib/store/testing/stores";
import { recordDeployment } from "../start";
import { ChunkJob, PLANT_QUEUE } from "./chunks";
import { ClaimLost, claimRuns, type Run } from "./ledger";
import { writeChange } from "./ledger-writes";
import { claimOf, takeOver } from "./take-over";

vi.setConfig({ testTimeout: 120_000 });

const cleanUp: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

const now = () => new Date();
const PATIENCE = { timeout: 60_000, interval: 200 };

/** Two processes' stores on one server. */
async function twoStores(): Promise<[Store, Store]> {
  const place = await serverPlace();
  cleanUp.push(() => place.remove());
  const open = async (): Promise<Store> => {
    const store = await openStore(place.config);
    cleanUp.push(() => store.close());
    await enqueue(store, "other", "starts the engine", {});
    return store;
  };
  return [await open(), await open()];
}

/** A process at work: its job is running, it holds the vault. */
async function atWork(store: Store): Promise<Run> {
  const vaultId = parseVaultId(
    "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv-t",
  );
  if (!vaultId) throw new Error("no vault id");
  const user = { tid: TEST_TENANT, oid: "o", name: "Kim" };
  const id = await recordDeployment({ db: store.db, now }, user, vaultId, { kind: "secret", count: 1 });
  await enqueue(store, PLANT_QUEUE, `${id}:0`, { deploymentId: id, chunk: 0 });
  expect(await store.boss.fetch(PLANT_QUEUE)).toHaveLength(1);
  await store.life.begin();
  const choice = { deploymentId: id, chunk: 0, dueBy: now() };
  const [run] = await claimRuns({ db: store.db, now }, choice, claimOf(store, "taking"));
  return run ?? expect.fail("nothing was claimed");
}

test("what a dead worker held is free within moments, its job is handed out, and it can write nothing more", async (context) => {
  if (!(await serverReachable())) return context.skip(NO_SERVER);
  const [dying, living] = await twoStores();
  const run = await atWork(dying);
  const claim = async () =>
    (await living.db.selectFrom("deployment_item").select("claim").executeTakeFirstOrThrow()).claim;
  const problem = (text: string) => writeChange(dying.db, run, { item: { ...run.item, problem: text } });

  await takeOver(living, living);
  expect(await claim()).toBe(run.claim);
  await problem("It lives.");
  expect(await living.boss.fetch(PLANT_QUEUE)).toEqual([]);

  // To the others a session that ends and a process that is killed look alike; this one can still try to write.
  await dying.life.end();
  await expect
    .poll(async () => {
      await takeOver(living, living);
      return claim();
    }, PATIENCE)
    .toBeNull();
  await expect(problem("It is dead.")).rejects.toBeInstanceOf(ClaimLost);
  await expect
    .poll(async () => (await living.boss.fetch(PLANT_QUEUE)).map(({ data }) => ChunkJob.parse(data)), PATIENCE)
    .toEqual([{ deploymentId: run.deployment.id, chunk: 0 }]);
  const { problem: written } = await living.db
    .selectFrom("deployment_item")
    .select("problem")
    .executeTakeFirstOrThrow();
  expect(written).toBe("It lives.");
});

test("a worker whose session breaks is soon seen alive again", async (context) => {
  if (!(await serverReachable())) return context.skip(NO_SERVER);
  const [worker, other] = await twoStores();
  await worker.life.begin();
  const { worker: name } = worker.life;
  expect(await lostWorkers(other, [name, "7"])).toEqual(["7"]);
  const { rows } = await sql`
    select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objid::text = ${name}
  `.execute(other.db);
  expect(rows).toHaveLength(1);
  await expect.poll(() => lostWorkers(other, [name]), PATIENCE).toEqual([]);
  await worker.life.end();
  await expect.poll(() => lostWorkers(other, [name]), PATIENCE).toEqual([name]);
});

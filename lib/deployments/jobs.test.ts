import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { parseVaultId } from "@/lib/azure/resource-id.pure";
import type { Config } from "@/lib/config";
import type { AzureAccess, ServiceContext } from "@/lib/context";
import type { JobSpec } from "@/lib/store/jobs";
import type { Store } from "@/lib/store/open";
import { TEST_TENANT, temporaryStore } from "@/lib/store/testing/stores";
import { PLANT_QUEUE } from "./internal/chunks";
import { deploymentJobs } from "./jobs";
import { advance } from "./run";
import { recordDeployment } from "./start";

vi.setConfig({ testTimeout: 60_000 });
vi.mock("./run", async (original) => ({ ...(await original<typeof import("./run")>()), advance: vi.fn() }));
const progress = vi.mocked(advance);

let store: Store;
let vaults = 0;
const sent: unknown[][] = [];
beforeAll(async () => {
  store = await temporaryStore();
}, 60_000);
afterAll(() => store.close());
beforeEach(() => {
  progress.mockReset();
});

function service(): ServiceContext {
  const access = {} as AzureAccess; // nothing here reaches Azure
  return {
    config: { tenantId: TEST_TENANT } as Config, // nothing else of it is read
    db: store.db,
    jobs: { enqueue: async (...job) => void sent.push(job) },
    azure: { collector: access, registrar: access, planter: access, granter: access, drill: access },
    now: () => new Date(),
  };
}

async function prepare(): Promise<{ id: string; plant: JobSpec["run"] }> {
  const vaultId = parseVaultId(
    `/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv-j${++vaults}`,
  );
  if (!vaultId) throw new Error("no vault id");
  const user = { tid: TEST_TENANT, oid: "o", name: "Kim" };
  const id = await recordDeployment(service(), user, vaultId, { kind: "secret", count: 1 });
  const specs = await deploymentJobs(service(), store);
  sent.length = 0;
  return { id, plant: async (data, signal) => specs[PLANT_QUEUE]?.run(data, signal) };
}

const waits = (ms: number) => ({ is: "waiting" as const, ms });
const job = (deploymentId: string) => ({ deploymentId, chunk: 0 });

async function itemOf(id: string) {
  return store.db.selectFrom("deployment_item").selectAll().where("deployment_id", "=", id).executeTakeFirstOrThrow();
}

test("a start sends a job for every deployment that is not ended", async () => {
  const { id } = await prepare();
  await deploymentJobs(service(), store);
  expect(sent).toContainEqual([PLANT_QUEUE, `${id}:0`, job(id)]);
});

test("a short wait is slept in the job, a long one lets the item go until it is due", async () => {
  const { id, plant } = await prepare();
  const before = Date.now();
  progress.mockResolvedValueOnce(waits(20)).mockResolvedValueOnce(waits(10 * 60_000));
  await plant(job(id), new AbortController().signal);
  expect(progress).toHaveBeenCalledTimes(2);
  const item = await itemOf(id);
  expect(item.claim).toBeNull();
  expect(item.not_before?.getTime()).toBeGreaterThan(before + 9 * 60_000);
  expect(sent).toEqual([[PLANT_QUEUE, `${id}:0`, job(id), { startAfter: item.not_before }]]);
});

test("a stopping process ends the job at once and leaves the rest to the next one", async () => {
  const { id, plant } = await prepare();
  const stopping = new AbortController();
  progress.mockImplementation(async () => {
    setImmediate(() => stopping.abort());
    // The test would end long before the wait does.
    return waits(14_900);
  });
  await plant(job(id), stopping.signal);
  expect(progress).toHaveBeenCalledOnce();
  expect(await itemOf(id)).toMatchObject({ state: "queued", claim: null });
  expect(sent).toHaveLength(1);
});

test("an item that is not due yet is not touched", async () => {
  const { id, plant } = await prepare();
  const due = new Date(Date.now() + 30 * 60_000);
  await store.db.updateTable("deployment_item").set({ not_before: due }).where("deployment_id", "=", id).execute();
  await plant(job(id), new AbortController().signal);
  expect(progress).not.toHaveBeenCalled();
  expect(sent).toEqual([[PLANT_QUEUE, `${id}:0`, job(id), { startAfter: due }]]);
});

test("of many vaults the one whose role takes long to work goes first", async () => {
  const { id, plant } = await prepare();
  const first = await itemOf(id);
  const others = Array.from({ length: 80 }, (_, index) => ({
    ...first,
    // Taken in the order of their ids: the one with a role comes last.
    id: `ffffffff-0000-4000-8000-${String(index).padStart(12, "0")}`,
    vault_id: `${first.vault_id}-${index}`,
    plan: JSON.stringify({ grant: index === 79 ? "vault_role" : "none", warnings: [], reasons: [] }),
    waiting: null,
  }));
  await store.db.insertInto("deployment_item").values(others).execute();
  const seen: string[] = [];
  progress.mockImplementation(async (_, { item }) => {
    seen.push(item.vault_id);
    await new Promise((resolve) => setTimeout(resolve, 5));
    return waits(10 * 60_000);
  });
  await plant(job(id), new AbortController().signal);
  expect(seen).toHaveLength(81);
  // The one without a plan, which somebody plants in alone, comes before all of them; then the one with a right of its own.
  expect(seen[0]).toBe(first.vault_id);
  expect(seen.indexOf(`${first.vault_id}-79`)).toBe(1);
});

test("a paused deployment begins nothing, and is not sent again", async () => {
  const { id, plant } = await prepare();
  await store.db.updateTable("deployment").set({ state: "paused" }).where("id", "=", id).execute();
  await plant(job(id), new AbortController().signal);
  expect(progress).not.toHaveBeenCalled();
  expect(await itemOf(id)).toMatchObject({ state: "queued", claim: null });
  expect(sent).toEqual([]);
});

/** One that removes and is paused, where the vault has come so far. */
async function pausedAt(step: string, change: object = {}) {
  const { id, plant } = await prepare();
  await store.db.updateTable("deployment").set({ state: "paused", operation: "retire" }).where("id", "=", id).execute();
  const item = await itemOf(id);
  await store.db
    .updateTable("deployment_item")
    .set({ state: "running", ...change })
    .where("id", "=", item.id)
    .execute();
  await store.db
    .insertInto("deployment_step")
    .values({ item_id: item.id, step, state: "running", detail: "", data: "{}", started_at: new Date() })
    .execute();
  return { id, plant };
}

test("of a paused deployment a vault in which something is removed already is brought to its end, also after a long wait or a restart", async () => {
  const { id, plant } = await pausedAt("remove");
  progress.mockResolvedValueOnce(waits(60_000));
  await plant(job(id), new AbortController().signal);
  expect(await itemOf(id)).toMatchObject({ state: "running", claim: null });
  expect(sent).toEqual([]);
  await deploymentJobs(service(), store);
  expect(sent).toContainEqual([PLANT_QUEUE, `${id}:0`, job(id), { startAfter: (await itemOf(id)).not_before }]);
  await store.db.updateTable("deployment_item").set({ not_before: null }).where("deployment_id", "=", id).execute();
  progress.mockResolvedValueOnce({ is: "ended" });
  await plant(job(id), new AbortController().signal);
  expect(progress).toHaveBeenCalledTimes(2);
});

test("of a paused deployment the vaults that are not begun with are not taken, and let go again, beside one that is", async () => {
  const { id, plant } = await pausedAt("remove");
  const begun = await itemOf(id);
  const long = new Date(Date.now() - 60_000);
  const changed = { id: randomUUID(), vault_id: `${begun.vault_id}-2`, updated_at: long };
  const other = { ...begun, ...changed, state: "queued" as const, plan: JSON.stringify(begun.plan), waiting: null };
  await store.db.insertInto("deployment_item").values(other).execute();
  progress.mockResolvedValueOnce({ is: "ended" });
  await plant(job(id), new AbortController().signal);
  expect(progress.mock.calls.map(([, { item }]) => item.id)).toEqual([begun.id]);
  const left = store.db.selectFrom("deployment_item").selectAll().where("id", "=", other.id);
  expect(await left.executeTakeFirstOrThrow()).toMatchObject({ state: "queued", claim: null, updated_at: long });
});

test("of a paused deployment a vault that is being closed is brought to its end, and one that is only marked waits", async () => {
  const closing = await pausedAt("mark", { ending: "failed" });
  const marked = await pausedAt("mark");
  await deploymentJobs(service(), store);
  expect(sent).toContainEqual([PLANT_QUEUE, `${closing.id}:0`, job(closing.id)]);
  expect(sent).not.toContainEqual([PLANT_QUEUE, `${marked.id}:0`, job(marked.id)]);
});

test("a cancelled deployment ends its items by taking back what they began, and stays cancelled", async () => {
  const { id, plant } = await prepare();
  await store.db.updateTable("deployment").set({ state: "cancelled" }).where("id", "=", id).execute();
  const { advance: real } = await vi.importActual<typeof import("./run")>("./run");
  progress.mockImplementation(real);
  await plant(job(id), new AbortController().signal);
  expect(await itemOf(id)).toMatchObject({ state: "cancelled", ending: "cancelled" });
  const deployment = await store.db.selectFrom("deployment").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
  expect(deployment.state).toBe("cancelled");
  expect(deployment.ended_at).not.toBeNull();
});

const FAR = 180 * 86_400_000;
const far = () => new Date(Date.now() + FAR);

/** One that is cancelled, and its vault as a worker has let it go that did not know of that. */
async function cancelledAndLetGo(change: object) {
  const { id, plant } = await prepare();
  await store.db.updateTable("deployment").set({ state: "cancelled" }).where("id", "=", id).execute();
  const item = { not_before: far(), moment: far(), ...change };
  await store.db.updateTable("deployment_item").set(item).where("deployment_id", "=", id).execute();
  const { advance: real } = await vi.importActual<typeof import("./run")>("./run");
  progress.mockImplementation(real);
  return { id, plant };
}

test.each([
  ["drew its moment", {}],
  ["waits for the register's next month", { state: "running" }],
])(
  "what %s while its deployment was cancelled is looked at at once and ends, and its vault is free",
  async (_, change) => {
    const { id, plant } = await cancelledAndLetGo(change);
    await deploymentJobs(service(), store);
    expect(sent).toContainEqual([PLANT_QUEUE, `${id}:0`, job(id)]);
    sent.length = 0;
    await plant(job(id), new AbortController().signal);
    expect(await itemOf(id)).toMatchObject({ state: "cancelled", claim: null, not_before: null });
    expect(sent).toEqual([]);
    const deployment = await store.db
      .selectFrom("deployment")
      .selectAll()
      .where("id", "=", id)
      .executeTakeFirstOrThrow();
    expect(deployment.ended_at).not.toBeNull();
  },
);

test("what is being closed in a cancelled deployment waits as long as it has to, and the job does not come at once again", async () => {
  const { id, plant } = await cancelledAndLetGo({ state: "running", ending: "cancelled" });
  const { not_before: due } = await itemOf(id);
  await plant(job(id), new AbortController().signal);
  expect(progress).not.toHaveBeenCalled();
  expect(sent).toEqual([[PLANT_QUEUE, `${id}:0`, job(id), { startAfter: due }]]);
});

test("what is written in a cancelled deployment is brought to its end in its own time", async () => {
  const { id, plant } = await pausedAt("remove");
  await store.db.updateTable("deployment").set({ state: "cancelled" }).where("id", "=", id).execute();
  progress.mockResolvedValueOnce(waits(60_000));
  await plant(job(id), new AbortController().signal);
  const { ending, not_before: due } = await itemOf(id);
  expect(ending).toBeNull();
  expect(sent).toEqual([[PLANT_QUEUE, `${id}:0`, job(id), { startAfter: due }]]);
});

test("the look of every minute sends a chunk for when the first of its vaults is due", async () => {
  const { id } = await prepare();
  const due = far();
  await store.db.updateTable("deployment_item").set({ not_before: due }).where("deployment_id", "=", id).execute();
  await deploymentJobs(service(), store);
  expect(sent).toContainEqual([PLANT_QUEUE, `${id}:0`, job(id), { startAfter: due }]);
});

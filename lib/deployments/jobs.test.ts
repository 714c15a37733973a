import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { parseVaultId } from "@/lib/azure/resource-id.pure";
import type { Config } from "@/lib/config";
import type { AzureAccess, ServiceContext } from "@/lib/context";
import type { JobSpec } from "@/lib/store/jobs";
import type { Store } from "@/lib/store/open";
import { TEST_TENANT, temporaryStore } from "@/lib/store/testing/stores";
import { deploymentJobs, PLANT_QUEUE } from "./jobs";
import { type ItemProgress, runItem } from "./run";
import { recordDeployment } from "./start";

vi.setConfig({ testTimeout: 60_000 });
vi.mock("./run", () => ({ runItem: vi.fn() }));
const progress = vi.mocked(runItem);

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

const later = (ms: number): ItemProgress => ({ ended: false, again: new Date(Date.now() + ms) });

test("a start sends a job for every deployment that is not ended", async () => {
  const { id } = await prepare();
  await deploymentJobs(service(), store);
  expect(sent).toContainEqual([PLANT_QUEUE, id, { deploymentId: id }]);
});

test("a short wait is slept in the job, a long one ends it and sends it again for later", async () => {
  const { id, plant } = await prepare();
  const long = later(10 * 60_000);
  progress.mockResolvedValueOnce(later(20)).mockResolvedValueOnce(long);
  await plant({ deploymentId: id }, new AbortController().signal);
  expect(progress).toHaveBeenCalledTimes(2);
  expect(sent).toEqual([[PLANT_QUEUE, id, { deploymentId: id }, { startAfter: long.ended ? undefined : long.again }]]);
});

test("a stopping process ends the job at once and leaves the rest to the next one", async () => {
  const { id, plant } = await prepare();
  const stopping = new AbortController();
  // The wait's own timer never fires here, so only the abort can end it.
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  progress.mockImplementation(async () => {
    setImmediate(() => stopping.abort());
    return later(14_000);
  });
  await plant({ deploymentId: id }, stopping.signal).finally(() => vi.useRealTimers());
  expect(sent).toHaveLength(1);
});

test("an item that is not due yet is not touched", async () => {
  const { id, plant } = await prepare();
  const due = new Date(Date.now() + 30 * 60_000);
  await store.db.updateTable("deployment_item").set({ not_before: due }).where("deployment_id", "=", id).execute();
  await plant({ deploymentId: id }, new AbortController().signal);
  expect(progress).not.toHaveBeenCalled();
  expect(sent).toEqual([[PLANT_QUEUE, id, { deploymentId: id }, { startAfter: due }]]);
});

import { afterEach, describe, expect, test, vi } from "vitest";
import { enqueue, type JobHandler, jobQueue, startJobs } from "./jobs";
import { openStore, type Store } from "./open";
import { embeddedPlace, NO_SERVER, type StorePlace, serverPlace, serverReachable, storeKinds } from "./testing/stores";

const kinds = await storeKinds();
const cleanUp: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

async function open(place: StorePlace): Promise<Store> {
  const store = await openStore(place.config);
  cleanUp.push(() => store.close());
  return store;
}

describe.each(kinds)("jobs on the $kind store", ({ available, make }) => {
  if (!available) {
    test.skip(NO_SERVER, () => {});
    return;
  }
  const place = async (): Promise<StorePlace> => {
    const made = await make();
    cleanUp.push(() => made.remove());
    return made;
  };

  test("a key that waits is one job, one that is being done is queued once more", async () => {
    const store = await open(await place());
    const queue = jobQueue(store);
    const seen: unknown[] = [];
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    for (const n of [1, 2, 3]) await queue.enqueue("work", "same", { n });
    await queue.enqueue("work", "later", { n: 99 }, { startAfter: new Date(Date.now() + 3_600_000) });
    await startJobs(store, {
      work: {
        run: async (data) => {
          seen.push(data.n);
          await held;
        },
      },
    });
    await vi.waitFor(() => expect(seen).toEqual([1]), 10_000);
    for (const n of [4, 5]) await queue.enqueue("work", "same", { n });
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(seen).toEqual([1]);
    release();
    await vi.waitFor(() => expect(seen).toEqual([1, 4]), 10_000);
  }, 60_000);

  test("a key that has to wait for itself holds up no other", async () => {
    const store = await open(await place());
    const seen: string[] = [];
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await startJobs(store, {
      work: {
        run: async (data) => {
          seen.push(String(data.name));
          if (data.name === "long") await held;
        },
      },
    });
    await enqueue(store, "work", "a", { name: "long" });
    await vi.waitFor(() => expect(seen).toEqual(["long"]), 10_000);
    await enqueue(store, "work", "a", { name: "again" });
    await enqueue(store, "work", "b", { name: "other" });
    await vi.waitFor(() => expect(seen).toEqual(["long", "other"]), 10_000);
    release();
    await vi.waitFor(() => expect(seen).toEqual(["long", "other", "again"]), 10_000);
  }, 60_000);

  test("a job that waits for a later time comes as early as any of those sent with its key", async () => {
    const store = await open(await place());
    const hour = new Date(Date.now() + 3_600_000);
    const seen: string[] = [];
    for (const name of ["now", "soon", "still soon", "late"]) {
      const first = name === "still soon" ? { startAfter: new Date(Date.now() + 1_500) } : { startAfter: hour };
      await enqueue(store, "work", name, { name }, first);
    }
    await startJobs(store, { work: { run: async (data) => void seen.push(String(data.name)) } });
    await enqueue(store, "work", "now", { name: "now" });
    await enqueue(store, "work", "soon", { name: "soon" }, { startAfter: new Date(Date.now() + 1_500) });
    await enqueue(store, "work", "still soon", { name: "still soon" }, { startAfter: hour });
    await enqueue(store, "work", "late", { name: "late" }, { startAfter: new Date(hour.getTime() + 60_000) });
    await vi.waitFor(() => expect(seen.toSorted()).toEqual(["now", "soon", "still soon"]), 15_000);
    const [late] = await store.boss.findJobs("work", { key: "late" });
    expect(late?.startAfter).toEqual(hour);
    expect(late?.keepUntil.getTime()).toBeGreaterThan(hour.getTime());
  }, 60_000);

  test("a job that fails comes back, and only it", async () => {
    const store = await open(await place());
    const seen: string[] = [];
    await startJobs(store, {
      work: {
        run: async (data) => {
          seen.push(String(data.name));
          if (data.name === "bad" && seen.filter((name) => name === "bad").length === 1) throw new Error("once");
        },
      },
    });
    await enqueue(store, "work", "a", { name: "bad" });
    await enqueue(store, "work", "b", { name: "good" });
    await vi.waitFor(() => expect(seen.sort()).toEqual(["bad", "bad", "good"]), 15_000);
  }, 60_000);
});

test("of two processes on one server one does the job of a key, and the other goes on when that one ends", async (context) => {
  if (!(await serverReachable())) return context.skip(NO_SERVER);
  const place = await serverPlace();
  cleanUp.push(() => place.remove());
  const doing = new Set<string>();
  let together = 0;
  const processes = await Promise.all(
    ["one", "other"].map(async (name) => {
      const store = await open(place);
      const run: JobHandler = async (_, signal) => {
        doing.add(name);
        together = Math.max(together, doing.size);
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
        doing.delete(name);
      };
      const workers = await startJobs(store, { round: { run, concurrency: 1 } });
      return { name, workers, send: () => enqueue(store, "round", "same", {}) };
    }),
  );
  for (const { send } of [...processes, ...processes]) await send();
  await vi.waitFor(() => expect(doing.size).toBe(1), 10_000);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const first = [...doing];
  await processes.find(({ name }) => first.includes(name))?.workers.stop();
  await vi.waitFor(
    () => expect([...doing]).toEqual(processes.map(({ name }) => name).filter((n) => n !== first[0])),
    20_000,
  );
  expect(together).toBe(1);
  for (const { workers } of processes) await workers.stop();
}, 60_000);

test("stopping asks the running jobs to end and waits for them", async () => {
  const place = embeddedPlace();
  cleanUp.push(() => place.remove());
  const store = await open(place);
  let ended = false;
  let begun = false;
  const run: JobHandler = async (_, signal) => {
    begun = true;
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    ended = true;
  };
  const workers = await startJobs(store, { work: { run } });
  await enqueue(store, "work", "a", {});
  await vi.waitFor(() => expect(begun).toBe(true), 10_000);
  await workers.stop();
  expect(ended).toBe(true);
}, 60_000);

test("what a dead process left running is taken up at the start", async () => {
  const place = embeddedPlace();
  cleanUp.push(() => place.remove());
  const dead = await openStore(place.config);
  await enqueue(dead, "work", "a", { name: "left" });
  // Fetched and never finished: the state in which a killed process leaves it.
  expect(await dead.boss.fetch("work")).toHaveLength(1);
  // What the engine's own monitoring had noted of the running ones outlives the process too.
  await dead.boss.getQueueStats("work", { force: true });
  await dead.close();
  const store = await open(place);
  const seen: unknown[] = [];
  await startJobs(store, { work: { run: async (data) => void seen.push(data.name) } });
  await vi.waitFor(() => expect(seen).toEqual(["left"]), 10_000);
}, 180_000);

import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { ServiceContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import type { Decoy } from "@/lib/store/decoys";
import type { Store } from "@/lib/store/open";
import { temporaryStore } from "@/lib/store/testing/stores";
import { publishRows, type RegisterChange } from "./publish";
import { CHANGES_PER_MONTH, RESERVED_CHANGES, readQuota } from "./quota";
import { FakeWatchlist, type Mishap } from "./testing/fake-watchlist";
import { addDecoys, testService } from "./testing/service";

// Each runs against a database; on a busy machine that takes its time.
vi.setConfig({ testTimeout: 120_000 });

let fake: FakeWatchlist;
let store: Store;
let service: ServiceContext;
let clock: Date | undefined;

vi.mock("@/lib/azure/watchlists", () => ({
  getWatchlist: async () => ({ alias: "HoneyTokens", displayName: "", itemsSearchKey: "ResourceId", settled: true }),
  listWatchlistItems: async () => fake.list(),
  uploadWatchlistRows: async (_: unknown, __: string, ___: unknown, csv: string) => fake.upload(csv),
  putWatchlistItem: async (_: unknown, __: string, ___: string, id: string, fields: Record<string, string>) =>
    fake.put(id, fields),
  deleteWatchlistItem: async (_: unknown, __: string, ___: string, id: string) => fake.remove(id),
}));

beforeAll(async () => {
  store = await temporaryStore();
  service = testService(store, () => clock ?? new Date());
});
afterAll(() => store.close());
beforeEach(async () => {
  clock = undefined;
  fake = new FakeWatchlist();
  await store.db.deleteFrom("decoy").execute();
  await store.db.deleteFrom("register_change").execute();
});

const window = { start: new Date("2026-11-22T10:00:00Z"), end: new Date("2026-11-22T10:30:00Z") };
const as =
  (state: "planting" | "live" | "retiring") =>
  (decoy: Decoy): RegisterChange => ({ decoy, state, window });
const gone = (decoy: Decoy): RegisterChange => ({ remove: decoy });
const used = async () => (await readQuota(service)).used;
const setUsed = (changes: number) =>
  store.db
    .insertInto("register_change")
    .values({ workspace: service.config.workspace.resourceId.toLowerCase(), month: "2026-11", changes })
    .execute();
const published = () => [...fake.items.values()].map(({ TokenKey, State }) => `${TokenKey} ${State}`).sort();
const rowsOf = (decoys: readonly Decoy[], state: string) => decoys.map((one) => `${one.token_key} ${state}`).sort();

describe("one row", () => {
  test("is written under our own id, not again while nothing differs, changed by one change, and removed", async () => {
    const decoys = await addDecoys(store, 1);
    await publishRows(service, decoys.map(as("planting")));
    await publishRows(service, decoys.map(as("planting")));
    expect([...fake.items.keys()]).toEqual([decoys[0]?.watchlist_item_id]);
    expect(fake.requests).toEqual({ put: 1, remove: 0, upload: 0, list: 0 });
    await publishRows(service, decoys.map(as("live")));
    expect(published()).toEqual(rowsOf(decoys, "live"));
    await publishRows(service, decoys.map(gone));
    await publishRows(service, decoys.map(gone));
    expect(fake.items.size).toBe(0);
    expect(fake.requests).toEqual({ put: 2, remove: 1, upload: 0, list: 0 });
    expect(await used()).toBe(3);
  });

  test("that was never sent is not removed", async () => {
    await publishRows(service, (await addDecoys(store, 1)).map(gone));
    expect(fake.requests.remove).toBe(0);
  });

  test("whose answer got lost is written again, under the same id", async () => {
    const decoys = await addDecoys(store, 1);
    fake.mishaps.set(0, "lost after");
    await expect(publishRows(service, decoys.map(as("planting")))).rejects.toThrow(AppError);
    await publishRows(service, decoys.map(as("planting")));
    expect(published()).toEqual(rowsOf(decoys, "planting"));
    expect(await used()).toBe(2);
  });

  test("that Azure refuses does not count", async () => {
    const decoys = await addDecoys(store, 1);
    fake.mishaps.set(0, "refused");
    await expect(publishRows(service, decoys.map(as("planting")))).rejects.toThrow("Azure did not");
    expect(await used()).toBe(0);
  });
});

describe("many rows", () => {
  test("go up as one upload, get the service's ids, and are changed and removed under these", async () => {
    const decoys = await addDecoys(store, 300);
    await publishRows(service, decoys.map(as("planting")));
    expect(fake.requests).toEqual({ put: 0, remove: 0, upload: 1, list: 1 });
    const ids = await store.db.selectFrom("decoy").select("watchlist_item_id").execute();
    expect(ids.map((row) => row.watchlist_item_id).sort()).toEqual([...fake.items.keys()].sort());
    await publishRows(service, decoys.map(as("planting")));
    expect(fake.requests).toMatchObject({ put: 0, upload: 1 });
    await publishRows(service, decoys.map(as("live")));
    expect(published()).toEqual(rowsOf(decoys, "live"));
    expect(await used()).toBe(600);
    await publishRows(service, decoys.map(gone));
    expect(fake.items.size).toBe(0);
    expect(fake.changes).toBe(900);
  });

  test.each<Mishap>(["lost before", "lost after"])(
    "whose upload's answer got lost (%s) are looked for, and only missing ones go up again",
    async (mishap) => {
      const decoys = await addDecoys(store, 120);
      fake.mishaps.set(0, mishap);
      await publishRows(service, decoys.map(as("planting")));
      expect(published()).toEqual(rowsOf(decoys, "planting"));
      expect(fake.requests.upload).toBe(mishap === "lost after" ? 1 : 2);
    },
  );

  test("that an ended process had sent are found again, with another window too, without a second row", async () => {
    const decoys = await addDecoys(store, 60);
    await publishRows(service, decoys.map(as("planting")));
    await store.db
      .updateTable("decoy")
      .set({ published: null, publishing: "upload", watchlist_item_id: "lost" })
      .execute();
    const later = { start: window.end, end: new Date("2026-11-22T11:00:00Z") };
    await publishRows(
      service,
      decoys.map((decoy) => ({ decoy, state: "planting", window: later })),
    );
    expect(published()).toEqual(rowsOf(decoys, "planting"));
    expect([...fake.items.values()].every(({ WindowEnd }) => WindowEnd === later.end.toISOString())).toBe(true);
    expect(fake.requests.upload).toBe(1);
  });

  test("of two callers go up one after the other", async () => {
    const decoys = await addDecoys(store, 200);
    await Promise.all([
      publishRows(service, decoys.slice(0, 100).map(as("planting"))),
      publishRows(service, decoys.slice(100).map(as("planting"))),
    ]);
    expect(fake.uploadsAtOnce).toBe(1);
    expect(published()).toEqual(rowsOf(decoys, "planting"));
  });

  test("that Azure refuses do not count, and are sent when it no longer does", async () => {
    const decoys = await addDecoys(store, 60);
    fake.mishaps.set(0, "refused");
    await expect(publishRows(service, decoys.map(as("planting")))).rejects.toThrow("Azure did not");
    expect(await used()).toBe(0);
    await publishRows(service, decoys.map(as("planting")));
    expect(fake.requests).toMatchObject({ upload: 2, list: 1 });
  });
});

describe("the month's changes", () => {
  beforeEach(() => {
    clock = new Date("2026-11-22T12:00:00Z");
  });

  test("are never passed: nothing is sent, and the refusal says when it goes on", async () => {
    const decoys = await addDecoys(store, 60);
    await setUsed(CHANGES_PER_MONTH - RESERVED_CHANGES - 100);
    const refusal = await publishRows(service, decoys.map(as("planting"))).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(AppError);
    if (!(refusal instanceof AppError)) return;
    expect(refusal.failure).toMatchObject({ code: "throttled", fix: expect.stringContaining("2026-12-01 00:00 UTC") });
    expect(refusal.failure.retryAfterSeconds).toBe((8 * 24 + 12) * 3_600);
    expect(fake.requests).toEqual({ put: 0, remove: 0, upload: 0, list: 0 });
    clock = new Date("2026-12-01T00:00:01Z");
    await publishRows(service, decoys.map(as("planting")));
    expect(await readQuota(service)).toMatchObject({
      used: 60,
      month: "2026-12",
      resetsAt: "2027-01-01T00:00:00.000Z",
    });
  });

  test("leave room for the end of every planting that was begun", async () => {
    const decoys = await addDecoys(store, 60);
    await setUsed(CHANGES_PER_MONTH - RESERVED_CHANGES - 120);
    await publishRows(service, decoys.map(as("planting")));
    const more = await addDecoys(store, 1);
    await expect(publishRows(service, more.map(as("planting")))).rejects.toThrow("do not fit");
    await publishRows(service, decoys.map(as("live")));
    expect(await used()).toBe(CHANGES_PER_MONTH - RESERVED_CHANGES);
  });

  test("keep no room for what large deployments left as it is: its planting is over and nothing more is sent", async () => {
    const decoys = await addDecoys(store, 60);
    await publishRows(service, decoys.map(as("planting")));
    await store.db.updateTable("decoy").set({ state: "live" }).execute();
    await store.db
      .updateTable("register_change")
      .set({ changes: CHANGES_PER_MONTH - RESERVED_CHANGES - 2 })
      .execute();
    const more = await addDecoys(store, 1);
    await publishRows(service, more.map(as("planting")));
    expect(await used()).toBe(CHANGES_PER_MONTH - RESERVED_CHANGES - 1);
  });

  test("keep a reserve for what cannot wait in one vault, and no more than that", async () => {
    const [decoy, other] = await addDecoys(store, 2);
    if (!decoy || !other) throw new Error("no decoys");
    await publishRows(service, [decoy, other].map(as("live")));
    await store.db
      .updateTable("register_change")
      .set({ changes: CHANGES_PER_MONTH - RESERVED_CHANGES })
      .execute();
    await expect(publishRows(service, [decoy, other].map(as("retiring")))).rejects.toThrow("do not fit");
    await publishRows(service, [as("retiring")(decoy)]);
    await store.db.updateTable("register_change").set({ changes: CHANGES_PER_MONTH }).execute();
    await expect(publishRows(service, [gone(decoy)])).rejects.toThrow("do not fit");
  });
});

test("whatever gets lost or refused on the way, calling again ends with exactly the wanted rows", async () => {
  const mishap = fc.constantFrom<Mishap>("refused", "lost before", "lost after");
  const round = fc.record({
    states: fc.array(
      fc.constantFrom<"planting" | "live" | "retiring" | "gone">("planting", "live", "retiring", "gone"),
      { minLength: 3, maxLength: 70 },
    ),
    mishaps: fc.array(fc.tuple(fc.nat(80), mishap), { maxLength: 4 }),
  });
  let mishaps = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 3 }), async (rounds) => {
      fake = new FakeWatchlist();
      await store.db.deleteFrom("decoy").execute();
      await store.db.deleteFrom("register_change").execute();
      const decoys = await addDecoys(store, 70);
      const wanted = new Map<string, string>();
      for (const { states, mishaps: planned } of rounds) {
        fake.mishaps = new Map(planned.map(([at, what]) => [at + fake.changes, what]));
        const changes = states.flatMap((state, at) => {
          const decoy = decoys[at];
          if (!decoy) return [];
          if (state === "gone") wanted.delete(decoy.token_key);
          else wanted.set(decoy.token_key, state);
          return [state === "gone" ? gone(decoy) : as(state)(decoy)];
        });
        for (let tries = 0; tries < 8; tries++) {
          try {
            await publishRows(service, changes);
            break;
          } catch (error) {
            if (!(error instanceof AppError)) throw error;
            mishaps++;
          }
        }
      }
      expect(published()).toEqual([...wanted].map(([key, state]) => `${key} ${state}`).sort());
      expect(await used()).toBeGreaterThanOrEqual(fake.changes);
    }),
    { numRuns: 20 },
  );
  expect(mishaps).toBeGreaterThan(0);
});

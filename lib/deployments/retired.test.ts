import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { AppError } from "@/lib/errors";
import { addDecoys, testService } from "@/lib/register/testing/service";
import type { Decoy } from "@/lib/store/decoys";
import type { Store } from "@/lib/store/open";
import { temporaryStore } from "@/lib/store/testing/stores";
import { followRetired } from "./retired";

vi.setConfig({ testTimeout: 60_000 });

let made = new Map<string, Date>();
let unreadable: AppError | undefined;
vi.mock("@/lib/coverage/register-health", () => ({
  lastMade: async () => {
    if (unreadable) throw unreadable;
    return made;
  },
}));
const sent: unknown[] = [];
let refused: string | undefined;
vi.mock("@/lib/register/publish", () => ({
  deleteRegisterRow: async (_: unknown, { id }: Decoy) => {
    if (id === refused) throw new AppError("unavailable", "Sentinel does not answer.");
    sent.push({ remove: id });
  },
  publishRows: async (_: unknown, [change]: { decoy: Decoy; state: string }[]) => {
    sent.push({ put: change?.decoy.id, state: change?.state });
  },
}));

const DELETED = new Date("2026-11-01T10:00:00Z");
const day = (count: number) => new Date(DELETED.getTime() + count * 86_400_000);
let clock = DELETED;
let store: Store;
beforeAll(async () => {
  store = await temporaryStore();
}, 60_000);
afterAll(() => store.close());
beforeEach(async () => {
  [made, unreadable, refused] = [new Map(), undefined, undefined];
  sent.length = 0;
  await store.db.deleteFrom("decoy").execute();
});

const follow = () => followRetired(testService(store, () => clock));
const removed = (count: number) =>
  addDecoys(store, count, { state: "retiring", deleted_at: DELETED, recoverable_until: day(7) });
const stateOf = async ({ id }: Decoy) =>
  (await store.db.selectFrom("decoy").select("state").where("id", "=", id).executeTakeFirstOrThrow()).state;

test("the row of what was removed is dropped when its recovery has ended, not before", async () => {
  const [decoy] = await removed(1);
  if (!decoy) throw new Error("no decoy");
  clock = day(6);
  expect(await follow()).toEqual({ back: 0, dropped: 0 });
  clock = day(8);
  expect(await follow()).toEqual({ back: 0, dropped: 1 });
  expect(await stateOf(decoy)).toBe("retired");
  expect(sent).toEqual([{ remove: decoy.id }]);
  expect(await follow()).toEqual({ back: 0, dropped: 0 });
});

test("one that somebody recovered is a honeytoken as before and stays watched", async () => {
  const [decoy, other] = await removed(2);
  if (!decoy || !other) throw new Error("no decoy");
  // What was made before its removal is no sign of a recovery.
  made = new Map([
    [decoy.token_key, day(2)],
    [other.token_key, day(-2)],
  ]);
  clock = day(3);
  expect(await follow()).toEqual({ back: 1, dropped: 0 });
  expect(sent).toEqual([{ put: decoy.id, state: "live" }]);
  const row = await store.db.selectFrom("decoy").selectAll().where("id", "=", decoy.id).executeTakeFirstOrThrow();
  expect(row).toMatchObject({ state: "live", deleted_at: null, recoverable_until: null, retire_item_id: null });
  clock = day(8);
  expect(await follow()).toEqual({ back: 0, dropped: 1 });
  expect([await stateOf(decoy), await stateOf(other)]).toEqual(["live", "retired"]);
  const trail = await store.db.selectFrom("audit").select("action").where("at", "=", day(3)).execute();
  expect(trail.map(({ action }) => action)).toEqual(["register.restore"]);
});

test("nothing is dropped while the log cannot say whether it is back", async () => {
  const [decoy] = await removed(1);
  if (!decoy) throw new Error("no decoy");
  clock = day(8);
  unreadable = new AppError("unavailable", "The log does not answer.");
  await expect(follow()).rejects.toThrow("The log does not answer.");
  expect(await stateOf(decoy)).toBe("retiring");
});

test("a row that cannot be changed keeps no other from being dropped", async () => {
  const [decoy, other] = await removed(2);
  if (!decoy || !other) throw new Error("no decoy");
  refused = decoy.id;
  clock = day(8);
  expect(await follow()).toEqual({ back: 0, dropped: 1 });
  expect([await stateOf(decoy), await stateOf(other)]).toEqual(["retiring", "retired"]);
});

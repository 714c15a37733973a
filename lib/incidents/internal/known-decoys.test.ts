import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { addDecoys } from "@/lib/register/testing/service";
import type { Decoy } from "@/lib/store/decoys";
import type { Store } from "@/lib/store/open";
import { temporaryStore } from "@/lib/store/testing/stores";
import { knownDecoys } from "./known-decoys";

const DELETED = new Date("2026-08-01T10:00:00Z");
const BEFORE = "2026-09-01T10:00:00.000Z";
const AFTER = "2026-11-22T10:00:00.000Z";

let store: Store;
beforeAll(async () => {
  store = await temporaryStore();
}, 120_000);
afterAll(() => store.close());
beforeEach(async () => {
  await store.db.deleteFrom("decoy").execute();
});

/** Whether a record of this kind makes its address a honeytoken's then. */
async function isDecoy(change: Partial<Decoy>, at: string): Promise<boolean> {
  const [decoy = expect.fail("no decoy")] = await addDecoys(store, 1, change);
  return (await knownDecoys(store.db, [], [decoy.token_key])).isDecoy(decoy.token_key, at);
}

test.each<[string, Partial<Decoy>]>([
  ["live", { state: "live" }],
  ["on its way out", { state: "retiring", deleted_at: DELETED }],
  ["written, and not yet marked as live", { state: "planting", version: "0123456789abcdef0123456789abcdef" }],
])("what is %s is a honeytoken at all times", async (_what, change) => {
  expect(await isDecoy(change, AFTER)).toBe(true);
});

test.each<[string, Partial<Decoy>]>([
  ["was never written", { state: "failed" }],
  ["is only registered", { state: "registered" }],
  ["is about to be written", { state: "planting" }],
  ["was removed, nobody knows when", { state: "retired" }],
])("an address whose record %s is that of a real object", async (_what, change) => {
  expect(await isDecoy(change, AFTER)).toBe(false);
});

test.each<[string, Partial<Decoy>]>([
  ["as Azure said", { recoverable_until: new Date("2026-10-30T10:00:00Z") }],
  ["by Azure's default of 90 days", { recoverable_until: null }],
])("what was removed was a honeytoken until its recovery ended, %s", async (_what, change) => {
  const removed: Partial<Decoy> = { state: "retired", deleted_at: DELETED, ...change };
  expect(await isDecoy(removed, BEFORE)).toBe(true);
  await store.db.deleteFrom("decoy").execute();
  expect(await isDecoy(removed, AFTER)).toBe(false);
});

test("what an alert names is a honeytoken whatever stands in the register, and can be replaced where it is live", async () => {
  const [live = expect.fail("no decoy")] = await addDecoys(store, 1, { state: "live" });
  const [failed = expect.fail("no decoy")] = await addDecoys(store, 1, { state: "failed" });
  const keys = [live.token_key, failed.token_key, `${live.vault_id}/secrets/of-a-lost-store`];
  const known = await knownDecoys(store.db, keys, []);
  expect(keys.map((key) => known.isDecoy(key, AFTER))).toEqual([true, true, true]);
  expect(keys.map(known.liveAt)).toEqual([live.id, null, null]);
});

test("an older record of the same address takes nothing from the one that lives", async () => {
  const [live = expect.fail("no decoy")] = await addDecoys(store, 1, { state: "live" });
  const { token_key, vault_id, name } = live;
  await addDecoys(store, 1, { state: "failed", token_key, vault_id, name });
  const known = await knownDecoys(store.db, [], [token_key]);
  expect([known.isDecoy(token_key, AFTER), known.liveAt(token_key)]).toEqual([true, live.id]);
});

import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { ServiceContext } from "@/lib/context";
import { startTenant, type TestTenant } from "@/lib/coverage/testing/tenant";
import type { Decoy } from "@/lib/store/decoys";
import { importRegister } from "./import";
import { ensureRegister, publishRows, type RegisterChange } from "./publish";
import { CHANGES_PER_MONTH, RESERVED_CHANGES, readQuota } from "./quota";
import { addDecoys } from "./testing/service";
import { setFaults, watchlistItems, watchlistRequests } from "./testing/watchlist-truth";

/* Large fills against a simulated tenant: what then stands in the watchlist itself, and what it cost to get it there. */

let tenant: TestTenant;
let service: ServiceContext;

beforeAll(async () => {
  tenant = await startTenant("--vaults", "20", "--seed", "3");
  const { config } = tenant.service;
  service = { ...tenant.service, config: { ...config, timing: { ...config.timing, poll: 200 } } };
  await importRegister(service);
  await ensureRegister(service);
});
afterAll(() => tenant?.stop());
beforeEach(() => setFaults(tenant, []));

const start = new Date();
const window = { start, end: new Date(start.getTime() + 30 * 60_000) };
const planting = (decoys: readonly Decoy[]): RegisterChange[] =>
  decoys.map((decoy) => ({ decoy, state: "planting", window }));
const rowsOf = async (decoys: readonly Decoy[]) => {
  const keys = new Set(decoys.map(({ token_key }) => token_key));
  return (await watchlistItems(tenant)).filter(({ fields }) => keys.has(fields.TokenKey ?? ""));
};

test("3,000 rows are one upload and the listing that gives their ids; the same again costs nothing", async () => {
  const decoys = await addDecoys(tenant.service, 3_000);
  const before = (await watchlistItems(tenant)).length;
  const cost = await watchlistRequests(tenant, () => publishRows(service, planting(decoys)));
  expect(cost["PUT list"]).toBe(1);
  expect(cost["PUT watchlistItems/{}"]).toBeUndefined();
  expect(cost["GET watchlistItems"]).toBe(Math.ceil((before + 3_000) / 100));
  const rows = await rowsOf(decoys);
  expect(rows).toHaveLength(3_000);
  expect(new Set(rows.map(({ fields }) => fields.TokenKey)).size).toBe(3_000);
  const known = await service.db
    .selectFrom("decoy")
    .select("watchlist_item_id")
    .where("published", "is not", null)
    .execute();
  expect(known.map((row) => row.watchlist_item_id).sort()).toEqual(rows.map(({ itemId }) => itemId).sort());
  expect(await watchlistRequests(tenant, () => publishRows(service, planting(decoys)))).toEqual({});
  expect((await readQuota(service)).used).toBe(3_000);
});

test("an upload whose answer never came leaves every row once, and goes up once", async () => {
  const decoys = await addDecoys(tenant.service, 400);
  const match = { method: "PUT", path: "*/watchlists/*" };
  await setFaults(tenant, [{ name: "lost", match, times: 1, fault: { kind: "reset", done: true } }]);
  const cost = await watchlistRequests(tenant, () => publishRows(service, planting(decoys)));
  expect(cost["PUT list"]).toBe(1);
  expect((await rowsOf(decoys)).map(({ fields }) => fields.TokenKey).sort()).toEqual(
    decoys.map(({ token_key }) => token_key).sort(),
  );
});

test("a few rows that get throttled and lost on the way are there once in the end", async () => {
  const decoys = await addDecoys(tenant.service, 20);
  const match = { method: "PUT", path: "*/watchlistItems/*" };
  await setFaults(tenant, [
    { name: "slow down", match, every: 3, times: 5, fault: { kind: "throttle", retryAfter: 0 } },
    { name: "lost", match, every: 4, times: 4, fault: { kind: "reset", done: true } },
  ]);
  await publishRows(service, planting(decoys));
  expect(await rowsOf(decoys)).toHaveLength(20);
});

test("what would pass the month's changes sends nothing", async () => {
  const decoys = await addDecoys(tenant.service, 100);
  const { changes: used } = await service.db.selectFrom("register_change").select("changes").executeTakeFirstOrThrow();
  await service.db
    .updateTable("register_change")
    .set({ changes: CHANGES_PER_MONTH - RESERVED_CHANGES - 100 })
    .execute();
  const refused = () => expect(publishRows(service, planting(decoys))).rejects.toThrow("do not fit");
  expect(await watchlistRequests(tenant, refused)).toEqual({});
  await service.db.updateTable("register_change").set({ changes: used }).execute();
});

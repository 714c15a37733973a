import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Store } from "@/lib/store/open";
import { temporaryStore } from "@/lib/store/testing/stores";
import { isOwn, notOwn, type OwnWrite, ownWritesTo } from "./own-writes";

const VAULT =
  "/subscriptions/11111111-2222-4333-8444-555555555555/resourcegroups/rg/providers/microsoft.keyvault/vaults/kv-a";
const TOKEN = `${VAULT}/secrets/sql-reader`;
const PLANTER = "bbbbbbbb-0000-4000-8000-00000000000b";
const at = (time: string) => new Date(`2026-11-22T${time}Z`);

let store: Store;
beforeAll(async () => {
  store = await temporaryStore();
}, 60_000);
afterAll(() => store.close());

const planted: OwnWrite = { tokenKey: TOKEN, by: PLANTER, what: "create", at: at("12:00:00") };
const deleted: OwnWrite = { ...planted, what: "delete", at: at("12:10:00") };

function touch(operations: string[], change: object = {}) {
  const time = { firstTouch: at("12:00:02"), lastTouch: at("12:00:02") };
  return { tokenKey: TOKEN, caller: PLANTER, operations, ...time, ...change };
}

test("what the product wrote by its own record is its own, also once the register says something else", () => {
  expect(isOwn(touch(["SecretSet"]), [planted, deleted])).toBe(true);
  const later = { firstTouch: at("12:09:58"), lastTouch: at("12:09:58") };
  expect(isOwn(touch(["SecretDelete"], later), [planted, deleted])).toBe(true);
});

test.each([
  ["an operation beside it", touch(["SecretSet", "SecretGet"])],
  ["another operation", touch(["SecretDelete"])],
  ["another caller", touch(["SecretSet"], { caller: "cccccccc-0000-4000-8000-00000000000c" })],
  ["another honeytoken", touch(["SecretSet"], { tokenKey: `${VAULT}/keys/sql-reader` })],
  ["another time", touch(["SecretSet"], { firstTouch: at("12:20:00"), lastTouch: at("12:20:00") })],
  ["more than the one moment", touch(["SecretSet"], { lastTouch: at("12:20:00") })],
])("%s is not", (_, other) => {
  expect(isOwn(other, [planted, deleted])).toBe(false);
});

test("the record holds plantings, further versions and deletions; what is older is left out", async () => {
  const old = new Date("2026-11-01T00:00:00Z");
  const row = {
    id: randomUUID(),
    vault_id: VAULT,
    kind: "secret" as const,
    name: "SQL-Reader",
    token_key: TOKEN,
    state: "retiring" as const,
    watchlist_item_id: randomUUID(),
    planter_oid: PLANTER.toUpperCase(),
    first_sent_at: at("12:00:00"),
    sent_at: at("12:01:00"),
    deleted_at: at("12:10:00"),
    created_at: old,
    updated_at: old,
  };
  await store.db.insertInto("decoy").values(row).execute();
  const other = { ...row, id: randomUUID(), token_key: `${VAULT}/secrets/b`, watchlist_item_id: randomUUID() };
  await store.db
    .insertInto("decoy")
    .values({ ...other, first_sent_at: old, sent_at: old, deleted_at: null })
    .execute();
  const own = await ownWritesTo(store.db, [row.token_key, other.token_key], at("00:00:00"));
  expect(own).toEqual([planted, { ...planted, at: at("12:01:00") }, deleted]);
  const foreign = touch(["SecretGet"]);
  expect(await notOwn(store.db, [touch(["SecretSet"]), foreign], at("00:00:00"))).toEqual([foreign]);
});

test("what was let go since somebody else had deleted it holds no deletion of ours", async () => {
  const token = `${VAULT}/keys/let-go`;
  const lost = at("13:00:00");
  await store.db
    .insertInto("decoy")
    .values({
      id: randomUUID(),
      vault_id: VAULT,
      kind: "key",
      name: "let-go",
      token_key: token,
      state: "retiring",
      watchlist_item_id: randomUUID(),
      planter_oid: PLANTER,
      broken: "deleted",
      broken_at: lost,
      deleted_at: lost,
      created_at: lost,
      updated_at: lost,
    })
    .execute();
  expect(await ownWritesTo(store.db, [token], at("00:00:00"))).toEqual([]);
});

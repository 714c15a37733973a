import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Store } from "@/lib/store/open";
import { temporaryStore } from "@/lib/store/testing/stores";
import { approvalFor } from "./approval";

let store: Store;
beforeAll(async () => {
  store = await temporaryStore();
  for (const name of ["kv-a", "kv-b", "kv-c"]) await live(name);
}, 60_000);
afterAll(() => store.close());

async function live(vault: string): Promise<void> {
  const at = new Date("2026-11-22T12:00:00Z");
  await store.db
    .insertInto("decoy")
    .values({
      id: randomUUID(),
      vault_id: vault,
      kind: "secret",
      name: "orders-db",
      token_key: `${vault}/secrets/orders-db`,
      state: "live",
      watchlist_item_id: randomUUID(),
      planter_oid: "planter",
      created_at: at,
      updated_at: at,
    })
    .execute();
}

const EVERY = "It removes the honeytokens of every vault.";
const asked = (operation: "plant" | "retire" | "replace", planned: number, all = false) =>
  approvalFor({ db: store.db }, { operation }, { planned, all });

test("removing all needs a second administrator, by whatever filter or choice they were named", async () => {
  expect(await asked("retire", 1, true)).toBe(EVERY);
  expect(await asked("retire", 3)).toBe(EVERY);
  expect(await asked("replace", 3)).toBe(EVERY.replace("removes", "replaces"));
  expect(await asked("retire", 2)).toBeUndefined();
});

test("planting everywhere is for one person alone, up to the number that the settings name", async () => {
  expect(await asked("plant", 500, true)).toBeUndefined();
  expect(await asked("plant", 501)).toContain("more than the 500");
});

test("where only one vault has honeytokens, removing them is one vault's affair", async () => {
  await store.db.deleteFrom("decoy").where("vault_id", "<>", "kv-a").execute();
  expect(await asked("retire", 1)).toBeUndefined();
});

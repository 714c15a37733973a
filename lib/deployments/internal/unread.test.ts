import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Store } from "@/lib/store/open";
import { TEST_TENANT, temporaryStore } from "@/lib/store/testing/stores";
import { recordDeployment } from "../start";
import { fakeVaultId } from "../testing/fake-azure";
import { unreadFor } from "./unread";

const NOW = new Date("2026-11-22T12:00:00Z");
const MINUTE = 60_000;
const ago = (minutes: number) => new Date(NOW.getTime() - minutes * MINUTE);

let store: Store;
beforeAll(async () => {
  store = await temporaryStore();
}, 60_000);
afterAll(() => store.close());

const clock = () => ({ db: store.db, now: () => NOW, config: { timing: { rulesReadWithin: 30 * MINUTE } } });
const live = (sent: Date | null) => ({ id: randomUUID(), state: "live" as const, sent_at: sent });

test("what was written a moment ago waits until the rules have read it; what was long ago, or taken over, does not", async () => {
  expect(await unreadFor(clock(), [live(ago(40)), live(ago(10))])).toBe(20 * MINUTE);
  expect(await unreadFor(clock(), [live(ago(40))])).toBeLessThanOrEqual(0);
  expect(await unreadFor(clock(), [live(null)])).toBeLessThanOrEqual(0);
});

test("what is marked already does not wait again", async () => {
  expect(await unreadFor(clock(), [{ ...live(ago(1)), state: "retiring" }])).toBe(0);
});

test("a further version counts as a write", async () => {
  const decoy = live(ago(900));
  const user = { tid: TEST_TENANT, oid: "o", name: "Kim" };
  const request = { kind: "secret" as const, count: 1 };
  await recordDeployment({ db: store.db, now: () => NOW }, user, fakeVaultId(1), request);
  const { id: item } = await store.db.selectFrom("deployment_item").select("id").executeTakeFirstOrThrow();
  await store.db
    .insertInto("decoy")
    .values({
      ...{ ...decoy, vault_id: fakeVaultId(1), kind: "secret", name: "a", token_key: `${fakeVaultId(1)}/secrets/a` },
      ...{ watchlist_item_id: randomUUID(), created_at: ago(900), updated_at: ago(900) },
    })
    .execute();
  const renewal = { id: randomUUID(), decoy_id: decoy.id, item_id: item, sent_at: ago(5), created_at: ago(5) };
  await store.db.insertInto("decoy_renewal").values(renewal).execute();
  expect(await unreadFor(clock(), [decoy])).toBe(25 * MINUTE);
});

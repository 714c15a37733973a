import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { addDecoys } from "@/lib/register/testing/service";
import type { Decoy } from "@/lib/store/decoys";
import type { Store } from "@/lib/store/open";
import { temporaryStore } from "@/lib/store/testing/stores";
import { keepBroken } from "./confirmations";
import type { KnownDecoy } from "./vault-facts";

const NOW = new Date("2026-11-30T08:00:00.000Z");
const DELETED = new Date("2026-11-10T09:00:00.000Z");
let store: Store;
beforeAll(async () => {
  store = await temporaryStore();
}, 60_000);
afterAll(() => store.close());
beforeEach(() => store.db.deleteFrom("decoy").execute());

type Found = Pick<KnownDecoy, "outcome" | "reason"> & { brokenAt?: Date };
const BROKEN: Found = { outcome: "fail", reason: "decoy_removed", brokenAt: DELETED };
const WORKS: Found = { outcome: "pass", reason: "decoy_present" };
const UNKNOWN: Found = { outcome: "unknown", reason: "decoy_unconfirmed" };

async function keep(decoys: readonly Decoy[], found: readonly Found[]): Promise<(string | null)[]> {
  const evidence = new Map(
    decoys.map(({ vault_id, token_key: tokenKey }, at) => {
      const shown = { evidence: "", seenAt: undefined, kind: "secret", awaited: false, tokenKey } as const;
      return [vault_id, [{ ...shown, ...(found[at] ?? UNKNOWN) }]];
    }),
  );
  const data = new Map([...evidence.keys()].map((vaultId) => [vaultId, []]));
  const register = { ok: true, data, readAt: NOW } as const;
  await keepBroken(store, { bulk: { register }, evidenceOf: (vaultId) => evidence.get(vaultId) ?? [], now: NOW });
  const rows = await store.db.selectFrom("decoy").select(["broken", "broken_at"]).orderBy("id").execute();
  return rows.map(({ broken, broken_at: at }) => broken && `${broken} ${at?.toISOString()}`);
}

test("that a honeytoken was deleted is kept, since when it was, when the log has forgotten it", async () => {
  const decoys = await addDecoys(store, 3, { state: "live" });
  const deleted = `deleted ${DELETED.toISOString()}`;
  expect(await keep(decoys, [BROKEN, WORKS, UNKNOWN])).toEqual([deleted, null, null]);
  expect(await keep(decoys, [UNKNOWN, WORKS, UNKNOWN])).toEqual([deleted, null, null]);
});

test("one that is seen to work again is broken no more", async () => {
  const decoys = await addDecoys(store, 1, { state: "live", broken: "disabled", broken_at: DELETED });
  expect(await keep(decoys, [WORKS])).toEqual([null]);
});

test("one that has expired says so itself, and one that is on its way out is left alone", async () => {
  const expired = { ...BROKEN, reason: "decoy_expired" } as const;
  expect(await keep(await addDecoys(store, 1, { state: "live" }), [expired])).toEqual([null]);
  expect(await keep(await addDecoys(store, 1, { state: "retiring" }), [BROKEN])).toEqual([null, null]);
});

import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { openStore, type Store } from "@/lib/store/open";
import { NO_SERVER, type StorePlace, storeKinds, TEST_TENANT } from "@/lib/store/testing/stores";
import { recordDeployment } from "../start";
import { fakeVaultId } from "../testing/fake-azure";
import { CLAIM_MS, claimRuns, endClaim, releaseDeadClaims, renewClaims } from "./ledger";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

describe.each(await storeKinds())("claims in a store that is $kind", ({ available, make }) => {
  const title = (what: string) => `${what} ${available ? "" : NO_SERVER}`.trim();
  let place: StorePlace;
  let store: Store;
  let vaults = 0;
  let at = Date.parse("2026-05-04T10:20:30.456Z");
  const now = () => new Date(at);
  beforeAll(async () => {
    if (!available) return;
    place = await make();
    store = await openStore(place.config);
  });
  afterAll(async () => {
    await store?.close();
    await place?.remove();
  });

  async function deployment(): Promise<string> {
    const user = { tid: TEST_TENANT, oid: "o", name: "Kim" };
    return recordDeployment({ db: store.db, now }, user, fakeVaultId(++vaults), { kind: "secret", count: 1 });
  }
  const take = async (deploymentId: string, claim: string) =>
    (await claimRuns({ db: store.db, now }, { deploymentId, chunk: 0, dueBy: now() }, claim)).length;
  const sign = async (claim: string) => (await renewClaims({ db: store.db, now }, claim)).length;

  test.skipIf(!available)(title("what a worker holds is its own as long as it gives signs of life"), async () => {
    const [id, one, another] = [await deployment(), randomUUID(), randomUUID()];
    expect(await take(id, one)).toBe(1);
    for (let minute = 0; minute < 3; minute++) {
      at += CLAIM_MS - 1_000;
      expect(await sign(one)).toBe(1);
      expect(await take(id, another)).toBe(0);
    }
  });

  test.skipIf(!available)(title("after a minute without one it is another's, and a late one is in vain"), async () => {
    const [id, slow, next] = [await deployment(), randomUUID(), randomUUID()];
    expect(await take(id, slow)).toBe(1);
    at += CLAIM_MS + 1;
    expect(await take(id, next)).toBe(1);
    expect([await sign(slow), await sign(next)]).toEqual([0, 1]);
  });

  test.skipIf(!available)(title("a claim that has run out is gone even where nobody took its item"), async () => {
    const [id, slow] = [await deployment(), randomUUID()];
    expect(await take(id, slow)).toBe(1);
    at += CLAIM_MS + 1;
    // Whoever takes anything removes it.
    expect(await take(await deployment(), randomUUID())).toBe(1);
    expect(await sign(slow)).toBe(0);
    expect(await take(id, randomUUID())).toBe(1);
  });

  test.skipIf(!available)(title("what a worker had when it ended is free at once"), async () => {
    const [id, ended, dead] = [await deployment(), randomUUID(), randomUUID()];
    expect(await take(id, ended)).toBe(1);
    await endClaim(store.db, ended);
    expect(await take(id, dead)).toBe(1);
    await releaseDeadClaims(store.db);
    expect(await take(id, randomUUID())).toBe(1);
  });
});

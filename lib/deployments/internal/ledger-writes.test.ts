import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { openStore, type Store } from "@/lib/store/open";
import { NO_SERVER, type StorePlace, storeKinds, TEST_TENANT } from "@/lib/store/testing/stores";
import { recordDeployment } from "../start";
import { fakeVaultId } from "../testing/fake-azure";
import { auditOf } from "./audit";
import { ClaimLost, claimRuns, type Run, releaseDeadClaims } from "./ledger";
import { writeChange } from "./ledger-writes";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const now = () => new Date("2026-05-04T10:20:30.456Z");

describe.each(await storeKinds())("in a store that is $kind", ({ available, make }) => {
  let place: StorePlace;
  let store: Store;
  let vaults = 0;
  beforeAll(async () => {
    if (!available) return;
    place = await make();
    store = await openStore(place.config);
  });
  afterAll(async () => {
    await store?.close();
    await place?.remove();
  });

  async function taken(claim: string = randomUUID()): Promise<Run> {
    const user = { tid: TEST_TENANT, oid: "o", name: "Kim" };
    const id = await recordDeployment({ db: store.db, now }, user, fakeVaultId(++vaults), { kind: "secret", count: 1 });
    const [run] = await claimRuns({ db: store.db, now }, { deploymentId: id, chunk: 0, dueBy: now() }, claim);
    return run ?? expect.fail("nothing was claimed");
  }

  const problemOf = async ({ item }: Run) =>
    (await store.db.selectFrom("deployment_item").select("problem").where("id", "=", item.id).executeTakeFirstOrThrow())
      .problem;
  const say = (run: Run, problem: string) => writeChange(store.db, run, { item: { ...run.item, problem } });
  const step = ({ item }: Run, name: string) => ({
    item_id: item.id,
    step: name,
    state: "done" as const,
    detail: `it's "done"`,
    data: { tries: 2, nested: { text: "\\ ü" } },
    started_at: now(),
    ended_at: null,
  });

  test.skipIf(!available)(
    `what another worker has is not written, and what is written beside it is ${available ? "" : NO_SERVER}`,
    async () => {
      const runs = [await taken(), await taken(), await taken()];
      const [, lost] = runs;
      await store.db
        .updateTable("deployment_item")
        .set({ claim: "another" })
        .where("id", "=", lost?.item.id ?? "")
        .execute();
      // In one turn, so they are one commit.
      const ends = await Promise.allSettled(runs.map((run, index) => say(run, `text ${index}`)));
      expect(ends.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
      expect(ends[1]).toMatchObject({ reason: expect.any(ClaimLost) });
      expect(await Promise.all(runs.map(problemOf))).toEqual(["text 0", null, "text 2"]);
    },
  );

  test.skipIf(!available)("of two takings of one item in one commit only the present one writes", async () => {
    const before = await taken();
    await releaseDeadClaims(store.db);
    const [present] = await claimRuns({ db: store.db, now }, { itemId: before.item.id }, randomUUID());
    if (!present) throw new Error("It was not free.");
    const ends = await Promise.allSettled([say(before, "of the one before"), say(present, "of the present one")]);
    expect(ends.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
    expect(await problemOf(before)).toBe("of the present one");
    expect(
      (await Promise.allSettled([say(present, "still"), say(before, "too late")])).map(({ status }) => status),
    ).toEqual(["fulfilled", "rejected"]);
    expect(await problemOf(before)).toBe("still");
  });

  test.skipIf(!available)("rows come back as they were written, audit rows too", async () => {
    const run = await taken();
    const audits = [auditOf({ now }, run, "grant.give", { before: { added: ["it's"] }, after: { n: 1 } })];
    await writeChange(store.db, run, { steps: [step(run, "check")], audits });
    const steps = await store.db.selectFrom("deployment_step").selectAll().where("item_id", "=", run.item.id).execute();
    expect(steps).toEqual([step(run, "check")]);
    const rows = await store.db.selectFrom("audit").selectAll().where("vault_id", "=", run.vaultId).execute();
    const written = rows.find(({ action }) => action === "grant.give");
    expect(written).toMatchObject({ at: now(), who: "Kim", before: { added: ["it's"] }, result: "ok" });
    expect(written?.after).toEqual({ n: 1, deployment: run.deployment.id, item: run.item.id });
  });

  test.skipIf(!available)("beginning anew forgets the steps, what was left to the next change included", async () => {
    const run = await taken();
    await writeChange(store.db, run, { steps: [step(run, "check"), step(run, "register")] });
    run.unsaved.push(step(run, "grant"));
    await writeChange(store.db, run, { anew: true, item: { ...run.item, attempt: 2 } });
    const steps = await store.db.selectFrom("deployment_step").selectAll().where("item_id", "=", run.item.id).execute();
    expect(steps).toEqual([]);
    expect(run.unsaved).toEqual([]);
  });
});

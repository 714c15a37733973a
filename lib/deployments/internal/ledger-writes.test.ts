import { randomUUID } from "node:crypto";
import type { KyselyPlugin } from "kysely";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Config } from "@/lib/config";
import { isTaken } from "@/lib/store/errors";
import { openStore, type Store } from "@/lib/store/open";
import { NO_SERVER, type StorePlace, storeKinds, TEST_TENANT } from "@/lib/store/testing/stores";
import { recordDeployment } from "../start";
import { fakeVaultId } from "../testing/fake-azure";
import { auditOf } from "./audit";
import { ClaimLost, claimRuns, type Run, releaseDeadClaims } from "./ledger";
import { writeChange } from "./ledger-writes";
import { newDecoy } from "./new-decoy";

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

  const chosen = (run: Run, name: string) => {
    const config = { tenantId: TEST_TENANT, identities: { planter: { objectId: "p" } } } as Config; // the rest is not read
    const proposal = { name, kind: "secret" as const, attributes: { notBefore: false }, history: undefined };
    return newDecoy({ config, now }, run, proposal, { index: 0, neighbours: 1, afterMs: 0 });
  };
  const choose = (run: Run, name: string) => writeChange(store.db, run, { decoys: [chosen(run, name)] });
  test.skipIf(!available)("a choice whose answer was lost gives way to the one that is made instead", async () => {
    const run = await taken();
    const [first, second] = [chosen(run, `lost-${run.item.id}`), chosen(run, `made-${run.item.id}`)];
    await writeChange(store.db, run, { decoys: [first] });
    await writeChange(store.db, run, { decoys: [second] });
    const rows = await store.db.selectFrom("decoy").selectAll().where("item_id", "=", run.item.id).execute();
    expect(rows).toMatchObject([{ name: second.name, chosen_name: second.name, token_key: second.token_key }]);
  });

  const namesOf = async (runs: readonly Run[]) => {
    const ids = runs.map(({ item }) => item.id);
    const rows = await store.db.selectFrom("decoy").select(["item_id", "name"]).where("item_id", "in", ids).execute();
    return runs.map(({ item }) => rows.filter((row) => row.item_id === item.id).map(({ name }) => name));
  };

  test.skipIf(!available)(
    "of two vaults for which one name is chosen one gets it, and those beside them theirs",
    async () => {
      const runs: Run[] = [];
      for (let index = 0; index < 16; index++) runs.push(await taken());
      let written = 0;
      const counted: KyselyPlugin = {
        transformQuery: ({ node }) => node,
        transformResult: async ({ result }) => {
          written++;
          return result;
        },
      };
      const db = store.db.withPlugin(counted);
      const write = (run: Run, name: string) => writeChange(db, run, { decoys: [chosen(run, name)] });
      await Promise.all(runs.slice(0, 8).map((run, index) => write(run, `free-${index}`)));
      expect(written).toBe(1);
      const ends = await Promise.allSettled(
        runs.slice(8).map((run, index) => write(run, index === 5 ? "Free-3" : `other-${index}`)),
      );
      expect(ends.map(({ status }) => status).filter((status) => status === "rejected")).toHaveLength(1);
      expect(ends[5]).toMatchObject({ status: "rejected" });
      expect((await namesOf(runs)).map((names) => names.length)).toEqual(
        runs.map((_, index) => (index === 13 ? 0 : 1)),
      );
      // The other seven are three statements more, not one each.
      expect(written).toBe(1 + 3);
    },
  );

  test.skipIf(!available)(
    "a name that is over is given to no other vault, and one that a person chose to any",
    async () => {
      const [before, after, typed] = [await taken(), await taken(), await taken()];
      await choose(before, "over");
      await store.db.updateTable("decoy").set({ state: "retired" }).where("item_id", "=", before.item.id).execute();
      await expect(choose(after, "over")).rejects.toSatisfy(isTaken);
      const byPerson = { ...typed, deployment: { ...typed.deployment, name: "over" } };
      await choose(byPerson, "over");
      expect(await namesOf([before, after, typed])).toEqual([["over"], [], ["over"]]);
      // Once written it is changed like any other.
      await choose(before, "over");
    },
  );

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

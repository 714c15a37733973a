import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { Store } from "@/lib/store/open";
import { TEST_TENANT, temporaryStore } from "@/lib/store/testing/stores";
import { recordDeployment } from "../start";
import { fakeVaultId } from "../testing/fake-azure";
import { LEASE_KEPT_MS, LEASE_MS, prolongGrants } from "./grants";
import { claimRuns, type Grant, type Run } from "./ledger";
import { NO_ROLE } from "./time-bound";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const at = new Date("2026-05-04T10:20:30.456Z");
const now = () => at;
const MINUTE = 60_000;

let store: Store;
let vaults = 0;
beforeAll(async () => {
  store = await temporaryStore();
});
afterAll(() => store?.close());

/** An item in hand with a right that ends in so many milliseconds. */
async function withRight(left: number, change: Partial<Grant> = {}): Promise<Run & { grant: Grant }> {
  const user = { tid: TEST_TENANT, oid: "o", name: "Kim" };
  const vaultId = fakeVaultId(++vaults);
  const id = await recordDeployment({ db: store.db, now }, user, vaultId, { kind: "secret", count: 1 });
  const [run] = await claimRuns({ db: store.db, now }, { deploymentId: id, chunk: 0, dueBy: at }, randomUUID());
  if (!run) throw new Error("Nothing was claimed.");
  const nothing = { secrets: [], keys: [] };
  const grant: Grant = {
    ...{ id: randomUUID(), item_id: run.item.id, deployment_id: id, drill_id: null, principal_oid: null },
    ...{ scope: vaultId, vault_id: vaultId, model: "policies", assignment_id: null, ...NO_ROLE },
    ...{ added: { secrets: ["set"], keys: [] }, before: nothing, state: "given" },
    ...{ lease_until: new Date(at.getTime() + left), created_at: at, updated_at: at },
    ...change,
  };
  const stored = { ...grant, added: JSON.stringify(grant.added), before: JSON.stringify(grant.before) };
  await store.db.insertInto("deployment_grant").values(stored).execute();
  return Object.assign(run, { grant });
}

const leftOf = async ({ grant }: { grant: Grant }) => {
  const query = store.db.selectFrom("deployment_grant").select("lease_until").where("id", "=", grant.id);
  return (await query.executeTakeFirstOrThrow()).lease_until.getTime() - at.getTime();
};
const inHand = ({ grant }: { grant: Grant }) => grant.lease_until.getTime() - at.getTime();

test("leases that are getting short are prolonged together, on disk and in hand", async () => {
  const runs = [await withRight(LEASE_KEPT_MS + MINUTE), await withRight(-MINUTE)];
  await prolongGrants({ db: store.db, now }, runs);
  for (const run of runs) expect([inHand(run), await leftOf(run)]).toEqual([LEASE_MS, LEASE_MS]);
});

test("a right that is long enough, taken back or time-bound, and one whose vault is done, stay as they are", async () => {
  const long = await withRight(LEASE_MS - MINUTE);
  const role = { model: "rbac", assignment_id: randomUUID(), request_id: randomUUID(), ends_at: at } as const;
  const timeBound = await withRight(MINUTE, { ...role, given_as: "schedule" });
  const ended = await withRight(MINUTE);
  ended.item = { ...ended.item, state: "done" };
  // By the sweeper, which the worker knows nothing of.
  const taken = await withRight(MINUTE);
  await store.db.updateTable("deployment_grant").set({ state: "revoked" }).where("id", "=", taken.grant.id).execute();
  const runs = [long, timeBound, ended, taken];
  const before = runs.map(inHand);
  await prolongGrants({ db: store.db, now }, runs);
  expect(runs.map(inHand)).toEqual(before);
  expect(await Promise.all(runs.map(leftOf))).toEqual(before);
});

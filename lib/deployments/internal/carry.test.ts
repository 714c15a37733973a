import { expect, test, vi } from "vitest";
import { VaultIdText } from "@/lib/azure/vault-id-schema.pure";
import type { ServiceContext } from "@/lib/context";
import { TEST_TENANT, temporaryStore } from "@/lib/store/testing/stores";
import { advance } from "../run";
import { recordDeployment } from "../start";
import { fakeVaultId } from "../testing/fake-azure";
import type { ItemPlan } from "../views.pure";
import { carryAll, type Orders, ranksOf } from "./carry";
import { HeldItems } from "./held-items";
import { claimRuns } from "./ledger";

vi.setConfig({ testTimeout: 120_000 });
vi.mock(import("../run"), async (original) => ({ ...(await original()), advance: vi.fn() }));

function item(id: string, group: string, grant: ItemPlan["grant"] | undefined) {
  const subscription = "00000000-0000-4000-8000-000000000001";
  const vaultId = VaultIdText.parse(
    `/subscriptions/${subscription}/resourcegroups/${group}/providers/microsoft.keyvault/vaults/kv-${id}`,
  );
  const plan = grant && ({ grant, warnings: [], reasons: [] } satisfies ItemPlan);
  return { vaultId, item: { id, plan: plan ?? {} } };
}

test("one vault of each group goes first, then those with a right of their own, then all others", () => {
  const ranks = ranksOf([
    item("policies", "rg-a", "policy"),
    item("first-of-a", "rg-a", "group_role"),
    item("second-of-a", "rg-a", "group_role"),
    item("own-role", "rg-a", "vault_role"),
    item("first-of-b", "rg-b", "group_role"),
    item("held-anyway", "rg-b", "none"),
  ]);
  expect(Object.fromEntries(ranks)).toEqual({
    "first-of-a": 0,
    "first-of-b": 0,
    "own-role": 1,
    policies: 1,
    "second-of-a": 2,
    "held-anyway": 2,
  });
});

test("a vault that a person plants in alone has no plan, and goes first", () => {
  expect(ranksOf([item("alone", "rg-a", undefined)]).get("alone")).toBe(0);
});

test("those that go first have the process for themselves until each has to wait, and no longer", async () => {
  const store = await temporaryStore();
  const now = () => new Date();
  const service = { db: store.db, now } as ServiceContext; // what reads the rest of it is replaced above
  const taken = async (vault: number, grant: ItemPlan["grant"]) => {
    const user = { tid: TEST_TENANT, oid: "o", name: "Kim" };
    const request = { kind: "secret" as const, count: 1 };
    const id = await recordDeployment(service, user, fakeVaultId(vault), request);
    const [run] = await claimRuns(service, { deploymentId: id, chunk: 0, dueBy: now() }, "claim");
    if (!run) throw new Error("It was not free.");
    return { ...run, item: { ...run.item, plan: { grant, warnings: [], reasons: [] } satisfies ItemPlan } };
  };
  const first = await taken(1, "group_role");
  const [before, after] = [await taken(2, "none"), await taken(3, "group_role")];
  const order: string[] = [];
  vi.mocked(advance).mockImplementation(async (_, { item: { id } }) => {
    order.push(id === first.item.id ? "first" : "other");
    if (order.at(-1) === "other") return { is: "ended" };
    return [{ is: "on" as const }, { is: "waiting" as const, ms: 50 }][order.length - 1] ?? { is: "ended" };
  });
  const ids = new Set([before, first, after].map(({ item }) => item.id));
  await carryAll(service, [before, first, after], {
    orders: { order: "go", othersWait: false },
    until: () => Number.POSITIVE_INFINITY,
    signal: new AbortController().signal,
    held: new HeldItems(now, ids, Date.now()),
  });
  expect(order).toEqual(["first", "first", "other", "other", "first"]);
  await store.close();
});

test("what waits for a slot while its deployment is cancelled does not begin, and is closed", async () => {
  const store = await temporaryStore();
  const now = () => new Date();
  const service = { db: store.db, now } as ServiceContext; // what reads the rest of it is replaced above
  const user = { tid: TEST_TENANT, oid: "o", name: "Kim" };
  const id = await recordDeployment(service, user, fakeVaultId(1), { kind: "secret", count: 1 });
  const [first = expect.fail("none")] = await store.db.selectFrom("deployment_item").selectAll().execute();
  const others = Array.from({ length: 7 }, (_, index) => ({
    ...first,
    id: `eeeeeeee-0000-4000-8000-${String(index).padStart(12, "0")}`,
    vault_id: `${first.vault_id}-${index}`,
    plan: "{}",
    waiting: null,
  }));
  await store.db.insertInto("deployment_item").values(others).execute();
  const runs = await claimRuns(service, { deploymentId: id, chunk: 0, dueBy: now() }, "claim");
  expect(runs).toHaveLength(8);
  const orders: Orders = { order: "go", othersWait: false };
  let begun = 0;
  vi.mocked(advance).mockImplementation(async (_, { item }) => {
    if (item.ending !== null) return { is: "ended" };
    begun++;
    orders.order = "cancel";
    return { is: "on" };
  });
  await carryAll(service, runs, {
    orders,
    until: () => Number.POSITIVE_INFINITY,
    signal: new AbortController().signal,
    held: new HeldItems(now, new Set(runs.map(({ item }) => item.id)), Date.now()),
  });
  expect(begun).toBe(1);
  const closed = store.db.selectFrom("deployment_item").select("id").where("ending", "=", "cancelled");
  expect(await closed.execute()).toHaveLength(8);
  await store.close();
});

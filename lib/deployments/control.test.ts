import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { parseVaultId, type VaultId, vaultIdParts } from "@/lib/azure/resource-id.pure";
import type { Config } from "@/lib/config";
import type { AzureAccess, Role, UserContext } from "@/lib/context";
import type { BoardRow } from "@/lib/coverage/board.pure";
import type { Fleet } from "@/lib/coverage/fleet";
import { AppError } from "@/lib/errors";
import { saveVaultFacts } from "@/lib/store/facts";
import type { Store } from "@/lib/store/open";
import { TEST_TENANT, temporaryStore } from "@/lib/store/testing/stores";
import {
  approveDeployment,
  cancelDeployment,
  discardDeployment,
  pauseDeployment,
  refuseDeployment,
  resumeDeployment,
  retryDeployment,
  startDeployment,
} from "./control";
import { FleetRequest } from "./fleet.pure";
import { planTheNight } from "./nightly";
import { expirePlans, giveUpLostPlans, giveUpPlan, recordPlan } from "./plan";
import { PLANTED_MEANWHILE } from "./views.pure";

const fleet = vi.hoisted(() => ({ rows: [] as unknown[], harmless: false, meanwhile: async () => {} }));
vi.mock("@/lib/coverage/fleet", () => ({
  // No plan of a person's is made here: only what is recorded of it is looked at.
  readFleet: async () => {
    throw new AppError("unavailable", "Not asked in this test.");
  },
  readWholeFleet: async (): Promise<Partial<Fleet>> => ({
    rows: fleet.rows as BoardRow[], // filled by the test below
    auditLogOf: () => undefined,
    groups: new Map(),
    planterAt: () => [],
  }),
}));
vi.mock("@/lib/safety/gather", () => ({
  gatherSafety: async (_: unknown, ids: string[]) => {
    await fleet.meanwhile();
    return new Map(
      ids.map((vaultId) => [
        vaultId,
        {
          vaultId,
          ...(fleet.harmless ? HARMLESS : NOT_ASKED),
        },
      ]),
    );
  },
}));

const NOT_ASKED = {
  vault: { known: false, why: "not asked" },
  readers: { known: false, why: "not asked" },
  objections: { known: false, why: "not asked" },
};
const HARMLESS = {
  vault: {
    known: true,
    value: {
      ...{ location: "westeurope", tags: {}, permissionModel: "rbac", network: "public", purgeProtection: true },
      ...{ softDelete: true, retentionDays: 90, accessPolicies: 0, roleAssignments: 10 },
    },
  },
  readers: {
    known: true,
    value: {
      ...{ days: 30, readers: [], certificateReaders: 0, throttledDays: 0, deleted: [] },
      names: { secrets: 5, keys: 0, certificates: 0 },
    },
  },
  objections: { known: true, value: [] },
};

let store: Store;
let minute = 0;
const sent: unknown[][] = [];
beforeAll(async () => {
  store = await temporaryStore();
}, 60_000);
afterAll(() => store.close());
beforeEach(async () => {
  sent.length = 0;
  minute += 10;
  // A test leaves no vault under way for the next one.
  await store.db.updateTable("deployment_item").set({ state: "done" }).execute();
});

function person(oid: string, ...roles: Role[]): UserContext {
  const access = {} as AzureAccess; // nothing here reaches Azure
  return {
    config: { tenantId: TEST_TENANT, timing: { watchlistLag: 0, grantLag: 0 } } as Config, // nothing else is read
    db: store.db,
    jobs: { enqueue: async (...job) => void sent.push(job) },
    azure: { collector: access, registrar: access, planter: access, granter: access, drill: access },
    now: () => new Date(Date.UTC(2026, 10, 22, 12, minute)),
    user: { tid: TEST_TENANT, oid, name: oid, upn: undefined, roles },
    asUser: access,
    requestId: "r",
  };
}
const adam = () => person("adam", "Platform.Admin");
const ada = () => person("ada", "Platform.Admin");

/** `name` or `name@group`. */
const vaultNamed = (vault: string): string => {
  const [name, group = "rg"] = vault.split("@");
  return `/subscriptions/00000000-0000-4000-8000-000000000001/resourcegroups/${group}/providers/microsoft.keyvault/vaults/${name}`;
};

/** A finished plan of Adam's for these vaults. */
async function plan(
  vaults: readonly string[],
  change: {
    approval?: "needed";
    by?: "all" | "vaults";
    spreadHours?: number;
    operation?: "plant" | "retire";
    addToExisting?: boolean;
  } = {},
): Promise<string> {
  const {
    by = "vaults",
    spreadHours = 0,
    approval = "not_needed",
    operation = "plant",
    addToExisting = false,
  } = change;
  const id = randomUUID();
  const selection = by === "all" ? { by } : { by, vaultIds: vaults.map(vaultNamed) };
  const totals = JSON.stringify({
    all: by === "all",
    secrets: vaults.length,
    keys: 0,
    grants: { none: 0, vault_role: 0, group_role: 0, policy: vaults.length },
    groupAssignments: 0,
    blocked: [],
    skipped: [],
    warnings: [],
    secondsAtLeast: 0,
    limits: [],
  });
  const at = adam().now();
  const request = JSON.stringify({ operation, selection, spreadHours, addToExisting });
  await store.db
    .insertInto("deployment")
    .values({
      id,
      requested_by_tid: TEST_TENANT,
      requested_by_oid: "adam",
      requested_by_name: "adam",
      operation,
      kind: "auto",
      state: "planned",
      request,
      totals,
      approval,
      total: vaults.length,
      created_at: at,
    })
    .execute();
  for (const name of vaults) {
    await store.db
      .insertInto("deployment_item")
      .values({
        id: randomUUID(),
        deployment_id: id,
        vault_id: vaultNamed(name),
        state: "planned",
        kind: "secret",
        count: 1,
        plan: JSON.stringify({ grant: "policy", warnings: [], reasons: [] }),
        created_at: at,
        updated_at: at,
      })
      .execute();
  }
  return id;
}

async function plantedIn(vault: string, at: Date, change: { broken?: "deleted" } = {}): Promise<void> {
  const decoy = {
    id: randomUUID(),
    vault_id: vaultNamed(vault),
    kind: "secret",
    name: "billing-db-password",
    token_key: `${vaultNamed(vault)}/secrets/billing-db-password`,
    state: "live",
    watchlist_item_id: randomUUID(),
    created_at: at,
    updated_at: at,
    ...change,
  } as const;
  await store.db.insertInto("decoy").values(decoy).execute();
}

async function itemsOf(id: string) {
  return store.db
    .selectFrom("deployment_item")
    .selectAll()
    .where("deployment_id", "=", id)
    .orderBy("vault_id")
    .execute();
}
const stateOf = async (id: string) =>
  (await store.db.selectFrom("deployment").selectAll().where("id", "=", id).executeTakeFirstOrThrow()).state;

describe("a plan", () => {
  test("is started by whoever made it, with the number typed, and handed to the workers", async () => {
    const id = await plan(["kv-a", "kv-b"], { by: "all" });
    const wrong = { failure: { code: "invalid", field: "typed" } };
    await expect(startDeployment(adam(), { id })).rejects.toMatchObject(wrong);
    await expect(startDeployment(adam(), { id, typed: 3 })).rejects.toMatchObject(wrong);
    await expect(startDeployment(ada(), { id, typed: 2 })).rejects.toMatchObject({ failure: { code: "conflict" } });
    expect((await itemsOf(id)).map(({ state }) => state)).toEqual(["planned", "planned"]);
    expect(await startDeployment(adam(), { id, typed: 2 })).toEqual({ state: "queued" });
    expect((await itemsOf(id)).map(({ state }) => state)).toEqual(["queued", "queued"]);
    expect(sent).toEqual([["plant", `${id}:0`, { deploymentId: id, chunk: 0 }]]);
    await expect(startDeployment(adam(), { id, typed: 2 })).rejects.toMatchObject({ failure: { code: "conflict" } });
  });

  test("of many vaults is cut into equal chunks, with the vaults of a group together but where a cut goes through it", async () => {
    const vaults = Array.from({ length: 120 }, (_, index) => `kv-${index}@rg-${index % 12}`);
    const id = await plan(vaults);
    await startDeployment(adam(), { id, typed: 120 });
    const items = await itemsOf(id);
    const sizes = new Map<number, number>();
    const chunksOf = new Map<string, Set<number>>();
    for (const { chunk, vault_id: vaultId } of items) {
      sizes.set(chunk, (sizes.get(chunk) ?? 0) + 1);
      const group = vaultId.split("/")[4] ?? "";
      chunksOf.set(group, (chunksOf.get(group) ?? new Set()).add(chunk));
    }
    expect([...sizes].sort()).toEqual([
      [0, 40],
      [1, 40],
      [2, 40],
    ]);
    expect(chunksOf.size).toBe(12);
    expect([...chunksOf.values()].reduce((sum, chunks) => sum + chunks.size, 0)).toBeLessThanOrEqual(12 + 2);
  });

  test("that needs a second administrator waits for one, who is not the first", async () => {
    const id = await plan(["kv-a"], { approval: "needed" });
    expect(await startDeployment(adam(), { id })).toEqual({ state: "awaiting_approval" });
    expect(sent).toEqual([]);
    await expect(approveDeployment(adam(), { id })).rejects.toMatchObject({ failure: { code: "conflict" } });
    expect(await approveDeployment(ada(), { id })).toEqual({ state: "queued" });
    expect(sent).toHaveLength(1);
    const audit = await store.db
      .selectFrom("audit")
      .select(["action", "who"])
      .where("at", "=", ada().now())
      .orderBy("id")
      .execute();
    expect(audit).toEqual([
      { action: "deployment.confirm", who: "adam" },
      { action: "deployment.approve", who: "ada" },
    ]);
  });

  test("that is refused or discarded does nothing", async () => {
    const refused = await plan(["kv-a"], { approval: "needed" });
    await startDeployment(adam(), { id: refused });
    expect(await refuseDeployment(ada(), { id: refused })).toEqual({ state: "cancelled" });
    const discarded = await plan(["kv-b"]);
    expect(await discardDeployment(adam(), { id: discarded })).toEqual({ state: "cancelled" });
    expect(await itemsOf(discarded)).toMatchObject([{ state: "cancelled" }]);
    expect(sent).toEqual([]);
  });

  test("that is thrown away is not brought to life by a retry, past the approval that it waited for", async () => {
    const id = await plan(["kv-a"], { approval: "needed" });
    await startDeployment(adam(), { id });
    await discardDeployment(adam(), { id });
    for (const one of [adam(), ada()])
      await expect(retryDeployment(one, { id })).rejects.toMatchObject({ failure: { code: "conflict" } });
    expect(await itemsOf(id)).toMatchObject([{ state: "cancelled" }]);
    expect(sent).toEqual([]);
  });

  test("that one administrator refuses while another approves is either refused or approved", async () => {
    const id = await plan(["kv-a"], { approval: "needed" });
    await startDeployment(adam(), { id });
    const both = await Promise.allSettled([refuseDeployment(ada(), { id }), approveDeployment(ada(), { id })]);
    expect(both.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const row = await store.db.selectFrom("deployment").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
    expect([`${row.state} ${row.approval}`]).toEqual([
      both[0].status === "fulfilled" ? "cancelled refused" : "queued given",
    ]);
  });

  test("leaves out a vault in which another deployment began meanwhile", async () => {
    const first = await plan(["kv-a", "kv-b"]);
    const second = await plan(["kv-b", "kv-c"]);
    await startDeployment(adam(), { id: first });
    await startDeployment(adam(), { id: second });
    expect((await itemsOf(second)).map(({ state }) => state)).toEqual(["skipped", "queued"]);
  });

  test("leaves out a vault in which somebody has planted meanwhile, unless it plants beside others", async () => {
    const id = await plan(["kv-a", "kv-b", "kv-c"]);
    const beside = await plan(["kv-d"], { addToExisting: true });
    const later = new Date(adam().now().getTime() + 60_000);
    await plantedIn("kv-a", later);
    await plantedIn("kv-b", later, { broken: "deleted" });
    await plantedIn("kv-c", new Date(adam().now().getTime() - 60_000));
    await plantedIn("kv-d", later);
    await startDeployment(adam(), { id });
    expect((await itemsOf(id)).map(({ state }) => state)).toEqual(["skipped", "queued", "queued"]);
    expect((await itemsOf(id))[0]?.plan).toMatchObject({ reasons: [PLANTED_MEANWHILE] });
    await startDeployment(adam(), { id: beside });
    expect(await itemsOf(beside)).toMatchObject([{ state: "queued" }]);
  });

  test("with nothing left to do stays a plan, and says why it is not started", async () => {
    const first = await plan(["kv-a"]);
    const second = await plan(["kv-a"]);
    await startDeployment(adam(), { id: first });
    await expect(startDeployment(adam(), { id: second })).rejects.toThrow("Nothing is left to do");
    expect(await stateOf(second)).toBe("planned");
    expect(await itemsOf(second)).toMatchObject([{ state: "planned" }]);
  });

  test("that has become too large for one person since it was made waits for another", async () => {
    const id = await plan(["kv-a", "kv-b"]);
    const value = JSON.stringify({ approvalAboveVaults: 1, defaultSpreadHours: 0, refuseHours: null });
    const row = { name: "deployments", updated_by_oid: "o", updated_by_name: "o", updated_at: adam().now() };
    await store.db
      .insertInto("setting")
      .values({ ...row, value })
      .execute();
    expect(await startDeployment(adam(), { id })).toEqual({ state: "awaiting_approval" });
    await store.db.deleteFrom("setting").execute();
    expect(sent).toEqual([]);
    expect(await approveDeployment(ada(), { id })).toEqual({ state: "queued" });
  });

  test("spreads a removal at random over the hours that were asked for", async () => {
    // Beside these, since removing all takes a second administrator.
    for (const vault of ["kv-w", "kv-x", "kv-y", "kv-z"]) await plantedIn(vault, adam().now());
    const id = await plan(["kv-a", "kv-b", "kv-c", "kv-d"], { spreadHours: 10, operation: "retire" });
    await startDeployment(adam(), { id });
    const due = (await itemsOf(id)).map((item) => (item.not_before?.getTime() ?? 0) - adam().now().getTime());
    for (const wait of due) {
      expect(wait).toBeGreaterThanOrEqual(0);
      expect(wait).toBeLessThanOrEqual(10 * 3_600_000);
    }
    expect(new Set(due).size).toBe(4);
  });

  test("lets every vault be looked at once when planting is spread: its moment is drawn then", async () => {
    const id = await plan(["kv-a", "kv-b"], { spreadHours: 10 });
    await startDeployment(adam(), { id });
    expect(await itemsOf(id)).toMatchObject([
      { state: "queued", not_before: null, moment: null },
      { state: "queued", not_before: null, moment: null },
    ]);
  });

  test("is not started in hours that the settings refuse, nor done again", async () => {
    const ended = await plan(["kv-c", "kv-d"]);
    await startDeployment(adam(), { id: ended });
    const failed = { state: "failed", ended_at: adam().now() } as const;
    await store.db.updateTable("deployment").set(failed).where("id", "=", ended).execute();
    await store.db.updateTable("deployment_item").set({ state: "failed" }).where("deployment_id", "=", ended).execute();
    const value = JSON.stringify({ approvalAboveVaults: 500, defaultSpreadHours: 0, refuseHours: { from: 0, to: 23 } });
    const row = { name: "deployments", updated_by_oid: "o", updated_by_name: "o", updated_at: adam().now() };
    await store.db
      .insertInto("setting")
      .values({ ...row, value })
      .execute();
    const id = await plan(["kv-a"]);
    await expect(startDeployment(adam(), { id })).rejects.toMatchObject({ failure: { code: "conflict" } });
    const waiting = await plan(["kv-b"], { approval: "needed" });
    await store.db.updateTable("deployment").set({ state: "awaiting_approval" }).where("id", "=", waiting).execute();
    await expect(approveDeployment(ada(), { id: waiting })).rejects.toMatchObject({ failure: { code: "conflict" } });
    expect(await stateOf(waiting)).toBe("awaiting_approval");
    await expect(retryDeployment(adam(), { id: ended })).rejects.toThrow("No deployment over many vaults");
    await store.db.deleteFrom("setting").execute();
  });
});

test("a running deployment is paused, resumed and cancelled; what was not begun is not done", async () => {
  const id = await plan(["kv-a", "kv-b"]);
  await startDeployment(adam(), { id });
  expect(await pauseDeployment(ada(), { id })).toEqual({ state: "paused" });
  await expect(pauseDeployment(ada(), { id })).rejects.toMatchObject({ failure: { code: "conflict" } });
  sent.length = 0;
  expect(await resumeDeployment(adam(), { id })).toEqual({ state: "running" });
  expect(sent).toHaveLength(1);
  expect(await cancelDeployment(adam(), { id })).toEqual({ state: "cancelled" });
  expect((await itemsOf(id)).map(({ state }) => state)).toEqual(["cancelled", "cancelled"]);
  expect(await stateOf(id)).toBe("cancelled");
});

test("what failed is done again from the beginning, under another attempt; what is done stays done", async () => {
  const id = await plan(["kv-a", "kv-b"]);
  await startDeployment(adam(), { id });
  const [one, two] = await itemsOf(id);
  const at = adam().now();
  const failed = { state: "failed" as const, ending: "failed" as const, problem: "Azure refused." };
  await store.db
    .updateTable("deployment_item")
    .set(failed)
    .where("id", "=", one?.id ?? "")
    .execute();
  await store.db
    .updateTable("deployment_item")
    .set({ state: "done" })
    .where("id", "=", two?.id ?? "")
    .execute();
  await store.db.updateTable("deployment").set({ state: "failed", ended_at: at }).where("id", "=", id).execute();
  const step = {
    item_id: one?.id ?? "",
    step: "check",
    state: "failed" as const,
    detail: "",
    data: "{}",
    started_at: at,
  };
  await store.db.insertInto("deployment_step").values(step).execute();
  expect(await retryDeployment(adam(), { id })).toEqual({ state: "queued" });
  expect(await itemsOf(id)).toMatchObject([
    { state: "queued", attempt: 2, ending: null, problem: null },
    { state: "done", attempt: 1 },
  ]);
  const steps = store.db
    .selectFrom("deployment_step")
    .selectAll()
    .where("item_id", "=", one?.id ?? "");
  expect(await steps.execute()).toEqual([]);
});

test.each(["failed", "needs_person"] as const)(
  "of two people who do it again at once only one does, and the other is told of that (%s)",
  async (state) => {
    const id = await plan(["kv-a"]);
    await startDeployment(adam(), { id });
    await store.db.updateTable("deployment_item").set({ state: "failed" }).where("deployment_id", "=", id).execute();
    await store.db.updateTable("deployment").set({ state, ended_at: adam().now() }).where("id", "=", id).execute();
    const both = await Promise.allSettled([retryDeployment(adam(), { id }), retryDeployment(ada(), { id })]);
    expect(both.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const refused = both.find((one) => one.status === "rejected");
    expect(refused?.reason).toMatchObject({
      failure: { code: "conflict", message: expect.stringContaining("Somebody else changed") },
    });
    expect(await itemsOf(id)).toMatchObject([{ state: "queued", attempt: 2 }]);
  },
);

test("is not done again where a deployment is running, and says that nothing is left", async () => {
  const id = await plan(["kv-a"]);
  await startDeployment(adam(), { id });
  await cancelDeployment(adam(), { id });
  await startDeployment(adam(), { id: await plan(["kv-a"]) });
  await expect(retryDeployment(adam(), { id })).rejects.toThrow("Nothing is left to do");
  expect(await itemsOf(id)).toMatchObject([{ state: "cancelled" }]);
});

test("many are done again only when their number was typed, and at once", async () => {
  const id = await plan(["kv-a", "kv-b", "kv-c"], { by: "all" });
  await startDeployment(adam(), { id, typed: 3 });
  await cancelDeployment(adam(), { id });
  for (const typed of [{}, { typed: 2 }]) {
    const refused = retryDeployment(adam(), { id, ...typed });
    await expect(refused).rejects.toMatchObject({ failure: { code: "invalid", field: "typed" } });
  }
  expect((await itemsOf(id)).map(({ state }) => state)).toEqual(["cancelled", "cancelled", "cancelled"]);
  sent.length = 0;
  expect(await retryDeployment(adam(), { id, typed: 3 })).toEqual({ state: "queued" });
  expect(sent).toEqual([["plant", `${id}:0`, { deploymentId: id, chunk: 0 }]]);
});

test("another person's deployment is not there for an owner", async () => {
  const id = await plan(["kv-a", "kv-b"]);
  const kim = person("kim", "KeyVault.Owner");
  await expect(startDeployment(kim, { id })).rejects.toMatchObject({ failure: { code: "not_found" } });
});

test("every night new vaults get a plan, once; any administrator starts it, and it becomes theirs", async () => {
  const vaultId = parseVaultId(vaultNamed("kv-new"));
  if (!vaultId) throw new Error("no vault id");
  fleet.rows = [rowOf(vaultId)];
  const ctx = { ...ada(), now: () => new Date(Date.UTC(2026, 10, 23, 12)) };
  await saveVaultFacts(store.db, [{ vaultId, fact: "diagnostics", data: {}, collectedAt: ctx.now() }]);
  const since = new Date(Date.UTC(2026, 10, 22, 12));
  await setUsualSpread(5);
  const id = (await planTheNight(ctx, since)) ?? "";
  expect(await stateOf(id)).toBe("planned");
  expect(await itemsOf(id)).toMatchObject([{ vault_id: vaultId }]);
  expect(await spreadOf(id)).toBe(5);
  expect(await planTheNight(ctx, since)).toBeUndefined();
  // Whether the safety check lets it be planted is not what is asked here.
  await store.db
    .updateTable("deployment_item")
    .set({ state: "planned", kind: "key", count: 1 })
    .where("deployment_id", "=", id)
    .execute();
  expect(await startDeployment(ctx, { id })).toEqual({ state: "queued" });
  const started = await store.db.selectFrom("deployment").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
  expect(started).toMatchObject({ requested_by_oid: "ada", requested_by_name: "ada" });
  await store.db.deleteFrom("setting").execute();
});

test("a nightly plan that is too large to start by itself waits for an administrator, and the trail says so", async () => {
  const ctx = { ...ada(), now: () => new Date(Date.UTC(2026, 10, 24, 12)) };
  const value = JSON.stringify({ nightlyPlan: "carry_out", hour: 12 });
  const by = { updated_by_oid: "ada", updated_by_name: "Ada", updated_at: ctx.now() };
  const limit = JSON.stringify({ approvalAboveVaults: 1, defaultSpreadHours: 0, refuseHours: null });
  await store.db
    .insertInto("setting")
    .values([
      { ...by, name: "newVaults", value },
      { ...by, name: "deployments", value: limit },
    ])
    .execute();
  await store.db.deleteFrom("deployment_item").execute();
  const vaults = ["kv-new-1", "kv-new-2"].map((name) => parseVaultId(vaultNamed(name)) ?? expect.fail("no vault id"));
  Object.assign(fleet, { rows: vaults.map(rowOf), harmless: true });
  const facts = vaults.map((id) => ({ vaultId: id, fact: "diagnostics" as const, data: {}, collectedAt: ctx.now() }));
  await saveVaultFacts(store.db, facts);
  const id = (await planTheNight(ctx, new Date(Date.UTC(2026, 10, 24, 11)))) ?? "";
  expect(await stateOf(id)).toBe("awaiting_approval");
  expect(await trailOf(id)).toEqual(["deployment.nightly", "deployment.confirm"]);
  fleet.harmless = false;
  await store.db.deleteFrom("setting").execute();
});

test("a nightly plan that finds nothing left when it starts by itself is ended, and says why", async () => {
  const ctx = { ...ada(), now: () => new Date(Date.UTC(2026, 10, 25, 12)) };
  const by = { updated_by_oid: "ada", updated_by_name: "Ada", updated_at: ctx.now() };
  const value = JSON.stringify({ nightlyPlan: "carry_out", hour: 12 });
  await store.db
    .insertInto("setting")
    .values({ ...by, name: "newVaults", value })
    .execute();
  await store.db.deleteFrom("deployment_item").execute();
  const vaultId = parseVaultId(vaultNamed("kv-new-3")) ?? expect.fail("no vault id");
  const meanwhile = async () => plantedIn("kv-new-3", new Date(ctx.now().getTime() + 60_000));
  Object.assign(fleet, { rows: [rowOf(vaultId)], harmless: true, meanwhile });
  await saveVaultFacts(store.db, [{ vaultId, fact: "diagnostics", data: {}, collectedAt: ctx.now() }]);
  const id = (await planTheNight(ctx, new Date(Date.UTC(2026, 10, 25, 11)))) ?? "";
  Object.assign(fleet, { harmless: false, meanwhile: async () => {} });
  await store.db.deleteFrom("setting").execute();
  const ended = await store.db.selectFrom("deployment").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
  const problem = expect.stringContaining("Nothing is left to do");
  expect(ended).toMatchObject({ state: "cancelled", ended_at: ctx.now(), started_at: null, problem });
  // Nobody has decided about its vault: a nightly plan may propose it again.
  expect(await itemsOf(id)).toMatchObject([{ state: "skipped", problem }]);
  expect(await trailOf(id)).toEqual(["deployment.nightly", "deployment.expire"]);
  expect(sent).toEqual([]);
});

test("a plan passes over a vault with a honeytoken, but not one whose honeytoken was deleted", async () => {
  const ctx = { ...ada(), now: () => new Date(Date.UTC(2026, 10, 26, 12)) };
  const vaults = ["kv-gone", "kv-there"].map((name) => parseVaultId(vaultNamed(name)) ?? expect.fail("no vault id"));
  const reasons = ["decoy_removed", "rows_missing"];
  fleet.rows = vaults.map((id, at) => ({ ...rowOf(id), decoys: 1, reason: reasons[at] }));
  const facts = vaults.map((id) => ({ vaultId: id, fact: "diagnostics" as const, data: {}, collectedAt: ctx.now() }));
  await saveVaultFacts(store.db, facts);
  const id = (await planTheNight(ctx, new Date(Date.UTC(2026, 10, 25, 11)))) ?? "";
  const [gone, there] = await itemsOf(id);
  expect(gone?.state).not.toBe("skipped");
  expect(there).toMatchObject({ state: "skipped", plan: { reasons: ["It has a honeytoken already."] } });
});

test("a nightly plan that starts by itself waits until deployments may begin", async () => {
  const at = (hour: number) => ({ ...ada(), now: () => new Date(Date.UTC(2026, 10, 28, hour)) });
  const by = { updated_by_oid: "ada", updated_by_name: "Ada", updated_at: ada().now() };
  const limit = { approvalAboveVaults: 500, defaultSpreadHours: 0, refuseHours: { from: 0, to: 6 } };
  await store.db
    .insertInto("setting")
    .values([
      { ...by, name: "newVaults", value: JSON.stringify({ nightlyPlan: "carry_out", hour: 1 }) },
      { ...by, name: "deployments", value: JSON.stringify(limit) },
    ])
    .execute();
  const nights = async () =>
    (await store.db.selectFrom("audit").select("at").where("action", "=", "deployment.nightly").execute()).length;
  const before = await nights();
  const since = new Date(Date.UTC(2026, 10, 27, 13));
  fleet.rows = [];
  await planTheNight(at(1), since);
  await planTheNight(at(5), since);
  expect(await nights()).toBe(before);
  await planTheNight(at(6), since);
  expect(await nights()).toBe(before + 1);
  await store.db.deleteFrom("setting").execute();
});

test("a plan that could not be made, or was lost with its process, has looked at no vault", async () => {
  const [refused, lost, other] = [await plan(["kv-a"]), await plan(["kv-b"]), await plan(["kv-c"])];
  await store.db.updateTable("deployment").set({ state: "planning" }).where("id", "in", [refused, lost]).execute();
  await giveUpPlan(ada(), refused, new AppError("unavailable", "Azure does not answer."));
  const later = new Date(ada().now().getTime() + 3_600_000);
  await giveUpLostPlans({ db: store.db, now: () => later });
  for (const id of [refused, lost]) {
    expect(await stateOf(id)).toBe("failed");
    expect(await itemsOf(id)).toEqual([]);
  }
  expect(await itemsOf(other)).toHaveLength(1);
});

test("a plan that nobody starts or approves in two weeks is thrown away, and the trail says so", async () => {
  const old = await plan(["kv-a"]);
  const waiting = await plan(["kv-b"], { approval: "needed" });
  await store.db.updateTable("deployment").set({ state: "awaiting_approval" }).where("id", "=", waiting).execute();
  const days = (count: number) => ({ db: store.db, now: () => new Date(adam().now().getTime() + count * 86_400_000) });
  await expirePlans(days(13));
  expect([await stateOf(old), await stateOf(waiting)]).toEqual(["planned", "awaiting_approval"]);
  await expirePlans(days(15));
  for (const id of [old, waiting]) {
    expect(await stateOf(id)).toBe("cancelled");
    // Nobody has decided about its vaults: a nightly plan may propose them again.
    expect(await itemsOf(id)).toMatchObject([{ state: "skipped", problem: expect.stringContaining("Nobody started") }]);
    expect(await trailOf(id)).toEqual(["deployment.expire"]);
    await expect(startDeployment(adam(), { id })).rejects.toMatchObject({ failure: { code: "conflict" } });
  }
});

function rowOf(id: VaultId): BoardRow {
  return {
    id,
    name: vaultIdParts(id).name,
    subscriptionId: "s",
    subscription: "s",
    resourceGroup: "rg",
    location: "westeurope",
    permissionModel: "rbac",
    network: "public",
    state: "unprotected",
    reason: "not_registered",
    decoys: 0,
    mine: false,
    flagged: false,
    deploying: false,
    checkedAt: null,
  };
}

async function trailOf(id: string): Promise<string[]> {
  const rows = await store.db.selectFrom("audit").select(["action", "after"]).orderBy("id").execute();
  return rows.flatMap(({ action, after }) => (JSON.stringify(after).includes(id) ? [action] : []));
}

async function setUsualSpread(defaultSpreadHours: number): Promise<void> {
  const value = JSON.stringify({ approvalAboveVaults: 500, defaultSpreadHours, refuseHours: null });
  const row = { name: "deployments", updated_by_oid: "o", updated_by_name: "o", updated_at: adam().now() };
  await store.db
    .insertInto("setting")
    .values({ ...row, value })
    .execute();
}

async function spreadOf(id: string): Promise<number | undefined> {
  const query = store.db.selectFrom("deployment").select("request").where("id", "=", id);
  return FleetRequest.parse((await query.executeTakeFirstOrThrow()).request).spreadHours;
}

test("single honeytokens are chosen only by those who see their names, in one vault, and never to plant", async () => {
  const selection = { by: "vaults", vaultIds: [vaultNamed("kv-a")] };
  const request = { operation: "replace", selection, decoyIds: [randomUUID()] };
  const wanted = FleetRequest.parse(request);
  await expect(recordPlan(person(randomUUID(), "KeyVault.Owner"), wanted)).rejects.toMatchObject({
    failure: { code: "forbidden", field: "decoyIds" },
  });
  await expect(recordPlan(person(randomUUID(), "Soc.Analyst"), wanted)).resolves.toHaveProperty("id");
  const two = { by: "vaults", vaultIds: [vaultNamed("kv-a"), vaultNamed("kv-b")] };
  for (const wrong of [{ operation: "plant" }, { selection: two }, { selection: { by: "all" } }, { decoyIds: [] }]) {
    expect(FleetRequest.safeParse({ ...request, ...wrong }).error?.issues[0]?.path[0], JSON.stringify(wrong)).toBe(
      "decoyIds",
    );
  }
});

test.each([
  ["as the settings say", undefined, 12],
  ["as fast as Azure allows, when the person says so", 0, 0],
  ["over the hours that the person says", 3, 3],
])("a plan is spread %s", async (_, spreadHours, spread) => {
  await setUsualSpread(12);
  const ctx = person(randomUUID(), "Platform.Admin");
  const selection = { by: "vaults", vaultIds: [vaultNamed("kv-a")] };
  const request = FleetRequest.parse({
    operation: "plant",
    selection,
    ...(spreadHours !== undefined && { spreadHours }),
  });
  const { id } = await recordPlan(ctx, request);
  expect(await spreadOf(id)).toBe(spread);
  await store.db.deleteFrom("setting").execute();
});

import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { parseVaultId } from "@/lib/azure/resource-id.pure";
import type { Config } from "@/lib/config";
import type { AzureAccess, ServiceContext, UserContext } from "@/lib/context";
import type { Store } from "@/lib/store/open";
import { TEST_TENANT, temporaryStore } from "@/lib/store/testing/stores";
import { listOpenGrants, takeBackNow } from "../open-grants";
import { giveReadRight, takeReadRightBack } from "../read-grants";
import { READ_ROLES } from "../read-grants.pure";
import { recordStandingRights } from "../standing-rights";
import { sweepGrants } from "../sweep";
import { ItemPlan } from "../views.pure";
import { assignmentName, LEASE_MS } from "./grants";
import { closeGroupGrants, fallBackToVaultRole, giveGroupGrant } from "./group-grants";
import { claimRuns, type Run } from "./ledger";

// Each runs against a database; on a busy machine that takes its time.
vi.setConfig({ testTimeout: 120_000 });

const PLANTER = "0b0b0b0b-0000-4000-8000-000000000001";
/** As an administrator may have written it into the settings. */
const DRILL = "0B0B0B0B-0000-4000-8000-00000000000D";
const SETTLE_MS = 120_000;
const PLANT_ROLE = "0d0d0d0d-0000-4000-8000-000000000003";
const GROUP = "/subscriptions/00000000-0000-4000-8000-000000000001/resourcegroups/rg";
const VAULTS = ["a", "b"].map((name) => `${GROUP}/providers/microsoft.keyvault/vaults/kv-${name}`);

/** What stands in Azure: assignments by name with their scope, and the vaults of the group. */
const azure = {
  assignments: new Map<string, string>(),
  vaults: [...VAULTS],
  shown: [] as unknown[],
  /** Goes before the next assignment arrives. */
  onTheWay: async () => {},
  /** Goes before the next assignment is answered. */
  answering: async () => {},
};

vi.mock("@/lib/azure/role-assignments", () => ({
  createRoleAssignment: async (_: unknown, { name, scope }: { name: string; scope: string }) => {
    await azure.onTheWay();
    azure.assignments.set(name, scope);
    await azure.answering();
  },
  deleteRoleAssignment: async (_: unknown, { name }: { name: string }) => void azure.assignments.delete(name),
}));
vi.mock("@/lib/azure/vaults", () => ({
  listVaultsOfGroup: async () => azure.vaults,
  getVault: async () => ({ permissionModel: "rbac", accessPolicies: [] }),
}));
vi.mock("@/lib/azure/resource-graph", () => ({
  queryResourceGraph: async (_: unknown, __: string, schema: { parse(row: unknown): unknown }) =>
    azure.shown.map((row) => schema.parse(row)),
}));

/** The vaults and groups that the person may read. */
let readable: string[] = [];
vi.mock("@/lib/coverage/visible", () => ({
  readableOf: async (_: unknown, ids: Iterable<string>) => new Set([...ids].filter((id) => readable.includes(id))),
}));

let store: Store;
let now = Date.parse("2026-11-22T10:00:00Z");
beforeAll(async () => {
  store = await temporaryStore();
}, 180_000);
afterAll(() => store?.close());
beforeEach(async () => {
  azure.assignments.clear();
  azure.vaults = [...VAULTS];
  azure.shown = [];
  azure.onTheWay = async () => {};
  azure.answering = async () => {};
  readable = [GROUP, ...VAULTS];
  now += 3 * LEASE_MS;
  // A test leaves no right on record and no vault under way for the next one.
  await store.db.deleteFrom("deployment_grant").execute();
  await store.db.updateTable("deployment_item").set({ state: "done", claim: null }).execute();
});

function service(): ServiceContext {
  const identity = { clientId: PLANTER, objectId: PLANTER };
  const access = {} as AzureAccess; // passed on to the fakes only, which ignore it
  return {
    config: {
      tenantId: TEST_TENANT,
      plantRoleId: PLANT_ROLE,
      timing: { ambiguousWriteSettle: SETTLE_MS },
      identities: {
        collector: identity,
        registrar: identity,
        planter: identity,
        granter: identity,
        drill: { ...identity, objectId: DRILL },
      },
    } as Config, // the parts of it that giving a right reads
    db: store.db,
    jobs: { enqueue: async () => {} },
    azure: { collector: access, registrar: access, planter: access, granter: access, drill: access },
    now: () => new Date(now),
  };
}

function person(): UserContext {
  const user = { tid: TEST_TENANT, oid: "ada", name: "Ada", upn: undefined, roles: ["Platform.Admin" as const] };
  return { ...service(), user, asUser: service().azure.collector, requestId: "r" };
}

/** A deployment under way over both vaults of the group, as its worker has it in hand. */
async function deploymentUnderWay(spreadHours = 0): Promise<{ id: string; runs: Run[] }> {
  const id = randomUUID();
  const at = new Date(now);
  await store.db
    .insertInto("deployment")
    .values({
      ...{ id, requested_by_tid: TEST_TENANT, requested_by_oid: "ada", requested_by_name: "Ada" },
      ...{ kind: "secret", state: "running", total: VAULTS.length, created_at: at, started_at: at },
      request: JSON.stringify({ spreadHours }),
    })
    .execute();
  const runs: Run[] = [];
  for (const vaultId of VAULTS) {
    const itemId = randomUUID();
    await store.db
      .insertInto("deployment_item")
      .values({
        ...{ id: itemId, deployment_id: id, vault_id: vaultId, state: "queued", kind: "secret", count: 1 },
        plan: JSON.stringify({ grant: "group_role", warnings: [], reasons: [] }),
        ...{ created_at: at, updated_at: at },
      })
      .execute();
    runs.push(...(await claimRuns(service(), { itemId }, randomUUID())));
  }
  return { id, runs };
}

/** Every vault of a deployment is done. */
async function end(id: string): Promise<void> {
  await store.db.updateTable("deployment_item").set({ state: "done" }).where("deployment_id", "=", id).execute();
}

/** How far one step of a vault is. */
async function stepOf({ item }: Run, step: string, state: "running" | "done"): Promise<void> {
  await store.db
    .insertInto("deployment_step")
    .values({ item_id: item.id, step, state, detail: "", data: JSON.stringify({}), started_at: new Date(now) })
    .onConflict((conflict) => conflict.columns(["item_id", "step"]).doUpdateSet({ state }))
    .execute();
}

const standing = () => [...azure.assignments.values()];

describe("a role at a resource group", () => {
  test("is given once for all vaults and taken back when the last one is done", async () => {
    const { id, runs } = await deploymentUnderWay();
    await Promise.all(runs.map((run) => giveGroupGrant(service(), run, "plant")));
    expect(standing()).toEqual([GROUP]);
    expect(await closeGroupGrants(service(), id)).toBe(0);
    await end(id);
    expect(await closeGroupGrants(service(), id)).toBe(1);
    expect(standing()).toEqual([]);
  });

  test.each(["queued", "running"] as const)(
    "stays while one vault of the group is %s and has not given it back",
    async (state) => {
      const { id, runs } = await deploymentUnderWay();
      const [first, last] = runs;
      if (!first || !last) throw new Error("nothing under way");
      await giveGroupGrant(service(), first, "plant");
      await store.db.updateTable("deployment_item").set({ state: "done" }).where("id", "=", first.item.id).execute();
      await store.db.updateTable("deployment_item").set({ state }).where("id", "=", last.item.id).execute();
      // Planted, but the right to it may be needed once more.
      await stepOf(last, "plant", "done");
      await stepOf(last, "revoke", "running");
      expect(await closeGroupGrants(service(), id)).toBe(0);
      expect(standing()).toEqual([GROUP]);
      await stepOf(last, "revoke", "done");
      expect(await closeGroupGrants(service(), id)).toBe(1);
      expect(standing()).toEqual([]);
    },
  );

  test("is not given when a vault has come into the group since the plan; each vault then gets its own", async () => {
    const { runs } = await deploymentUnderWay();
    azure.vaults.push(`${GROUP}/providers/microsoft.keyvault/vaults/kv-new`);
    const [run] = runs;
    if (!run) throw new Error("nothing under way");
    expect(await giveGroupGrant(service(), run, "plant")).toBe("reaches too far");
    expect(standing()).toEqual([]);
    await fallBackToVaultRole(service(), run);
    const items = await store.db
      .selectFrom("deployment_item")
      .select("plan")
      .where("deployment_id", "=", run.deployment.id)
      .execute();
    for (const { plan } of [...items, run.item]) expect(ItemPlan.parse(plan).grant).toBe("vault_role");
  });

  test("is none in a spread deployment: not given where an older version planned it, and taken back where one stands", async () => {
    const { id, runs } = await deploymentUnderWay();
    const [run] = runs;
    if (!run) throw new Error("nothing under way");
    await giveGroupGrant(service(), run, "plant");
    await store.db
      .updateTable("deployment")
      .set({ request: JSON.stringify({ spreadHours: 4_320 }) })
      .where("id", "=", id)
      .execute();
    // The other vault still waits for its turn.
    expect(await closeGroupGrants(service(), id)).toBe(1);
    expect(standing()).toEqual([]);
    await end(id);
    const spread = await deploymentUnderWay(4_320);
    for (const one of spread.runs) expect(await giveGroupGrant(service(), one, "plant")).toBe("reaches too far");
    expect(standing()).toEqual([]);
  });

  test("leaves audit rows about the group, so that only those see them who may read a vault there", async () => {
    const { id, runs } = await deploymentUnderWay();
    const [run] = runs;
    if (!run) throw new Error("nothing under way");
    await giveGroupGrant(service(), run, "plant");
    await end(id);
    await closeGroupGrants(service(), id);
    const about = await store.db
      .selectFrom("audit")
      .select(["action", "vault_id", "result"])
      .where("at", "=", new Date(now))
      .orderBy("id")
      .execute();
    expect(about).toEqual([
      { action: "grant.give", vault_id: GROUP, result: "ok" },
      { action: "grant.revoke", vault_id: GROUP, result: "ok" },
    ]);
  });

  test("that an earlier deployment could not take back is the next one's, and not taken away from under it", async () => {
    const first = await deploymentUnderWay();
    const [early] = first.runs;
    if (!early) throw new Error("nothing under way");
    await giveGroupGrant(service(), early, "plant");
    await end(first.id);
    now += LEASE_MS / 2;
    const second = await deploymentUnderWay();
    const [late] = second.runs;
    if (!late) throw new Error("nothing under way");
    expect(await giveGroupGrant(service(), late, "plant")).toMatchObject({ state: "given" });
    expect(await closeGroupGrants(service(), first.id)).toBe(0);
    // Over for the first one, not for the second.
    now += LEASE_MS / 2 + 60_000;
    expect(await sweepGrants(service())).toBe(0);
    expect(standing()).toEqual([GROUP]);
    await end(second.id);
    expect(await closeGroupGrants(service(), second.id)).toBe(1);
    expect(standing()).toEqual([]);
  });
});

test.each(["answers", "breaks off"])(
  "a role that reaches its group when another process has ended the deployment, where Azure %s, is the sweeper's",
  async (answer) => {
    const { id, runs } = await deploymentUnderWay();
    const [run] = runs;
    if (!run) throw new Error("nothing under way");
    azure.onTheWay = async () => {
      await end(id);
      expect(await closeGroupGrants(service(), id)).toBe(1);
    };
    azure.answering = async () => {
      if (answer === "breaks off") throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
    };
    const given = giveGroupGrant(service(), run, "plant");
    if (answer === "answers") expect(await given).toBe("busy");
    else await expect(given).rejects.toThrow("socket hang up");
    expect(standing()).toEqual([GROUP]);
    now += SETTLE_MS + 1;
    expect(await sweepGrants(service())).toBe(1);
    expect(standing()).toEqual([]);
  },
);

test("a drill's right that was asked for without an answer is taken back once it has surely arrived, and not before", async () => {
  const vaultId = parseVaultId(VAULTS[0] ?? "");
  if (!vaultId) throw new Error("no vault id");
  const [drillId, reader, at] = [randomUUID(), DRILL.toLowerCase(), new Date(now)];
  const by = { tid: TEST_TENANT, oid: "ada", name: "Ada" };
  await store.db
    .insertInto("drill")
    .values({
      ...{ id: drillId, vault_id: vaultId, origin: "person", identity_oid: reader, state: "queued" },
      ...{ requested_by_tid: by.tid, requested_by_oid: by.oid, requested_by_name: by.name },
      ...{ requested_at: at, not_before: at },
    })
    .execute();
  const reading = { drillId, vaultId, kind: "secret" as const, principalOid: reader, by };
  const name = assignmentName(service(), vaultId, READ_ROLES.secret.id, reader);
  azure.onTheWay = async () => {
    throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
  };
  await expect(giveReadRight(service(), reading)).rejects.toThrow("socket hang up");
  expect(await takeReadRightBack(service(), drillId, by)).toBe(false);
  // As a process that comes after a killed one.
  expect(await giveReadRight(service(), reading)).toBe("busy");
  now += SETTLE_MS - 1;
  azure.assignments.set(name, vaultId);
  expect(await takeReadRightBack(service(), drillId, by)).toBe(false);
  now++;
  expect(await takeReadRightBack(service(), drillId, by)).toBe(true);
  expect(standing()).toEqual([]);
});

describe("an assignment that no record knows, as after a lost database", () => {
  const [vault = ""] = VAULTS;
  const shown = (scope: string, minutesAgo: number, name = assignmentName(service(), scope, PLANT_ROLE)) => {
    azure.assignments.set(name, scope);
    const created = new Date(now - minutesAgo * 60_000).toISOString();
    const principal = service().config.identities.planter.objectId;
    return { id: `${scope}/${name}`, name, scope, role: PLANT_ROLE, principal, created };
  };

  test.each([
    ["a vault", vault],
    ["a group", GROUP],
  ])("is taken back at %s when its time would have been over", async (_, scope) => {
    azure.shown = [shown(scope, 19)];
    expect(await recordStandingRights(service())).toBe(0);
    now += 2 * 60_000;
    expect(await recordStandingRights(service())).toBe(1);
    expect(await recordStandingRights(service())).toBe(0);
    expect(await sweepGrants(service())).toBe(1);
    expect(standing()).toEqual([]);
    // Resource Graph still shows it for a while.
    expect(await recordStandingRights(service())).toBe(0);
  });

  test.each(["secret", "key"] as const)(
    "that a drill left to read a %s is found again, shown and taken back",
    async (kind) => {
      const reader = DRILL.toLowerCase();
      const role = READ_ROLES[kind].id;
      // Named as a drill names it: by the identity that its own record has.
      const right = { ...shown(vault, 19, assignmentName(service(), vault, role, reader)), role, principal: reader };
      // Under another name, for another principal or with another role it is not ours.
      azure.shown = [
        right,
        { ...shown(vault, 60, randomUUID()), role, principal: reader },
        { ...shown(vault, 60, right.name), role },
        { ...right, role: PLANT_ROLE },
      ];
      expect(await recordStandingRights(service())).toBe(0);
      now += 2 * 60_000;
      expect(await recordStandingRights(service())).toBe(1);
      expect((await listOpenGrants(person())).grants).toMatchObject([
        { scope: vault, at: "vault", purpose: "read", what: "Role to list and read", drill: false },
      ]);
      expect(await sweepGrants(service())).toBe(1);
      expect(azure.assignments.has(right.name)).toBe(false);
      expect(standing()).toHaveLength(1);
      // Resource Graph still shows it for a while.
      expect(await recordStandingRights(service())).toBe(0);
    },
  );

  test("is shown to those who may read a vault that it is about, and taken back by them alone", async () => {
    const { runs } = await deploymentUnderWay();
    const [run] = runs;
    if (!run) throw new Error("nothing under way");
    await giveGroupGrant(service(), run, "plant");
    const { grants } = await listOpenGrants(person());
    expect(grants).toMatchObject([{ scope: GROUP, at: "group" }]);
    readable = VAULTS.slice(1);
    expect(await listOpenGrants(person())).toMatchObject({ grants: [], leftOut: 1 });
    const id = grants[0]?.id ?? "";
    await expect(takeBackNow(person(), { id })).rejects.toThrow("not open any more");
    expect(standing()).toHaveLength(1);
    readable = [GROUP];
    expect(await takeBackNow(person(), { id })).toEqual({ taken: true });
    expect(standing()).toEqual([]);
    expect(await listOpenGrants(person())).toMatchObject({ grants: [], leftOut: 0 });
  });

  test("stays when it is not ours, or when a record of ours stands", async () => {
    const { runs } = await deploymentUnderWay();
    const [run] = runs;
    if (!run) throw new Error("nothing under way");
    await giveGroupGrant(service(), run, "plant");
    azure.shown = [shown(GROUP, 60), shown(vault, 60, randomUUID())];
    expect(await recordStandingRights(service())).toBe(0);
    expect(await sweepGrants(service())).toBe(0);
    expect(standing()).toHaveLength(2);
  });
});

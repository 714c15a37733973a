import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Config } from "@/lib/config";
import type { AzureAccess, ServiceContext } from "@/lib/context";
import type { Store } from "@/lib/store/open";
import { TEST_TENANT, temporaryStore } from "@/lib/store/testing/stores";
import { recordStandingRights } from "../standing-rights";
import { sweepGrants } from "../sweep";
import { ItemPlan } from "../views.pure";
import { assignmentName, LEASE_MS } from "./grants";
import { closeGroupGrants, fallBackToVaultRole, giveGroupGrant } from "./group-grants";
import { claimRuns, type Run } from "./ledger";

// Each runs against a database; on a busy machine that takes its time.
vi.setConfig({ testTimeout: 120_000 });

const PLANTER = "0b0b0b0b-0000-4000-8000-000000000001";
const PLANT_ROLE = "0d0d0d0d-0000-4000-8000-000000000003";
const GROUP = "/subscriptions/00000000-0000-4000-8000-000000000001/resourcegroups/rg";
const VAULTS = ["a", "b"].map((name) => `${GROUP}/providers/microsoft.keyvault/vaults/kv-${name}`);

/** What stands in Azure: assignments by name with their scope, and the vaults of the group. */
const azure = { assignments: new Map<string, string>(), vaults: [...VAULTS], shown: [] as unknown[] };

vi.mock("@/lib/azure/role-assignments", () => ({
  createRoleAssignment: async (_: unknown, { name, scope }: { name: string; scope: string }) =>
    void azure.assignments.set(name, scope),
  deleteRoleAssignment: async (_: unknown, { name }: { name: string }) => void azure.assignments.delete(name),
}));
vi.mock("@/lib/azure/vaults", () => ({ listVaultsOfGroup: async () => azure.vaults }));
vi.mock("@/lib/azure/resource-graph", () => ({
  queryResourceGraph: async (_: unknown, __: string, schema: { parse(row: unknown): unknown }) =>
    azure.shown.map((row) => schema.parse(row)),
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
      identities: { collector: identity, registrar: identity, planter: identity, granter: identity, drill: identity },
    } as Config, // the parts of it that giving a right reads
    db: store.db,
    jobs: { enqueue: async () => {} },
    azure: { collector: access, registrar: access, planter: access, granter: access, drill: access },
    now: () => new Date(now),
  };
}

/** A deployment under way over both vaults of the group, as its worker has it in hand. */
async function deploymentUnderWay(): Promise<{ id: string; runs: Run[] }> {
  const id = randomUUID();
  const at = new Date(now);
  await store.db
    .insertInto("deployment")
    .values({
      ...{ id, requested_by_tid: TEST_TENANT, requested_by_oid: "ada", requested_by_name: "Ada" },
      ...{ kind: "secret", state: "running", total: VAULTS.length, created_at: at, started_at: at },
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

describe("an assignment that no record knows, as after a lost database", () => {
  const [vault = ""] = VAULTS;
  const shown = (scope: string, minutesAgo: number, name = assignmentName(service(), scope, PLANT_ROLE)) => {
    azure.assignments.set(name, scope);
    const created = new Date(now - minutesAgo * 60_000).toISOString();
    return { id: `${scope}/${name}`, name, scope, role: PLANT_ROLE, created };
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

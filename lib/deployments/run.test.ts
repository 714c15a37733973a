import { randomUUID } from "node:crypto";
import fc from "fast-check";
import type { KyselyPlugin } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { VaultId } from "@/lib/azure/resource-id.pure";
import type { Config } from "@/lib/config";
import type { AzureAccess, ServiceContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { harmlessFacts, loader, readBy, unknownFacts } from "@/lib/safety/testing/facts";
import type { Store } from "@/lib/store/open";
import { TEST_TENANT, temporaryStore } from "@/lib/store/testing/stores";
import { claimRuns, releaseDeadClaims } from "./internal/ledger";
import { readDeployment } from "./read";
import { advance, releaseItem } from "./run";
import { recordDeployment } from "./start";
import { sweepGrants } from "./sweep";
import { FakeAzure, fakeVaultId, MISHAPS, type Mishap, PLANTER, SOMEBODY } from "./testing/fake-azure";

// Each runs against a database; on a busy machine that takes its time.
vi.setConfig({ testTimeout: 120_000 });

let fake: FakeAzure;
let store: Store;
let vaults = 0;

vi.mock("@/lib/azure/vaults", () => ({
  getVault: () => fake.call(() => fake.vault()),
  listSecretNamesByArm: () =>
    fake.call(() => fake.objects.filter((one) => one.kind === "secret").map((one) => one.name)),
  listKeyNamesByArm: () => fake.call(() => fake.objects.filter((one) => one.kind === "key").map((one) => one.name)),
  addAccessPolicy: (_: unknown, __: unknown, entry: Parameters<FakeAzure["addPolicy"]>[0]) =>
    fake.call(() => fake.addPolicy(entry)),
  removeAccessPolicy: (_: unknown, __: unknown, entry: Parameters<FakeAzure["removePolicy"]>[0]) =>
    fake.call(() => fake.removePolicy(entry)),
}));
vi.mock("@/lib/azure/permissions", () => ({
  permissionsOf: () =>
    fake.call(() => [{ actions: ["Microsoft.KeyVault/*"], notActions: [], dataActions: [], notDataActions: [] }]),
}));
vi.mock("@/lib/azure/diagnostics", () => ({
  listDiagnosticSettings: () =>
    fake.call(() => [{ name: "d", workspaceId: "/w", table: "AZKVAuditLogs", audit: fake.auditLog }]),
}));
vi.mock("@/lib/azure/role-assignments", () => ({
  createRoleAssignment: (_: unknown, { name }: { name: string }) =>
    fake.call(() => void (fake.assignments.has(name) || fake.assignments.set(name, fake.now))),
  deleteRoleAssignment: (_: unknown, { name }: { name: string }) => fake.call(() => void fake.assignments.delete(name)),
}));
vi.mock("@/lib/azure/watchlists", () => ({
  ensureWatchlist: () => fake.call(() => "existed"),
  putWatchlistItem: (_: unknown, __: string, ___: string, id: string, fields: Record<string, string>) =>
    fake.call(() => fake.putRow(id, fields)),
  deleteWatchlistItem: (_: unknown, __: string, ___: string, id: string) => fake.call(() => void fake.rows.delete(id)),
}));
vi.mock("@/lib/safety/gather", () => ({
  // As the real one: what a source does not say is unknown, and no failure.
  gatherSafety: async (_: unknown, vaultIds: readonly VaultId[]) => {
    try {
      return await fake.call(() => new Map(vaultIds.map((id) => [id, { ...harmlessFacts(id), ...fake.facts }])));
    } catch (error) {
      if (error instanceof AppError) return new Map(vaultIds.map((id) => [id, unknownFacts(id)]));
      throw error;
    }
  },
}));
vi.mock("@/lib/azure/key-vault", () => {
  const live = (kind: string) => () =>
    fake.call(() => {
      fake.requireRight(kind === "secret" ? "secret" : "key", false);
      return fake.objects
        .filter((one) => one.kind === kind && !one.deleted)
        .map(({ name }) => ({ name, enabled: true, created: new Date(fake.now), updated: undefined, managed: false }));
    });
  const deleted = (kind: string) => () =>
    fake.call(() => fake.objects.filter((one) => one.kind === kind && one.deleted).map(({ name }) => ({ name })));
  return {
    listSecrets: live("secret"),
    listKeys: live("key"),
    listDeletedSecrets: deleted("secret"),
    listDeletedKeys: deleted("key"),
    setSecretOnce: (_: unknown, __: string, { name }: { name: string }) =>
      fake.call(() => fake.write("secret", name), true),
    createKeyOnce: (_: unknown, __: string, { name }: { name: string }) =>
      fake.call(() => fake.write("key", name), true),
  };
});
vi.mock("@/lib/azure/logs", () => ({
  queryLogs: (
    _: unknown,
    __: string,
    { kql, parameters }: { kql: string; parameters: { tokenKeys?: string[]; since?: Date } },
    schema: { parse(row: unknown): unknown },
  ) => fake.call(() => fake.query(kql, parameters.tokenKeys ?? [], parameters.since).map((row) => schema.parse(row))),
}));

/** Lets a mishap end the process at a statement to our own database; the transaction is rolled back, as by a kill. */
const cutting: KyselyPlugin = {
  transformQuery: ({ node }) => {
    fake.statement();
    return node;
  },
  transformResult: async ({ result }) => result,
};

beforeAll(async () => {
  store = await temporaryStore();
}, 240_000);
afterAll(() => store.close());
beforeEach(() => {
  vaults++;
});

function service(): ServiceContext {
  const objectId = PLANTER;
  const identity = { clientId: PLANTER, objectId };
  const minute = 60_000;
  const config = {
    tenantId: TEST_TENANT,
    identities: { collector: identity, registrar: identity, planter: identity, granter: identity, drill: identity },
    workspace: { resourceId: "/w", customerId: "w" },
    watchlistAlias: "HoneyTokens",
    plantRoleId: "0d0d0d0d-0000-4000-8000-000000000003",
    timing: {
      poll: 20_000,
      grantRetryFor: 10 * minute,
      registerVisibleWithin: 15 * minute,
      rowsAwaitedFor: 90 * minute,
      ambiguousWriteSettle: 2 * minute,
    },
  } as Config; // the parts of it that a planting reads
  const access = {} as AzureAccess; // passed on to the fakes only, which ignore it
  return {
    config,
    db: store.db.withPlugin(cutting),
    jobs: { enqueue: async () => {} },
    azure: { collector: access, registrar: access, planter: access, granter: access, drill: access },
    now: () => new Date(fake.now),
  };
}

interface Wish {
  kind?: "secret" | "key";
  count?: number;
  name?: string;
  acceptUnknownReaders?: boolean;
}

async function record({
  kind = "secret",
  count = 1,
  name,
  acceptUnknownReaders = false,
}: Wish): Promise<{ deployment: string; item: string }> {
  const user = { tid: TEST_TENANT, oid: SOMEBODY, name: "Kim" };
  const context = { db: store.db, now: () => new Date(fake.now) };
  const deployment = await recordDeployment(context, user, fake.vaultId, {
    kind,
    count,
    acceptUnknownReaders,
    ...(name && { name }),
  });
  const row = await store.db
    .selectFrom("deployment_item")
    .select("id")
    .where("deployment_id", "=", deployment)
    .executeTakeFirstOrThrow();
  return { deployment, item: row.id };
}

/** Carries the item to its end through waits and kills; fails when it never ends. */
async function carry(item: string, kills = 50): Promise<string> {
  for (let round = 0; round < 300; round++) {
    try {
      // A process of its own: nothing that the one before it kept in memory is left.
      if (await carryInOneProcess(service(), item, round)) return await stateOf(item);
    } catch (error) {
      // A kill, also inside the few statements that look what is left to do.
      if (!(error instanceof Error && error.message === "killed") || kills-- === 0) throw error;
    }
  }
  throw new Error("The item never ended.");
}

/** True when the item has ended; false when the process let it go, as before a long wait. */
async function carryInOneProcess(context: ServiceContext, item: string, round: number): Promise<boolean> {
  await releaseDeadClaims(store.db);
  const [run] = await claimRuns(context, { itemId: item }, randomUUID());
  if (!run) return true;
  for (let steps = 0; steps < 3_000; steps++) {
    const progress = await advance(context, run);
    if (progress.is === "ended") return true;
    if (progress.is === "on") continue;
    fake.now += progress.ms;
    // Waits are slept in the process or not.
    if ((steps + round) % 3 === 0) {
      await releaseItem(context, run, null);
      return false;
    }
  }
  return false;
}

async function stateOf(item: string): Promise<string> {
  const row = await store.db
    .selectFrom("deployment_item")
    .select("state")
    .where("id", "=", item)
    .executeTakeFirstOrThrow();
  return row.state;
}

async function decoysOf(item: string) {
  return store.db.selectFrom("decoy").selectAll().where("item_id", "=", item).execute();
}

/** What must hold after every planting, however it ended. */
async function faultsAfter(item: string, policiesBefore: string): Promise<string[]> {
  const faults = [...fake.violations];
  if (fake.assignments.size > 0) faults.push("a role assignment is left");
  if (JSON.stringify(fake.policies) !== policiesBefore) faults.push("the access policies are not as before");
  const registered = new Set([...fake.rows.values()].map((row) => row.fields.TokenKey));
  for (const object of fake.objects.filter((one) => one.versions.some((version) => version.by === PLANTER))) {
    const key = `${fake.vaultId}/${object.kind}s/${object.name.toLowerCase()}`;
    if (!registered.has(key)) faults.push("a decoy is not registered");
    if (object.versions.filter((version) => version.by === PLANTER).length > 1)
      faults.push("a decoy was written twice");
  }
  const used = new Set(fake.objects.map((one) => `${fake.vaultId}/${one.kind}s/${one.name.toLowerCase()}`));
  for (const row of fake.rows.values()) {
    if (!used.has(row.fields.TokenKey ?? "")) faults.push("a row is registered without an object");
  }
  const decoys = await decoysOf(item);
  const live = decoys.filter((decoy) => decoy.state === "live");
  if (live.some((decoy) => decoy.version === null || decoy.confirmed_at === null))
    faults.push("live but not confirmed");
  return faults;
}

function start(model: "rbac" | "policies"): FakeAzure {
  fake = new FakeAzure(fakeVaultId(vaults), model);
  fake.policies = [
    { tenantId: "t", objectId: SOMEBODY, secrets: ["get"], keys: [] },
    { tenantId: "t", objectId: PLANTER, secrets: ["list"], keys: ["get"] },
  ];
  for (const name of ["payments-db-password", "payments-api-key", "orders-bus-connection"]) {
    fake.put("secret", name, SOMEBODY);
  }
  return fake;
}

describe.each(["rbac", "policies"] as const)("planting on a vault with %s", (model) => {
  test("plants what was asked for, publishes it and leaves no right behind", async () => {
    start(model);
    const before = JSON.stringify(fake.policies);
    const { item, deployment } = await record({ kind: "secret", count: 2 });
    expect(await carry(item)).toBe("done");
    expect(await faultsAfter(item, before)).toEqual([]);
    expect(fake.objects).toHaveLength(5);
    expect([...fake.rows.values()].map((row) => row.fields.State)).toEqual(["live", "live"]);
    const decoys = await decoysOf(item);
    expect(decoys.map((decoy) => decoy.state)).toEqual(["live", "live"]);
    expect(new Set(decoys.map((decoy) => decoy.value_hash)).size).toBe(2);
    const viewer = { ...service(), user: { tid: TEST_TENANT, oid: SOMEBODY, name: "Kim", upn: undefined, roles: [] } };
    const view = await readDeployment({ ...viewer, asUser: viewer.azure.drill, requestId: "r" }, deployment);
    expect(view.items[0]?.steps.map((step) => step.state)).toEqual(Array(9).fill("done"));
    for (const { name } of decoys) expect(JSON.stringify(view).toLowerCase()).not.toContain(name.toLowerCase());
  });

  test("a register that never shows the row plants nothing and takes everything back", async () => {
    start(model).registerStuck = true;
    const before = JSON.stringify(fake.policies);
    const { item } = await record({});
    expect(await carry(item)).toBe("failed");
    expect(await faultsAfter(item, before)).toEqual([]);
    expect(fake.rows.size).toBe(0);
    expect(fake.objects).toHaveLength(3);
  });

  test("a name that somebody takes in the last moment is left to them", async () => {
    start(model);
    const { item } = await record({ kind: "key" });
    fake.call = ((original) =>
      async function (this: FakeAzure, work) {
        const decoys = await decoysOf(item);
        // As soon as the register shows the row, and before the planter lists.
        if (decoys[0] && this.visibleRows().length > 0 && !this.find("key", decoys[0].name)) {
          this.put("key", decoys[0].name, SOMEBODY);
        }
        return original.call(this, work);
      } as typeof fake.call)(fake.call);
    expect(await carry(item)).toBe("failed");
    expect(fake.violations).toEqual([]);
    expect(fake.rows.size).toBe(0);
    expect(fake.objects.flatMap((one) => one.versions).every((version) => version.by === SOMEBODY)).toBe(true);
  });
});

test("two creations under one name are reported to a person, and nothing is deleted", async () => {
  start("rbac");
  const { item } = await record({});
  fake.meanwhile = () => {
    const wanted = [...fake.rows.values()][0]?.fields.HoneyToken ?? "";
    // Between our list and our write: what no check can exclude.
    fake.put("secret", wanted, SOMEBODY);
    fake.meanwhile = undefined;
  };
  expect(await carry(item)).toBe("needs_person");
  const [decoy] = await decoysOf(item);
  expect(fake.find("secret", decoy?.name ?? "")?.versions).toHaveLength(2);
  expect(fake.rows.size).toBe(1);
  expect(fake.assignments.size).toBe(0);
});

test("an unanswered write that was made is adopted only when the audit log proves it", async () => {
  start("rbac");
  const { item } = await record({});
  const write = fake.write.bind(fake);
  fake.write = (kind, name) => {
    write(kind, name);
    throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
  };
  expect(await carry(item)).toBe("done");
  const [decoy] = await decoysOf(item);
  expect(fake.find("secret", decoy?.name ?? "")?.versions.map((version) => version.version)).toEqual([decoy?.version]);
});

test.each([
  ["whose token is refused", "token refused"],
  ["that a busy vault refuses", "throttled"],
] as const)("a write %s is sent again, once it is taken", async (_, what) => {
  start("rbac").mishaps = [0, 1, 2].map((at) => ({ what, at, of: "writes" }));
  const { item } = await record({});
  expect(await carry(item)).toBe("done");
  const [decoy] = await decoysOf(item);
  expect(fake.find("secret", decoy?.name ?? "")?.versions).toHaveLength(1);
  expect(await faultsAfter(item, JSON.stringify(fake.policies))).toEqual([]);
});

test("a vault that never stops asking to slow down is given up, with the reason and nothing left", async () => {
  start("rbac");
  const before = JSON.stringify(fake.policies);
  const { item } = await record({});
  fake.write = () => {
    const cause = Object.assign(new Error("refused"), { statusCode: 429 });
    throw new AppError("throttled", "Azure asks to slow down.", { fix: "Wait.", retryAfterSeconds: 60 }, cause);
  };
  expect(await carry(item)).toBe("failed");
  expect(await faultsAfter(item, before)).toEqual([]);
  expect(fake.rows.size).toBe(0);
  const { problem } = await store.db
    .selectFrom("deployment_item")
    .select("problem")
    .where("id", "=", item)
    .executeTakeFirstOrThrow();
  expect(problem).toBe("Azure asks to slow down. Wait.");
});

test("an unanswered write after which somebody else's object stands there is a person's to decide", async () => {
  start("rbac");
  const { item } = await record({});
  fake.write = (kind, name) => {
    fake.put(kind, name, SOMEBODY);
    throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
  };
  expect(await carry(item)).toBe("needs_person");
  expect(fake.rows.size).toBe(1);
  expect(fake.assignments.size).toBe(0);
});

test("the sweeper takes back the right of a job whose process never came back, and the job gets it anew", async () => {
  start("policies");
  const before = JSON.stringify(fake.policies);
  const { item } = await record({});
  const context = service();
  const [run] = await claimRuns(context, { itemId: item }, randomUUID());
  while (run && JSON.stringify(fake.policies) === before) await advance(context, run);
  expect(await sweepGrants(context)).toBe(0);
  fake.now += 3 * 3_600_000;
  expect(await sweepGrants(context)).toBe(1);
  expect(JSON.stringify(fake.policies)).toBe(before);
  expect(await carry(item)).toBe("done");
  expect(await faultsAfter(item, before)).toEqual([]);
});

test("a vault without audit log, or out of reach, is not planted in", async () => {
  for (const change of [{ auditLog: false }, { network: "firewall" as const }]) {
    vaults++;
    Object.assign(start("rbac"), change);
    const { item } = await record({});
    expect(await carry(item)).toBe("failed");
    expect(fake.rows.size).toBe(0);
    expect(fake.assignments.size).toBe(0);
  }
});

test("the safety check is made again when the run starts: what became dangerous is not planted in", async () => {
  start("rbac").facts = { readers: readBy(loader("secret")) };
  const { item } = await record({});
  expect(await carry(item)).toBe("failed");
  expect([fake.rows.size, fake.assignments.size, fake.objects.length]).toEqual([0, 0, 3]);
  vaults++;
  start("rbac").facts = { readers: readBy(loader("secret")) };
  expect(await carry((await record({ kind: "key" })).item)).toBe("done");
});

test("a risk that was taken when it was asked for is taken in the run, and only then", async () => {
  for (const acceptUnknownReaders of [false, true]) {
    vaults++;
    start("rbac").facts = { readers: { known: true, value: { ...readBy().value, days: 3 } } };
    const { item } = await record({ acceptUnknownReaders });
    expect(await carry(item)).toBe(acceptUnknownReaders ? "done" : "failed");
  }
});

test("a source of the safety check that never answers is no leave to plant a secret", async () => {
  const nothing = { known: false, why: "Azure did not answer." } as const;
  start("rbac").facts = { readers: nothing };
  const { item } = await record({});
  const began = fake.now;
  expect(await carry(item)).toBe("failed");
  expect(fake.now - began).toBeGreaterThan(9 * 60_000);
  // Asked less and less often: a fleet that asks every few seconds uses up the limits of everybody else.
  expect(fake.steps).toBeLessThan(200);
  expect(fake.objects).toHaveLength(3);
});

test("only one deployment runs for a vault at a time", async () => {
  start("rbac");
  await record({});
  await expect(record({})).rejects.toMatchObject({ failure: { code: "conflict" } });
});

const what = fc.constantFrom(...MISHAPS);
const mishap: fc.Arbitrary<Mishap> = fc.oneof(
  fc.record({ what, at: fc.integer({ min: 0, max: 260 }), of: fc.constant("steps" as const) }),
  fc.record({ what, at: fc.integer({ min: 0, max: 4 }), of: fc.constant("writes" as const) }),
);

test("whatever befalls it: no decoy twice, none unwatched, nothing foreign touched, no right left", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("rbac" as const, "policies" as const),
      fc.constantFrom("secret" as const, "key" as const),
      fc.integer({ min: 1, max: 3 }),
      fc.array(mishap, { maxLength: 8 }),
      async (model, kind, count, mishaps) => {
        vaults++;
        start(model).mishaps = mishaps;
        const before = JSON.stringify(fake.policies);
        const { item } = await record({ kind, count });
        expect(await carry(item)).toBe("done");
        expect(await faultsAfter(item, before)).toEqual([]);
        expect(fake.objects).toHaveLength(3 + count);
      },
    ),
    { numRuns: 25 },
  );
}, 300_000);

test("of all that was done here, in success, failure and repair, no audit row holds the name of a decoy", async () => {
  const decoys = await store.db.selectFrom("decoy").select("name").distinct().execute();
  const rows = await store.db.selectFrom("audit").selectAll().execute();
  const actions = new Set(rows.map(({ action }) => action));
  for (const action of ["deployment.start", "register.add", "decoy.write", "register.publish"]) {
    expect(actions).toContain(action);
  }
  expect(decoys.length).toBeGreaterThan(10);
  const text = JSON.stringify(rows).toLowerCase();
  for (const { name } of decoys) expect(text).not.toContain(name.toLowerCase());
});

import { randomUUID } from "node:crypto";
import fc from "fast-check";
import type { KyselyPlugin } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { toAppError } from "@/lib/azure/parse-error";
import type { VaultId } from "@/lib/azure/resource-id.pure";
import type { Config } from "@/lib/config";
import type { AzureAccess, ServiceContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { harmlessFacts, loader, readBy, unknownFacts } from "@/lib/safety/testing/facts";
import type { Store } from "@/lib/store/open";
import { TEST_TENANT, temporaryStore } from "@/lib/store/testing/stores";
import { retryDeployment } from "./control";
import { PLANT_QUEUE } from "./internal/chunks";
import { ClaimLost, claimRuns, endDeployment, releaseDeadClaims } from "./internal/ledger";
import { lookAtNeighbours } from "./internal/neighbour-looks";
import { safetyOfRun } from "./internal/safety";
import { waitingFrom, watchAdditions } from "./internal/waiting";
import { readDeployment } from "./read";
import { renewWhatIsDue, stopSchedule } from "./renew";
import { advance, hasWritten, releaseItem } from "./run";
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
  listSecretsByArm: () => fake.call(() => fake.listedByArm("secret")),
  listKeysByArm: () => fake.call(() => fake.listedByArm("key")),
  addAccessPolicy: (_: unknown, __: unknown, entry: Parameters<FakeAzure["addPolicy"]>[0]) =>
    fake.call(() => fake.addPolicy(entry)),
  removeAccessPolicy: (_: unknown, __: unknown, entry: Parameters<FakeAzure["removePolicy"]>[0]) =>
    fake.call(() => fake.removePolicy(entry)),
}));
/** What the planting identity holds for good at the vault, as role assignments. */
let held: unknown[] = [];
vi.mock("@/lib/azure/resource-graph", () => ({
  queryResourceGraph: (_: unknown, __: string, schema: { parse(row: unknown): unknown }) =>
    fake.call(() => held.map((row) => schema.parse(row))),
}));
vi.mock("@/lib/azure/vault-keys", () => ({
  createKeyByArm: (_: unknown, __: unknown, { name }: { name: string }) => fake.call(() => fake.writeByArm(name), true),
}));
vi.mock("@/lib/azure/permissions", () => {
  const everything = () =>
    fake.call(() => [{ actions: ["Microsoft.KeyVault/*"], notActions: [], dataActions: [], notDataActions: [] }]);
  return { permissionsOf: everything, permissionsAt: everything };
});
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
        .map(({ name, versions }) => ({
          name,
          enabled: true,
          created: new Date(versions.at(-1)?.at ?? fake.now),
          updated: undefined,
          managed: false,
        }));
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
/** Names that are proposed next, as they are by processes that do not know of each other's. */
const proposed: string[] = [];
vi.mock(import("@/lib/decoys/propose"), async (original) => {
  const real = await original();
  return {
    ...real,
    proposeDecoy: (...asked) => {
      const proposal = real.proposeDecoy(...asked);
      const name = proposal && proposed.shift();
      return proposal && { ...proposal, name: name ?? proposal.name };
    },
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
  held = [];
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
      gatherWithin: 0,
      grantRetryFor: 10 * minute,
      registerVisibleWithin: 15 * minute,
      rowsAwaitedFor: 90 * minute,
      factMaxAge: 24 * 60 * minute,
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
  way?: "arm_key";
}

async function record({
  kind = "secret",
  count = 1,
  name,
  acceptUnknownReaders = false,
  way,
}: Wish): Promise<{ deployment: string; item: string }> {
  const user = { tid: TEST_TENANT, oid: SOMEBODY, name: "Kim" };
  const context = { db: store.db, now: () => new Date(fake.now) };
  const request = { kind, count, acceptUnknownReaders, ...(name && { name }) };
  const deployment = await recordDeployment(context, user, fake.vaultId, request, way);
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

/** As if it were of a deployment over many vaults that is spread, and the moment of this one had come. */
async function spreadOut(deployment: string, item: string): Promise<void> {
  const request = JSON.stringify({ spreadHours: 1 });
  await store.db.updateTable("deployment").set({ request }).where("id", "=", deployment).execute();
  const moment = new Date(fake.now);
  await store.db.updateTable("deployment_item").set({ moment }).where("id", "=", item).execute();
}

async function decoysOf(item: string) {
  return store.db.selectFrom("decoy").selectAll().where("item_id", "=", item).orderBy("created_at").execute();
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

  test("a name that another process gave to another vault at the same time is not given again", async () => {
    const names = Array.from({ length: 7 }, () => `payments-${randomUUID().slice(0, 8)}`);
    for (const name of names) {
      vaults++;
      start(model);
      proposed.push(name);
      expect(await carry((await record({})).item)).toBe("done");
    }
    vaults++;
    start(model);
    const before = JSON.stringify(fake.policies);
    proposed.push(...names.map((name) => name.toUpperCase()));
    const { item } = await record({});
    expect(await carry(item)).toBe("done");
    expect(await faultsAfter(item, before)).toEqual([]);
    // Five in one go, and the rest when it was asked again.
    expect(proposed).toEqual([]);
    const [decoy] = await decoysOf(item);
    expect(names).not.toContain(decoy?.name.toLowerCase());
    expect(decoy?.chosen_name).toBe(decoy?.name.toLowerCase());
    // What a person chose is given as it is, also where other vaults have it.
    vaults++;
    start(model);
    const byPerson = await record({ name: names[0] ?? "" });
    expect(await carry(byPerson.item)).toBe("done");
    expect(await decoysOf(byPerson.item)).toMatchObject([{ name: names[0], chosen_name: null }]);
  });

  test("what ended is on disk when the vault waits, and before the right is taken back", async () => {
    start(model);
    const { item } = await record({});
    const onDisk = async () => {
      const rows = await store.db.selectFrom("deployment_step").selectAll().where("item_id", "=", item).execute();
      return Object.fromEntries(rows.map(({ step, state }) => [step, state]));
    };
    const right = () => `${fake.assignments.size} ${JSON.stringify(fake.policies)}`;
    const without = right();
    const confirmed: unknown[] = [];
    const call = fake.call.bind(fake);
    fake.call = async (work, isWrite) => {
      const before = right();
      const result = await call(work, isWrite);
      if (before !== without && right() === without) confirmed.push((await onDisk()).confirm);
      return result;
    };
    const [run] = await claimRuns(service(), { itemId: item }, randomUUID());
    if (!run) throw new Error("The item was not free.");
    for (;;) {
      const progress = await advance(service(), run);
      if (progress.is === "on") continue;
      expect(await onDisk()).toEqual(
        Object.fromEntries([...run.steps.values()].map(({ step, state }) => [step, state])),
      );
      if (progress.is === "ended") break;
      fake.now += progress.ms;
    }
    expect(confirmed).toEqual(["done"]);
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

  /** Somebody takes the names of the first `times` choices: as soon as the register shows the row, before the planter lists. */
  const takeNames = (item: string, times: number, deleted: boolean) => {
    fake.call = ((original) =>
      async function (this: FakeAzure, work) {
        for (const { name } of (await decoysOf(item)).slice(0, times)) {
          if (this.find("key", name) || !this.visibleRows().some((row) => row.HoneyToken === name)) continue;
          this.put("key", name, SOMEBODY);
          const taken = this.find("key", name);
          if (taken) taken.deleted = deleted;
        }
        return original.call(this, work);
      } as typeof fake.call)(fake.call);
  };
  const bySomebody = () =>
    fake.objects.filter((one) => one.versions.every((version) => version.by === SOMEBODY)).length;

  test.each([
    ["taken", false],
    ["deleted but recoverable", true],
  ])("a name that is %s in the last moment is left alone, and another one is chosen", async (_, deleted) => {
    start(model);
    const before = JSON.stringify(fake.policies);
    const { item } = await record({ kind: "key" });
    const others = bySomebody();
    takeNames(item, 1, deleted);
    expect(await carry(item)).toBe("done");
    expect(await faultsAfter(item, before)).toEqual([]);
    expect(bySomebody()).toBe(others + 1);
    expect((await decoysOf(item)).map(({ state }) => state).sort()).toEqual(["failed", "live"]);
    expect(fake.rows.size).toBe(1);
  });

  test.each([
    ["a name that a person chose", "orders-signing-key", 1],
    ["names that are taken time after time", undefined, 100],
  ])("%s: it fails, and nothing of ours is left", async (_, name, times) => {
    start(model);
    const before = JSON.stringify(fake.policies);
    const { item } = await record({ kind: "key", ...(name && { name }) });
    takeNames(item, times, false);
    expect(await carry(item)).toBe("failed");
    expect(await faultsAfter(item, before)).toEqual([]);
    expect(fake.rows.size).toBe(0);
    const decoys = await decoysOf(item);
    expect(decoys.length).toBe(name === undefined ? 3 : 1);
    expect(new Set(decoys.map((decoy) => decoy.name)).size).toBe(decoys.length);
  });
});

/**
 * Lets the next right that is given reach Azure only after another process has taken the item over and brought it to its
 * end, while the process that gave it stood still. Azure then answers it, or the connection has broken.
 */
function giveTooLate(item: string, answer: "answers" | "breaks off"): void {
  let arrive: (() => void) | undefined;
  const { assignments, call } = fake;
  const set = assignments.set.bind(assignments);
  const addPolicy = fake.addPolicy.bind(fake);
  const hold = (work: () => void) => {
    assignments.set = set;
    fake.addPolicy = addPolicy;
    arrive = work;
  };
  assignments.set = (...args) => {
    hold(() => set(...args));
    return assignments;
  };
  fake.addPolicy = (entry) => hold(() => addPolicy(entry));
  fake.call = async (work, isWrite) => {
    const result = await call.call(fake, work, isWrite);
    if (!arrive) return result as Awaited<ReturnType<typeof work>>;
    fake.call = call;
    await store.db.updateTable("deployment_item").set({ claim: null }).where("id", "=", item).execute();
    expect(await carry(item)).toBe("done");
    arrive();
    if (answer === "breaks off") throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
    return result as Awaited<ReturnType<typeof work>>;
  };
}

test.each([
  ["rbac", "answers"],
  ["policies", "answers"],
  ["rbac", "breaks off"],
  ["policies", "breaks off"],
] as const)(
  "a right that a process gives after standing still for long, on a vault with %s, where Azure %s, is taken back by the sweeper",
  async (model, answer) => {
    start(model);
    const before = JSON.stringify(fake.policies);
    const { item } = await record({});
    const [run] = await claimRuns(service(), { itemId: item }, randomUUID());
    if (!run) throw new Error("The item was not free.");
    giveTooLate(item, answer);
    const carried = async () => {
      for (;;) {
        const progress = await advance(service(), run);
        if (progress.is === "waiting") fake.now += progress.ms;
      }
    };
    await expect(carried()).rejects.toThrow("Another worker has the item.");
    expect(fake.assignments.size > 0 || JSON.stringify(fake.policies) !== before).toBe(true);
    // What has no answer yet may still arrive.
    expect(await sweepGrants(service())).toBe(0);
    fake.now += service().config.timing.ambiguousWriteSettle + 1;
    expect(await sweepGrants(service())).toBe(1);
    expect(await faultsAfter(item, before)).toEqual([]);
  },
);

test.each([
  ["rbac", "breaks off"],
  ["policies", "breaks off"],
  ["rbac", "is killed"],
  ["policies", "is killed"],
] as const)(
  "a right on a vault with %s that, since its asking %s, arrives after another one was used is taken back with that one",
  async (model, mishap) => {
    start(model);
    const before = JSON.stringify(fake.policies);
    const { item } = await record({});
    const { assignments } = fake;
    const [set, addPolicy] = [assignments.set.bind(assignments), fake.addPolicy.bind(fake)];
    const askInVain = (work: () => void): never => {
      Object.assign(assignments, { set });
      fake.addPolicy = addPolicy;
      fake.sendLate(work);
      if (mishap === "is killed") throw new ClaimLost("killed");
      throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
    };
    assignments.set = (...args) => askInVain(() => set(...args));
    fake.addPolicy = (entry) => askInVain(() => addPolicy(entry));
    expect(await carry(item)).toBe("done");
    fake.now += 3_600_000;
    await fake.call(() => {});
    expect(await faultsAfter(item, before)).toEqual([]);
  },
);

describe.each(["rbac", "policies"] as const)("a key through Azure Resource Manager, into a vault with %s", (model) => {
  const wish = { kind: "key", way: "arm_key" } as const;

  test("is planted past the network by a role, and the access policies stay as they are", async () => {
    start(model).network = "private";
    const before = JSON.stringify(fake.policies);
    const { item } = await record({ ...wish, count: 2 });
    expect(await carry(item)).toBe("done");
    expect(await faultsAfter(item, before)).toEqual([]);
    expect(fake.objects).toHaveLength(5);
    expect([...fake.rows.values()].map((row) => row.fields.State)).toEqual(["live", "live"]);
  });

  /** Somebody else's key of this age, made between our list and our write. */
  const overtaken = (age: number) => {
    const wanted = [...fake.rows.values()][0]?.fields.HoneyToken ?? "";
    fake.put("key", wanted, SOMEBODY);
    for (const version of fake.find("key", wanted)?.versions ?? []) version.at -= age;
    fake.meanwhile = undefined;
  };

  test("that somebody has had for long is left to them, and another name is taken", async () => {
    start(model).network = "firewall";
    const { item } = await record(wish);
    fake.meanwhile = () => overtaken(3_600_000);
    expect(await carry(item)).toBe("done");
    expect((await decoysOf(item)).map(({ state }) => state).sort()).toEqual(["failed", "live"]);
    expect([fake.rows.size, fake.assignments.size, fake.violations]).toEqual([1, 0, []]);
  });

  test("that somebody makes in the same moment is for a person, and watched", async () => {
    start(model).network = "firewall";
    const { item } = await record(wish);
    fake.meanwhile = () => overtaken(0);
    expect(await carry(item)).toBe("needs_person");
    expect([fake.rows.size, fake.assignments.size, fake.violations]).toEqual([1, 0, []]);
  });

  test("whose name is deleted but recoverable gets another one", async () => {
    start(model).network = "private";
    const { item } = await record(wish);
    fake.meanwhile = () => {
      overtaken(0);
      for (const object of fake.objects) if (object.kind === "key") object.deleted = true;
    };
    expect(await carry(item)).toBe("done");
    expect([fake.rows.size, fake.assignments.size]).toEqual([1, 0]);
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

test("somebody else's write under its name, whose row comes first, is no proof of a planting", async () => {
  start("rbac");
  const { item } = await record({});
  fake.rowsLostOf = PLANTER;
  fake.meanwhile = () => {
    const wanted = [...fake.rows.values()][0]?.fields.HoneyToken ?? "";
    fake.put("secret", wanted, SOMEBODY);
    fake.meanwhile = undefined;
  };
  expect(await carry(item)).toBe("needs_person");
  expect([fake.rows.size, fake.assignments.size]).toEqual([1, 0]);
});

describe("a planting whose row the audit log never shows", () => {
  const arriving = (item: string) =>
    store.db
      .selectFrom("deployment_step")
      .select("detail")
      .where("item_id", "=", item)
      .where("step", "=", "arrive")
      .executeTakeFirstOrThrow();
  const minutes = (count: number) => count * 60_000;

  test("is proven by what a log shows that began after it, which is asked once for each read of the vault", async () => {
    start("rbac");
    const { item } = await record({});
    fake.logBegins = fake.now + minutes(80);
    expect(await carry(item)).toBe("done");
    expect((await arriving(item)).detail).toMatch(/began after the planting/);
    expect(fake.spansAsked).toBeGreaterThan(1);
    expect(fake.spansAsked).toBeLessThan(9);
  });

  test("is given up where the log never begins, not before one that begins as late as Azure allows could show", async () => {
    start("rbac");
    const { item } = await record({});
    const asked = fake.now;
    fake.logBegins = Number.POSITIVE_INFINITY;
    expect(await carry(item)).toBe("needs_person");
    expect(fake.now - asked).toBeGreaterThan(minutes(110));
    expect(fake.now - asked).toBeLessThan(minutes(130));
  });

  test("is a person's to look at where the log worked before it and goes on", async () => {
    start("rbac");
    fake.now += minutes(60);
    const { item } = await record({});
    fake.rowsLostOf = PLANTER;
    expect(await carry(item)).toBe("needs_person");
    expect(fake.spansAsked).toBeGreaterThan(1);
  });

  test("is a person's to look at where the log began between two honeytokens: it has a row of one", async () => {
    start("rbac");
    const { item } = await record({ count: 2 });
    fake.meanwhile = (write) => {
      if (write === 1) fake.logBegins = fake.now;
    };
    expect(await carry(item)).toBe("needs_person");
    expect(fake.spansAsked).toBe(0);
  });
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

test("where the planting identity holds the right for good, nothing is given and nothing is taken away", async () => {
  start("rbac");
  const standing = (role: string, scope: string, names: string[]) => {
    const dataActions = names.map((name) => `Microsoft.KeyVault/vaults/${name}`);
    return { id: role, role, scope, permissions: [{ dataActions }] };
  };
  const subscription = fake.vaultId.split("/").slice(0, 3).join("/");
  held = [standing(randomUUID(), subscription, ["secrets/setSecret/action", "secrets/readMetadata/action"])];
  fake.assignments.set("from the subscription", fake.now);
  const { item, deployment } = await record({});
  // What is held is read once a minute: no test before this one was at this time.
  fake.now += 400 * 86_400_000;
  expect(await carry(item)).toBe("done");
  expect([...fake.assignments.keys()]).toEqual(["from the subscription"]);
  const grants = store.db.selectFrom("deployment_grant").select("id").where("deployment_id", "=", deployment);
  expect(await grants.execute()).toEqual([]);
  fake.assignments.clear();
  // A role of ours at the vault is lent, by an earlier job perhaps, and is no standing one.
  vaults++;
  start("rbac");
  held = [
    standing(service().config.plantRoleId, fake.vaultId, ["secrets/setSecret/action", "secrets/readMetadata/action"]),
  ];
  const again = await record({});
  fake.now += 500 * 86_400_000;
  expect(await carry(again.item)).toBe("done");
  const own = store.db.selectFrom("deployment_grant").select("state").where("deployment_id", "=", again.deployment);
  expect(await own.execute()).toEqual([{ state: "revoked" }]);
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

test.each(["rbac", "policies"] as const)(
  "an audit log of a vault with %s that the plan saw on is asked for again before anything is planted",
  async (model) => {
    for (const seen of [
      { hours: 1, registered: true },
      { hours: 25, registered: false },
    ]) {
      vaults++;
      start(model).auditLog = false;
      const before = JSON.stringify(fake.policies);
      const { item } = await record({});
      const auditLogSeenAt = fake.now - seen.hours * 3_600_000;
      await store.db
        .updateTable("deployment_item")
        .set({ plan: JSON.stringify({ auditLogSeenAt }) })
        .where("id", "=", item)
        .execute();
      expect(await carry(item)).toBe("failed");
      expect(await faultsAfter(item, before)).toEqual([]);
      expect([fake.rows.size, fake.objects.length]).toEqual([0, 3]);
      expect((await decoysOf(item)).length > 0).toBe(seen.registered);
    }
  },
);

test("the safety check is made again when the run starts: what became dangerous is not planted in", async () => {
  start("rbac").facts = { readers: readBy(loader("secret")) };
  const { item } = await record({});
  expect(await carry(item)).toBe("failed");
  expect([fake.rows.size, fake.assignments.size, fake.objects.length]).toEqual([0, 0, 3]);
  vaults++;
  start("rbac").facts = { readers: readBy(loader("secret")) };
  expect(await carry((await record({ kind: "key" })).item)).toBe("done");
});

test("what was found harmless counts for the next process too, for a quarter of an hour", async () => {
  start("rbac");
  const { item } = await record({});
  const refusals = async () => {
    await releaseDeadClaims(store.db);
    const context = service();
    const [run] = await claimRuns(context, { itemId: item }, randomUUID());
    return run && (await safetyOfRun(context, run)).judgement.refusals.length;
  };
  expect(await refusals()).toBe(0);
  fake.facts = { readers: readBy(loader("secret")) };
  fake.now += 14 * 60_000;
  expect(await refusals()).toBe(0);
  fake.now += 2 * 60_000;
  expect(await refusals()).toBe(1);
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

describe("something else that is changing the same thing in the same moment", () => {
  const refusal = (statusCode: number, code: string) =>
    toAppError(Object.assign(new Error("refused"), { statusCode, code }), "change it");
  /** Each kind of change is refused `times` times, clearly, before it is done. */
  const refuseChanges = (times: number, error: AppError) => {
    const changes = ["addPolicy", "removePolicy", "putRow", "write"] as const;
    for (const change of changes) {
      let left = times;
      const real = fake[change].bind(fake) as (...given: unknown[]) => never; // given what the step gives
      Object.assign(fake, {
        [change]: (...given: unknown[]) => {
          if (left-- > 0) throw error;
          return real(...given);
        },
      });
    }
  };

  test.each([
    [409, "Conflict"],
    [412, "PreconditionFailed"],
  ] as const)("is waited for, also before anything is written: %d %s", async (status, code) => {
    start("policies");
    const before = JSON.stringify(fake.policies);
    const { item } = await record({ count: 2 });
    refuseChanges(2, refusal(status, code));
    expect(await carry(item)).toBe("done");
    expect(await faultsAfter(item, before)).toEqual([]);
    expect(fake.objects).toHaveLength(5);
  });

  test("for half an hour, and no longer", async () => {
    start("policies");
    const before = JSON.stringify(fake.policies);
    const { item } = await record({});
    fake.addPolicy = () => {
      throw refusal(409, "Conflict");
    };
    const began = fake.now;
    expect(await carry(item)).toBe("failed");
    expect(fake.now - began).toBeGreaterThan(29 * 60_000);
    expect(await faultsAfter(item, before)).toEqual([]);
  });

  test.each(["ScopeLocked", "ReadOnlyDisabledSubscription"])(
    "is told from %s, which waiting does not mend",
    async (code) => {
      start("policies");
      const before = JSON.stringify(fake.policies);
      const { item } = await record({});
      fake.addPolicy = () => {
        throw refusal(409, code);
      };
      const began = fake.now;
      expect(await carry(item)).toBe("failed");
      expect(fake.now - began).toBeLessThan(60_000);
      expect(await faultsAfter(item, before)).toEqual([]);
    },
  );

  test("holds up a further key through Azure Resource Manager no more than it must", async () => {
    start("rbac").network = "private";
    const { item } = await record({ kind: "key", way: "arm_key" });
    fake.writeByArm = () => {
      throw refusal(409, "ScopeLocked");
    };
    expect(await carry(item)).toBe("failed");
    expect(await decoysOf(item)).toHaveLength(1);
    const { problem } = await store.db
      .selectFrom("deployment_item")
      .select("problem")
      .where("id", "=", item)
      .executeTakeFirstOrThrow();
    expect(problem).toContain("a lock on the resource");
  });
});

describe("done again after a name was taken when one honeytoken was written already", () => {
  /** Somebody takes the names that are still to be written right after each of the first `times` writes. */
  const takeTheRest = (times: number) => {
    let left = times;
    const write = fake.write.bind(fake);
    fake.write = (kind, name) => {
      const written = write(kind, name);
      if (left-- > 0) {
        for (const { HoneyToken: other = "" } of fake.visibleRows())
          if (!fake.find(kind, other)) fake.put(kind, other, SOMEBODY);
      }
      return written;
    };
  };
  const kim = () => {
    const user = { tid: TEST_TENANT, oid: SOMEBODY, name: "Kim", upn: undefined, roles: ["Platform.Admin" as const] };
    return { ...service(), user, asUser: service().azure.drill, requestId: "r" };
  };
  const doAgain = async (deployment: string): Promise<void> => {
    await endDeployment(service(), deployment);
    await retryDeployment(kim(), { id: deployment });
  };
  const live = async (item: string) => (await decoysOf(item)).filter(({ state }) => state === "live");
  /** Three were asked for, one is written and the names of the others are taken. */
  const oneOfThree = async (model: "rbac" | "policies", taken = 1) => {
    start(model);
    const before = JSON.stringify(fake.policies);
    const asked = await record({ count: 3 });
    takeTheRest(taken);
    expect(await carry(asked.item)).toBe("failed");
    expect(await live(asked.item)).toHaveLength(1);
    return { ...asked, before };
  };

  test.each(["rbac", "policies"] as const)(
    "chooses names for those that are missing, on a vault with %s",
    async (model) => {
      const { deployment, item, before } = await oneOfThree(model);
      await doAgain(deployment);
      expect(await carry(item)).toBe("done");
      expect(await live(item)).toHaveLength(3);
      expect(await faultsAfter(item, before)).toEqual([]);
      expect(fake.objects).toHaveLength(3 + 2 + 3);
      expect(fake.rows.size).toBe(3);
    },
  );

  test("writes never more than was asked for, however often it is done again", async () => {
    const { deployment, item, before } = await oneOfThree("rbac", 2);
    await doAgain(deployment);
    expect(await carry(item)).toBe("failed");
    expect(await live(item)).toHaveLength(2);
    await doAgain(deployment);
    expect(await carry(item)).toBe("done");
    expect(await live(item)).toHaveLength(3);
    // As if it had failed for another reason once more: nothing is missing by now.
    const writes = fake.objects.length;
    await store.db.updateTable("deployment_item").set({ state: "failed" }).where("id", "=", item).execute();
    await doAgain(deployment);
    fake.addPolicy = () => void fake.violations.push("gave a right for nothing");
    fake.assignments.set = () => expect.fail("gave a right for nothing");
    expect(await carry(item)).toBe("done");
    expect(fake.objects).toHaveLength(writes);
    expect(await faultsAfter(item, before)).toEqual([]);
  });

  test("also after kills, wherever they come", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 6 }), async (steps) => {
        vaults++;
        const { deployment, item, before } = await oneOfThree("rbac");
        await doAgain(deployment);
        fake.steps = 0;
        fake.mishaps = steps.map((at, index) => ({ what: index % 2 ? "kill after" : "kill before", at, of: "steps" }));
        expect(await carry(item)).toBe("done");
        expect(await live(item)).toHaveLength(3);
        expect(await faultsAfter(item, before)).toEqual([]);
      }),
      { numRuns: 8 },
    );
  }, 300_000);

  test("has begun nothing that a pause would have to bring to its end, and what was renewed meanwhile is no matter", async () => {
    const { deployment, item } = await oneOfThree("rbac");
    const [first = expect.fail("none is live")] = await live(item);
    fake.put("secret", first.name, PLANTER);
    await doAgain(deployment);
    const [run = expect.fail("the item was not free")] = await claimRuns(service(), { itemId: item }, randomUUID());
    expect(hasWritten(run)).toBe(false);
    expect(await carry(item)).toBe("done");
    expect(await live(item)).toHaveLength(3);
  });
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
      fc.boolean(),
      fc.boolean(),
      async (model, kind, count, mishaps, closed, spread) => {
        vaults++;
        start(model).mishaps = mishaps;
        const before = JSON.stringify(fake.policies);
        if (closed) fake.network = "private";
        const { deployment, item } = await record({ count, ...(closed ? { kind: "key", way: "arm_key" } : { kind }) });
        if (spread) await spreadOut(deployment, item);
        expect(await carry(item)).toBe("done");
        expect(await faultsAfter(item, before)).toEqual([]);
        expect(fake.objects).toHaveLength(3 + count);
      },
    ),
    { numRuns: 25 },
  );
}, 300_000);

test("of a spread deployment the second honeytoken comes as long after the first as the vault's objects after one another", async () => {
  start("rbac").objects = [];
  for (const pauseMs of [180_000, 20 * 86_400_000, 180_000]) {
    fake.put("secret", `orders-${fake.objects.length}-password`, SOMEBODY);
    fake.now += pauseMs;
  }
  fake.put("secret", "orders-bus-connection", SOMEBODY);
  fake.now += 86_400_000;
  const { deployment, item } = await record({ count: 2 });
  await spreadOut(deployment, item);
  expect(await carry(item)).toBe("done");
  const [first, second] = (await decoysOf(item)).map((decoy) => decoy.first_sent_at?.getTime() ?? 0);
  expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(180_000);
  expect((second ?? 0) - (first ?? 0)).toBeLessThan(240_000);
});

test("when a vault that waits has its turn is told to whoever sees names, and to nobody else", async () => {
  start("rbac");
  const { deployment, item } = await record({});
  await spreadOut(deployment, item);
  const nextAt = new Date(fake.now + 3_600_000).toISOString();
  await store.db
    .updateTable("deployment")
    .set({ state: "running", started_at: new Date(fake.now) })
    .where("id", "=", deployment)
    .execute();
  await store.db
    .updateTable("deployment_item")
    .set({ moment: new Date(nextAt) })
    .where("id", "=", item)
    .execute();
  const user = { tid: TEST_TENANT, oid: SOMEBODY, name: "Kim", upn: undefined, roles: [] };
  const owner = { ...service(), user, asUser: service().azure.drill, requestId: "r" };
  const admin = { ...owner, user: { ...user, roles: ["Platform.Admin" as const] } };
  expect((await readDeployment(owner, deployment)).progress).toMatchObject({ turns: null, secondsLeft: null });
  expect((await readDeployment(admin, deployment)).progress).toMatchObject({
    turns: { nextAt, lastAt: nextAt },
    secondsLeft: 3_600,
  });
});

test("a vault that waits for its moment hears of what is added to it, once, and follows it where it was to", async () => {
  start("rbac");
  const { item } = await record({});
  const moment = new Date(fake.now + 50 * 86_400_000);
  const picture = { objects: [], softDeleted: [], siblings: [] };
  const join = { from: new Date(fake.now), lagMs: 3 * 3_600_000 };
  const { vault_id: vaultId } = await store.db
    .updateTable("deployment_item")
    .set({ moment, not_before: moment, waiting: JSON.stringify(waitingFrom(fakeVaultId(vaults), picture, join)) })
    .where("id", "=", item)
    .returning("vault_id")
    .executeTakeFirstOrThrow();
  expect(vaultId).toBe(fakeVaultId(vaults));
  expect(await watchAdditions(service())).toBe(0);
  const added = fake.now;
  fake.put("secret", "added-by-people", SOMEBODY);
  fake.now += 15 * 60_000;
  const sent: unknown[][] = [];
  const hearing = { ...service(), jobs: { enqueue: async (...job: unknown[]) => void sent.push(job) } };
  expect(await watchAdditions(hearing)).toBe(1);
  expect(await watchAdditions(hearing)).toBe(0);
  const row = await store.db.selectFrom("deployment_item").selectAll().where("id", "=", item).executeTakeFirstOrThrow();
  expect(Math.abs((row.moment?.getTime() ?? 0) - added - join.lagMs)).toBeLessThan(60_000);
  expect(row.not_before).toEqual(row.moment);
  // Its job waits for the moment that it had before.
  const job = { deploymentId: row.deployment_id, chunk: row.chunk };
  expect(sent).toEqual([[PLANT_QUEUE, `${row.deployment_id}:${row.chunk}`, job, { startAfter: row.moment }]]);
});

describe("a further version", () => {
  const DAY = 86_400_000;

  /** Plants one decoy that is due for a further version a hundred days later, and sends that one's job. */
  async function dueAfterPlanting(model: "rbac" | "policies", kind: "secret" | "key") {
    start(model);
    const policies = JSON.stringify(fake.policies);
    const { item } = await record({ kind });
    expect(await carry(item)).toBe("done");
    const [decoy = expect.fail("no decoy")] = await decoysOf(item);
    fake.now += 100 * DAY;
    const due = fake.now - 3_600_000;
    const history = {
      due: [due],
      pauseMs: 90 * DAY,
      withRounds: false,
      last: due - 90 * DAY,
      looked: 0,
      neighbours: 3,
    };
    await store.db
      .updateTable("decoy")
      .set({ history: JSON.stringify(history), renew_at: new Date(due) })
      .where("id", "=", decoy.id)
      .execute();
    const [deployment = expect.fail("nothing was due")] = await renewWhatIsDue(service());
    expect(await renewWhatIsDue(service())).toEqual([]);
    const renewing = await store.db
      .selectFrom("deployment_item")
      .select("id")
      .where("deployment_id", "=", deployment)
      .executeTakeFirstOrThrow();
    return { decoy, item: renewing.id, deployment, policies };
  }

  const versionsOf = ({ kind, name }: { kind: string; name: string }) => fake.find(kind, name)?.versions ?? [];

  test("is written once whatever befalls it, inside a published window, with no right left and nothing foreign touched", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("rbac" as const, "policies" as const),
        fc.constantFrom("secret" as const, "key" as const),
        fc.array(mishap, { maxLength: 8 }),
        async (model, kind, mishaps) => {
          vaults++;
          const { decoy, item, policies } = await dueAfterPlanting(model, kind);
          fake.steps = 0;
          fake.mishaps = mishaps;
          expect(await carry(item)).toBe("done");
          expect(fake.violations).toEqual([]);
          expect(versionsOf(decoy).map(({ by }) => by)).toEqual([PLANTER, PLANTER]);
          expect(fake.objects).toHaveLength(4);
          expect(fake.objects.filter(({ versions }) => versions.length > 1)).toHaveLength(1);
          expect(fake.assignments.size).toBe(0);
          expect(JSON.stringify(fake.policies)).toBe(policies);
          expect([...fake.rows.values()].map(({ fields }) => fields.State)).toEqual(["live"]);
        },
      ),
      { numRuns: 12 },
    );
  }, 300_000);

  test("comes after a round in which the neighbours were renewed, and not after two additions", async () => {
    for (const what of ["renewed", "added"] as const) {
      vaults++;
      start("rbac");
      const { item } = await record({});
      expect(await carry(item)).toBe("done");
      const [decoy = expect.fail("no decoy")] = await decoysOf(item);
      const made = fake.now;
      const waiting = { due: [], pauseMs: 90 * DAY, withRounds: true, last: made, looked: made, neighbours: 3 };
      await store.db
        .updateTable("decoy")
        .set({ history: JSON.stringify(waiting), renew_at: null })
        .where("id", "=", decoy.id)
        .execute();
      fake.now += 30 * DAY;
      for (const name of what === "renewed" ? ["payments-db-password", "payments-api-key"] : ["new-one", "new-two"]) {
        fake.put("secret", name, SOMEBODY);
        fake.now += 60_000;
      }
      const renewals = () =>
        store.db.selectFrom("decoy_renewal").selectAll().where("decoy_id", "=", decoy.id).execute();
      // The log does not show it yet.
      await renewWhatIsDue(service());
      expect(await renewals()).toEqual([]);
      fake.now += 600_000;
      await renewWhatIsDue(service());
      const [renewal] = await renewals();
      if (what === "added") {
        expect(renewal).toBeUndefined();
        continue;
      }
      expect(await carry(renewal?.item_id ?? "")).toBe("done");
      expect(versionsOf(decoy)).toHaveLength(2);
      // One round is one version.
      await renewWhatIsDue(service());
      expect(await renewals()).toHaveLength(1);
    }
  });

  test("is planned anew from what looks at the list show, also where neighbours are renewed more slowly than the log reaches", async () => {
    start("rbac");
    const names = ["payments-db-password", "payments-api-key"];
    const renewals = names.map((name, index) => ({ name, at: fake.now + index * 2 * DAY }));
    for (const { name, at } of renewals) {
      fake.now = at;
      fake.put("secret", name, SOMEBODY);
    }
    fake.now += 20 * DAY;
    const { item } = await record({});
    expect(await carry(item)).toBe("done");
    const [decoy = expect.fail("no decoy")] = await decoysOf(item);
    const made = fake.now;
    const unknown = { due: [], pauseMs: 90 * DAY, withRounds: false, last: made, looked: made, neighbours: 3 };
    await store.db
      .updateTable("decoy")
      .set({ history: JSON.stringify(unknown), renew_at: null })
      .where("id", "=", decoy.id)
      .execute();
    let looked = 0;
    const lookedAt = async (): Promise<Date | null> => {
      // A few vaults at a time, and decoys of other tests stand in the store too.
      for (let turn = 0; turn < 10; turn++) await lookAtNeighbours(service());
      const row = await store.db
        .selectFrom("decoy")
        .innerJoin("neighbour_memory", "neighbour_memory.decoy_id", "decoy.id")
        .select(["decoy.renew_at", "neighbour_memory.looked_at"])
        .where("decoy.id", "=", decoy.id)
        .executeTakeFirstOrThrow();
      looked = row.looked_at.getTime();
      return row.renew_at;
    };
    expect(await lookedAt()).toBeNull();
    const first = looked;
    expect(first).toBeGreaterThan(made);
    // A look a week, whatever the job's own rhythm.
    fake.now += 3 * DAY;
    await lookedAt();
    expect(looked).toBe(first);
    for (const { name, at } of renewals) {
      fake.now = at + 130 * DAY;
      fake.put("secret", name, SOMEBODY);
      fake.now += DAY / 2;
      await lookedAt();
    }
    fake.now += 8 * DAY;
    const due = await lookedAt();
    expect(Math.abs((due?.getTime() ?? 0) - (made + 130 * DAY))).toBeLessThan(10 * 60_000);
    expect(fake.objects.find(({ name }) => name === decoy.name)?.versions).toHaveLength(1);
  });

  test("is recorded in the name of its schedule, and the next one is planned", async () => {
    const { decoy, item, deployment } = await dueAfterPlanting("rbac", "secret");
    expect(await carry(item)).toBe("done");
    const row = await store.db
      .selectFrom("deployment")
      .selectAll()
      .where("id", "=", deployment)
      .executeTakeFirstOrThrow();
    expect(row).toMatchObject({ operation: "renew", requested_by_oid: SOMEBODY, total: 1 });
    expect(row.requested_by_name).toBe("The schedule of Kim's deployment of 2026-11-22");
    const now = await store.db.selectFrom("decoy").selectAll().where("id", "=", decoy.id).executeTakeFirstOrThrow();
    expect(now.renew_at?.getTime()).toBeGreaterThan(fake.now + 80 * DAY);
    const written = await store.db
      .selectFrom("decoy_renewal")
      .selectAll()
      .where("decoy_id", "=", decoy.id)
      .executeTakeFirstOrThrow();
    expect(written.version).toBe(versionsOf(decoy)[1]?.version);
    expect(written.value_hash).not.toBe(now.value_hash);
    expect(now.state).toBe("live");
  });

  test("is never written over what somebody else has written, however long ago", async () => {
    for (const daysAgo of [0, 50]) {
      vaults++;
      const { decoy, item } = await dueAfterPlanting("rbac", "secret");
      versionsOf(decoy).push({ version: "f".repeat(32), by: SOMEBODY, at: fake.now - daysAgo * DAY });
      // The log forgets after a while; the vault's list does not.
      if (daysAgo > 0)
        fake.query = (
          (query) => (kql, keys, since) =>
            query(kql, keys, since).filter((one) => one.Oid !== SOMEBODY)
        )(fake.query.bind(fake));
      expect(await carry(item)).toBe("needs_person");
      expect(versionsOf(decoy)).toHaveLength(2);
      expect(fake.assignments.size).toBe(0);
    }
  });

  test("is not written where the decoy is on its way out, or the vault no longer logs", async () => {
    const { decoy, item } = await dueAfterPlanting("rbac", "secret");
    await store.db.updateTable("decoy").set({ state: "retiring" }).where("id", "=", decoy.id).execute();
    expect(await carry(item)).toBe("failed");
    expect(versionsOf(decoy)).toHaveLength(1);
    vaults++;
    const silent = await dueAfterPlanting("policies", "secret");
    fake.auditLog = false;
    expect(await carry(silent.item)).toBe("failed");
    expect(versionsOf(silent.decoy)).toHaveLength(1);
  });

  test("written meanwhile by somebody else too is told to a person", async () => {
    const { decoy, item } = await dueAfterPlanting("rbac", "secret");
    const before = versionsOf(decoy).length;
    fake.meanwhile = () => {
      fake.put("secret", decoy.name, SOMEBODY);
      fake.meanwhile = undefined;
    };
    expect(await carry(item)).toBe("needs_person");
    expect(versionsOf(decoy).length).toBe(before + 2);
    expect(fake.assignments.size).toBe(0);
  });

  test("is no longer written once the schedule was ended", async () => {
    const { decoy, item, deployment } = await dueAfterPlanting("rbac", "secret");
    expect(await carry(item)).toBe("done");
    const user = { tid: TEST_TENANT, oid: SOMEBODY, name: "Kim", upn: undefined, roles: [] };
    const kim = { ...service(), user, asUser: service().azure.drill, requestId: "r" };
    const stranger = { ...kim, user: { ...user, oid: PLANTER, roles: ["Soc.Analyst" as const] } };
    await expect(stopSchedule(stranger, { id: deployment })).rejects.toMatchObject({ failure: { code: "conflict" } });
    expect(await readDeployment(kim, deployment)).toMatchObject({ scheduled: 1, may: { stopSchedule: true } });
    await stopSchedule(kim, { id: deployment });
    expect(await readDeployment(kim, deployment)).toMatchObject({ scheduled: 0, may: { stopSchedule: false } });
    fake.now += 400 * DAY;
    await renewWhatIsDue(service());
    const renewals = await store.db.selectFrom("decoy_renewal").select("id").where("decoy_id", "=", decoy.id).execute();
    expect(renewals).toHaveLength(1);
  });
});

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

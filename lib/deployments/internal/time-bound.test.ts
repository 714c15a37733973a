import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Config } from "@/lib/config";
import type { AzureAccess, ServiceContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import type { Store } from "@/lib/store/open";
import { TEST_TENANT, temporaryStore } from "@/lib/store/testing/stores";
import { sweepGrants } from "../sweep";
import { assignmentName, LEASE_MS, prolongGrant, takeGrantBack } from "./grants";
import type { Grant } from "./ledger";
import { giveRole, wayFor, wordsForWay } from "./time-bound";

// Each runs against a database; on a busy machine that takes its time.
vi.setConfig({ testTimeout: 120_000 });

const PLANTER = "0b0b0b0b-0000-4000-8000-000000000001";
const ROLE = "0d0d0d0d-0000-4000-8000-000000000003";
const SCOPE = "/subscriptions/00000000-0000-4000-8000-000000000001/resourcegroups/rg";
const MINUTE = 60_000;

/** What stands in Azure: requests with their end, plain assignments; and what Azure is like. */
const azure = {
  schedules: new Map<string, Date>(),
  /** Names of requests that were ever carried out. */
  requests: new Set<string>(),
  assignments: new Set<string>(),
  licensed: true,
  held: false,
  tooEarly: false,
  asked: 0,
  /** Names of requests that took something back, or were to. */
  endings: new Set<string>(),
};

vi.mock("@/lib/azure/role-assignments", () => ({
  createRoleAssignment: async (_: unknown, { name }: { name: string }) => void azure.assignments.add(name),
  deleteRoleAssignment: async (_: unknown, { name }: { name: string }) => void azure.assignments.delete(name),
}));
vi.mock("@/lib/azure/role-schedules", () => ({
  giveRoleUntil: async (_: unknown, { request }: { request: string }, { until }: { until: Date }) => {
    azure.asked++;
    if (!azure.licensed) return "unlicensed";
    if (azure.held) return "held";
    if (azure.requests.has(request)) return "ours";
    azure.requests.add(request);
    azure.schedules.set(request, until);
    return "given";
  },
  prolongRole: async (_: unknown, { request }: { request: string }, { until }: { until: Date }) => {
    if (!azure.schedules.has(request)) return "absent";
    azure.schedules.set(request, until);
    return "prolonged";
  },
  endRole: async (_: unknown, { request }: { request: string }, as: string) => {
    if (azure.endings.has(as)) throw new AppError("conflict", "There is a request of that name.");
    azure.endings.add(as);
    if (azure.tooEarly) return "too early";
    return azure.schedules.delete(request) ? "ended" : "absent";
  },
}));

let store: Store;
let now = Date.parse("2026-11-22T10:00:00Z");
beforeAll(async () => {
  store = await temporaryStore();
}, 180_000);
afterAll(() => store?.close());
beforeEach(async () => {
  for (const kept of [azure.schedules, azure.requests, azure.assignments, azure.endings]) kept.clear();
  Object.assign(azure, { licensed: true, held: false, tooEarly: false, asked: 0 });
  now += 24 * 60 * MINUTE;
  await store.db.deleteFrom("deployment_grant").execute();
  await switchSetting(true);
});

async function switchSetting(timeBoundRoles: boolean): Promise<void> {
  const value = JSON.stringify({ timeBoundRoles });
  await store.db
    .insertInto("setting")
    .values({
      ...{ name: "deployments", value, updated_by_oid: "kim", updated_by_name: "Kim", updated_at: new Date(now) },
    })
    .onConflict((conflict) => conflict.column("name").doUpdateSet({ value }))
    .execute();
}

function service(): ServiceContext {
  const identity = { clientId: PLANTER, objectId: PLANTER };
  const access = {} as AzureAccess; // passed on to the fakes only, which ignore it
  return {
    config: {
      tenantId: TEST_TENANT,
      plantRoleId: ROLE,
      identities: { collector: identity, registrar: identity, planter: identity, granter: identity, drill: identity },
    } as Config, // the parts of it that giving a right reads
    db: store.db,
    jobs: { enqueue: async () => {} },
    azure: { collector: access, registrar: access, planter: access, granter: access, drill: access },
    now: () => new Date(now),
  };
}

/** A right at a group on record, as it is just before it is given. */
async function intended(standing: readonly Grant[] = []): Promise<Grant> {
  const at = new Date(now);
  const planned = { id: randomUUID(), lease_until: new Date(now + LEASE_MS) };
  return store.db
    .insertInto("deployment_grant")
    .values({
      ...planned,
      ...(await wayFor(service(), planned, standing)),
      ...{ item_id: null, deployment_id: null, scope: SCOPE, vault_id: null, model: "rbac" },
      assignment_id: assignmentName(service(), SCOPE, ROLE),
      ...{ added: JSON.stringify({ secrets: [], keys: [] }), before: JSON.stringify({}) },
      ...{ state: "intended", created_at: at, updated_at: at },
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

async function given(): Promise<Grant> {
  const grant = await intended();
  await giveRole(service(), grant, ROLE);
  await store.db.updateTable("deployment_grant").set({ state: "given" }).where("id", "=", grant.id).execute();
  return { ...grant, state: "given" };
}

const recorded = ({ id }: Grant) =>
  store.db.selectFrom("deployment_grant").selectAll().where("id", "=", id).executeTakeFirstOrThrow();

describe("the way in which a role is given", () => {
  test("is a plain assignment unless the setting says otherwise", async () => {
    await switchSetting(false);
    const grant = await given();
    expect(grant).toMatchObject({ given_as: "assignment", request_id: null, ends_at: null });
    expect([azure.assignments.size, azure.asked]).toEqual([1, 0]);
    expect(await takeGrantBack(service(), grant)).toBe(true);
    expect(azure.assignments.size).toBe(0);
  });

  test("stands on record before it is sent, and ends after the lease", async () => {
    const grant = await intended();
    expect(azure.asked).toBe(0);
    expect(await recorded(grant)).toMatchObject({ given_as: "schedule", request_id: expect.any(String) });
    await giveRole(service(), grant, ROLE);
    const [end] = azure.schedules.values();
    expect(end).toEqual(grant.ends_at);
    expect(end?.getTime()).toBeGreaterThan(grant.lease_until.getTime());
    expect(azure.assignments.size).toBe(0);
    expect(wordsForWay(grant)).toContain("Azure ends it by itself");
    expect(await takeGrantBack(service(), grant)).toBe(true);
    expect(azure.schedules.size).toBe(0);
    expect((await recorded(grant)).state).toBe("revoked");
  });

  test("is that of the right of an earlier job that still stands, whatever the setting says now", async () => {
    const early = await given();
    await switchSetting(false);
    const late = await intended([early]);
    expect(late).toMatchObject({ given_as: "schedule", request_id: early.request_id });
    await giveRole(service(), late, ROLE);
    expect([azure.schedules.size, azure.assignments.size]).toEqual([1, 0]);
    await takeGrantBack(service(), late);
    expect(azure.schedules.size).toBe(0);
  });
});

describe("without a licence", () => {
  test("a plain assignment is given instead, the audit says so once, and Azure is not asked again for an hour", async () => {
    azure.licensed = false;
    const [one, two] = [await intended(), await intended()];
    await Promise.all([giveRole(service(), one, ROLE), giveRole(service(), two, ROLE)]);
    expect(await recorded(one)).toMatchObject({ given_as: "assignment_unlicensed", request_id: null, ends_at: null });
    expect([azure.assignments.size, azure.asked]).toEqual([1, 2]);
    expect(wordsForWay(one)).toContain("Microsoft Entra ID P2");
    const said = await store.db
      .selectFrom("audit")
      .select(["vault_id", "result"])
      .where("action", "=", "grant.without_end")
      .where("at", ">=", new Date(now))
      .execute();
    expect(said).toEqual([{ vault_id: SCOPE, result: expect.stringContaining("Entra ID P2") }]);
    now += 59 * MINUTE;
    await given();
    expect(azure.asked).toBe(2);
    now += 2 * MINUTE;
    azure.licensed = true;
    expect(await given()).toMatchObject({ given_as: "schedule" });
    expect(azure.asked).toBe(3);
  });
});

describe("a time-bound role", () => {
  test("is prolonged with its lease, and only when Azure would end it too soon", async () => {
    const grant = await given();
    const first = grant.ends_at;
    now += 5 * MINUTE;
    expect(await prolongGrant(service(), grant)).toBe(true);
    expect([...azure.schedules.values()]).toEqual([first]);
    now += 15 * MINUTE;
    expect(await prolongGrant(service(), grant)).toBe(true);
    const [end] = azure.schedules.values();
    expect(end?.getTime()).toBeGreaterThan(now + LEASE_MS);
    expect((await recorded(grant)).ends_at).toEqual(end);
  });

  test("that has ended is not taken for a standing one", async () => {
    const grant = await given();
    azure.schedules.clear();
    now += 60 * MINUTE;
    expect(await prolongGrant(service(), grant)).toBe(false);
    expect((await recorded(grant)).state).toBe("revoked");
  });

  test("of a process that died is found again, and asked for anew once it has ended", async () => {
    const grant = await intended();
    await giveRole(service(), grant, ROLE);
    await giveRole(service(), await recorded(grant), ROLE);
    expect(azure.requests.size).toBe(1);
    azure.schedules.clear();
    now += 60 * MINUTE;
    await giveRole(service(), await recorded(grant), ROLE);
    expect(azure.schedules.size).toBe(1);
    expect([...azure.schedules.values()].every((end) => end.getTime() > now + 5 * MINUTE)).toBe(true);
  });

  test("that somebody else had given before stays theirs", async () => {
    azure.held = true;
    const grant = await given();
    expect(await recorded(grant)).toMatchObject({ given_as: "schedule", request_id: null, ends_at: null });
    azure.schedules.set("theirs", new Date(now + 60 * MINUTE));
    expect(await takeGrantBack(service(), grant)).toBe(true);
    expect([...azure.schedules.keys()]).toEqual(["theirs"]);
  });

  test("that stood too short for Azure is taken back by the sweeper a little later", async () => {
    const grant = await given();
    azure.tooEarly = true;
    expect(await takeGrantBack(service(), grant)).toBe(false);
    expect((await recorded(grant)).state).toBe("revoking");
    now += 2 * MINUTE;
    expect(await sweepGrants(service())).toBe(0);
    azure.tooEarly = false;
    now += 2 * MINUTE;
    expect(await sweepGrants(service())).toBe(1);
    expect(azure.schedules.size).toBe(0);
    expect((await recorded(grant)).state).toBe("revoked");
  });
});

import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { Config } from "@/lib/config";
import type { AzureAccess, UserContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import type { Store } from "@/lib/store/open";
import { TEST_TENANT, temporaryStore } from "@/lib/store/testing/stores";
import { LEASE_MS } from "./internal/grants";
import { takeBackNow } from "./open-grants";

// Each runs against a database; on a busy machine that takes its time.
vi.setConfig({ testTimeout: 120_000 });

const GROUP = "/subscriptions/00000000-0000-4000-8000-000000000001/resourcegroups/rg";
const VAULT = `${GROUP}/providers/microsoft.keyvault/vaults/kv-a`;

/** What Azure answers when a right is to be ended, and what the person may read there. */
const azure = { failure: undefined as Error | undefined, tooEarly: false };
let readable: string[] = [];
vi.mock("@/lib/azure/role-assignments", () => ({
  deleteRoleAssignment: async () => {
    if (azure.failure) throw azure.failure;
  },
}));
vi.mock("@/lib/azure/role-schedules", () => ({ endRole: async () => (azure.tooEarly ? "too early" : "ended") }));
vi.mock("@/lib/coverage/visible", () => ({
  readableOf: async (_: unknown, ids: Iterable<string>) => new Set([...ids].filter((id) => readable.includes(id))),
}));

let store: Store;
let now = Date.parse("2026-11-22T10:00:00Z");
beforeAll(async () => {
  store = await temporaryStore();
}, 180_000);
afterAll(() => store?.close());
beforeEach(() => {
  Object.assign(azure, { failure: undefined, tooEarly: false });
  readable = [GROUP, VAULT];
  now += LEASE_MS;
});

function person(): UserContext {
  const access = {} as AzureAccess; // passed on to the fakes only, which ignore it
  return {
    config: { tenantId: TEST_TENANT } as Config, // taking a right back reads no more of it
    db: store.db,
    jobs: { enqueue: async () => {} },
    azure: { collector: access, registrar: access, planter: access, granter: access, drill: access },
    now: () => new Date(now),
    user: { tid: TEST_TENANT, oid: "ada", name: "Ada", upn: undefined, roles: ["Platform.Admin"] },
    asUser: access,
    requestId: "r",
  };
}

/** A role on record as given, at a resource group or a vault. */
async function given(scope: string, way: "assignment" | "schedule" = "assignment"): Promise<string> {
  const [id, at] = [randomUUID(), new Date(now)];
  const request = way === "schedule" ? { request_id: randomUUID(), ends_at: new Date(now + 2 * LEASE_MS) } : {};
  await store.db
    .insertInto("deployment_grant")
    .values({
      ...{ id, item_id: null, deployment_id: null, scope, vault_id: scope === VAULT ? VAULT : null, model: "rbac" },
      ...{ assignment_id: randomUUID(), given_as: way, ...request },
      ...{ added: JSON.stringify({ secrets: [], keys: [] }), before: JSON.stringify({}) },
      ...{ state: "given", lease_until: new Date(now + LEASE_MS), created_at: at, updated_at: at },
    })
    .execute();
  return id;
}

const said = () =>
  store.db
    .selectFrom("audit")
    .select(["who", "action", "vault_id", "result"])
    .where("at", "=", new Date(now))
    .orderBy("id")
    .execute();
const row = (scope: string, result: string) => ({ who: "Ada", action: "grant.take_back", vault_id: scope, result });

test.each([GROUP, VAULT])("a right that is taken back leaves a row about where it was: %s", async (scope) => {
  expect(await takeBackNow(person(), { id: await given(scope) })).toEqual({ taken: true });
  expect(await said()).toEqual([row(scope, "ok")]);
});

test.each([
  ["refuses", new AppError("forbidden", "Azure forbids it."), "refused: Azure forbids it."],
  ["fails", new AppError("unavailable", "Azure is away."), "failed: Azure is away."],
  ["is answered with what nobody expected", new Error("10.0.0.7 said no"), "failed: Something failed in this product."],
])("one that Azure %s leaves a row that says so, and the failure is the person's", async (_, failure, result) => {
  azure.failure = failure;
  await expect(takeBackNow(person(), { id: await given(GROUP) })).rejects.toThrow(failure.message);
  expect(await said()).toEqual([row(GROUP, result)]);
});

test("one that Azure wants to stand some minutes longer leaves a row that says so", async () => {
  azure.tooEarly = true;
  await expect(takeBackNow(person(), { id: await given(GROUP, "schedule") })).rejects.toThrow("five minutes");
  expect(await said()).toEqual([row(GROUP, expect.stringMatching(/^refused: .*five minutes/))]);
});

test("one where the person may read nothing stays, and the attempt leaves a row for those who may", async () => {
  const id = await given(GROUP);
  readable = [];
  await expect(takeBackNow(person(), { id })).rejects.toThrow("not open any more");
  expect(await said()).toEqual([row(GROUP, expect.stringMatching(/^refused: /))]);
  readable = [GROUP];
  expect(await takeBackNow(person(), { id })).toEqual({ taken: true });
});

test("one that is not open any more leaves no row", async () => {
  const id = await given(GROUP);
  await takeBackNow(person(), { id });
  now += 1;
  await expect(takeBackNow(person(), { id })).rejects.toThrow("not open any more");
  expect(await said()).toEqual([]);
});

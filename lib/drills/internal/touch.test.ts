import type { Insertable } from "kysely";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { ServiceContext } from "@/lib/context";
import { addDecoys, testService } from "@/lib/register/testing/service";
import type { Store } from "@/lib/store/open";
import type { DrillTable } from "@/lib/store/schema";
import { temporaryStore } from "@/lib/store/testing/stores";
import { recordOf } from "./records";
import { touchWhatIsDue } from "./touch";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const AT = new Date("2026-11-30T08:00:00.000Z");
const MINUTE = 60_000;
const at = (minutes: number) => new Date(AT.getTime() + minutes * MINUTE);
let clock = AT;
let store: Store;
let service: ServiceContext;
let status: number;

/** Token keys of what the log shows to be gone. */
const gone = new Set<string>();
vi.mock("./broken", () => ({ brokenKeys: async () => gone }));
vi.mock("@/lib/azure/key-vault", () => ({
  touchByReading: async () => ({ status, requestId: "r", byNetwork: false }),
  tryListing: async () => ({ status: 403, byNetwork: false }),
}));
vi.mock("@/lib/deployments/read-grants", async (original) => ({
  ...(await original<typeof import("@/lib/deployments/read-grants")>()),
  stillMayGiveReads: async () => true,
}));

beforeAll(async () => {
  store = await temporaryStore();
  const base = testService(store, () => clock);
  const credential = { getToken: async () => ({ token: "t", expiresOnTimestamp: AT.getTime() }) };
  service = { ...base, azure: { ...base.azure, drill: { ...base.azure.drill, credential } } };
});
afterAll(() => store?.close());

/** A drill of a vault of its own that waits for its turn. Returns the vault. */
async function queue(id: string, change: Partial<Insertable<DrillTable>> = {}): Promise<string> {
  const [decoy] = await addDecoys(store, 1, { state: "live" });
  const vault_id = decoy?.vault_id ?? "";
  await store.db
    .insertInto("drill")
    .values({
      id,
      vault_id,
      origin: "schedule",
      requested_by_tid: "t",
      requested_by_oid: "",
      requested_by_name: "schedule",
      identity_oid: "o",
      state: "queued",
      requested_at: AT,
      not_before: AT,
      ...change,
    })
    .execute();
  return vault_id;
}

const round = () => touchWhatIsDue(service, async () => {});
const drillRow = (id: string) =>
  store.db.selectFrom("drill").selectAll().where("id", "=", id).executeTakeFirstOrThrow();

async function touched(id: string) {
  await queue(id);
  await round();
  return drillRow(id);
}

test.each([500, 503, 408])(
  "an answer of %d is kept with its id, and the log is asked what became of it",
  async (answer) => {
    status = answer;
    const row = await touched(`d${answer}`);
    expect(row).toMatchObject({ state: "recorded", problem: null, refused_by: null, ended_at: null });
    expect(recordOf(row)).toMatchObject({ status: answer, requestId: "r", answeredAt: AT });
  },
);

test("the refusal that was wanted is kept too, and another answer ends the drill", async () => {
  status = 403;
  expect(await touched("refused")).toMatchObject({ state: "touched", answer_status: 403, refused_by: "right" });
  status = 404;
  expect(await touched("gone")).toMatchObject({ state: "failed", answer_status: 404, problem: "gone" });
});

test("what was deleted is not touched: a refusal there would look like a proof", async () => {
  status = 403;
  const { key } = (await store.db
    .selectFrom("decoy")
    .select(({ fn }) => fn.count<string>("id").as("key"))
    .executeTakeFirst()) ?? { key: "0" };
  const vault = `/subscriptions/00000000-0000-4000-8000-000000000001/resourcegroups/rg/providers/microsoft.keyvault/vaults/kv-${key}`;
  gone.add(`${vault}/secrets/batch-reader-${key}`);
  expect(await touched("not-touched")).toMatchObject({ problem: "no_decoy", intended_at: null });
  gone.clear();
});

/** The right of an earlier drill of the vault, which Azure did not let us take back. */
async function leaveRight(vaultId: string): Promise<void> {
  await store.db
    .insertInto("deployment_grant")
    .values({
      id: `right-${vaultId}`,
      item_id: null,
      deployment_id: null,
      drill_id: null,
      principal_oid: "o",
      scope: vaultId,
      vault_id: vaultId,
      model: "rbac",
      assignment_id: "a",
      given_as: "assignment",
      request_id: null,
      ends_at: null,
      added: JSON.stringify({ secrets: [], keys: [] }),
      before: JSON.stringify({ purpose: "read" }),
      state: "revoking",
      lease_until: AT,
      created_at: AT,
      updated_at: AT,
    })
    .execute();
}

test("a permitted read behind a right that is not taken back waits for a while, then ends and lets others drill its vault", async () => {
  const late = service.config.timing.drillLateAfter / MINUTE;
  const vaultId = await queue("behind-a-right", { read: "permitted", origin: "person" });
  await leaveRight(vaultId);
  clock = at(late);
  await round();
  expect(await drillRow("behind-a-right")).toMatchObject({ state: "queued", ended_at: null });
  clock = at(late + 1);
  await round();
  expect(await drillRow("behind-a-right")).toMatchObject({ state: "failed", problem: "right_left", intended_at: null });
  await queue("next-of-that-vault", { vault_id: vaultId, not_before: clock });
  status = 403;
  await round();
  expect(await drillRow("next-of-that-vault")).toMatchObject({ state: "touched" });
});

test("what a person wants at once goes before the schedule's and a large drill's that are overdue", async () => {
  status = 403;
  const overdue = Array.from({ length: 12 }, (_, index) => `overdue-${index}`);
  for (const [index, id] of overdue.entries()) {
    const origin = index % 2 === 0 ? ("person" as const) : ("schedule" as const);
    await queue(id, { origin, requested_at: at(-60), not_before: at(index - 50) });
  }
  clock = at(200);
  await queue("at-once", { origin: "person", requested_at: clock, not_before: clock });
  await round();
  expect((await drillRow("at-once")).state).toBe("touched");
  // The others keep their order.
  const states = await Promise.all(overdue.map(async (id) => (await drillRow(id)).state));
  expect(states.filter((state) => state === "touched")).toHaveLength(4);
  expect(states.slice(0, 4)).toEqual(Array(4).fill("touched"));
});

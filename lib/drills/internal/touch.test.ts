import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { ServiceContext } from "@/lib/context";
import { addDecoys, testService } from "@/lib/register/testing/service";
import type { Store } from "@/lib/store/open";
import { temporaryStore } from "@/lib/store/testing/stores";
import { recordOf } from "./records";
import { touchWhatIsDue } from "./touch";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const AT = new Date("2026-11-30T08:00:00.000Z");
let store: Store;
let service: ServiceContext;
let status: number;

/** Token keys of what the log shows to be gone. */
const gone = new Set<string>();
vi.mock("./broken", () => ({ brokenDecoys: async () => gone }));
vi.mock("@/lib/azure/key-vault", () => ({
  touchByReading: async () => ({ status, requestId: "r", byNetwork: false }),
}));

beforeAll(async () => {
  store = await temporaryStore();
  const base = testService(store, () => AT);
  const credential = { getToken: async () => ({ token: "t", expiresOnTimestamp: AT.getTime() }) };
  service = { ...base, azure: { ...base.azure, drill: { ...base.azure.drill, credential } } };
});
afterAll(() => store?.close());

async function touched(id: string) {
  const [decoy] = await addDecoys(store, 1, { state: "live" });
  await store.db
    .insertInto("drill")
    .values({
      id,
      vault_id: decoy?.vault_id ?? "",
      origin: "schedule",
      requested_by_tid: "t",
      requested_by_oid: "",
      requested_by_name: "schedule",
      identity_oid: "o",
      state: "queued",
      requested_at: AT,
      not_before: AT,
    })
    .execute();
  await touchWhatIsDue(service, async () => {});
  return store.db.selectFrom("drill").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
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

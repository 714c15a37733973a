import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { ServiceContext } from "@/lib/context";
import { addDecoys, testService } from "@/lib/register/testing/service";
import type { Store } from "@/lib/store/open";
import { temporaryStore } from "@/lib/store/testing/stores";
import { startDueDrills } from "./schedule";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const HOUR = 60 * 60_000;
const DAY = 24 * HOUR;
let store: Store;
let service: ServiceContext;
let clock: Date;
let vaultId: string;

vi.mock("@/lib/coverage/states", () => ({
  readStates: async (_: unknown, ids: readonly string[]) =>
    new Map(ids.map((id) => [id, { state: "protected", excluded: false }])),
}));
vi.mock("@/lib/settings/settings", () => ({
  readSettings: async () => ({ drills: { everyDays: 30, dailyMax: 10 } }),
}));
vi.mock("./start", async (original) => ({
  ...(await original<typeof import("./start")>()),
  whyNoDrills: () => null,
}));

beforeAll(async () => {
  store = await temporaryStore();
  service = testService(store, () => clock);
  const [decoy] = await addDecoys(store, 1, { state: "live" });
  vaultId = decoy?.vault_id ?? "";
});
afterAll(() => store?.close());
beforeEach(async () => {
  await store.db.deleteFrom("drill").execute();
  // Far enough from now for every vault to have had its turn.
  clock = new Date(Date.now() + 90 * DAY);
  expect(await startDueDrills(service)).toBe(1);
});

const end = (state: "failed" | "passed" | "unreachable") =>
  store.db.updateTable("drill").set({ state, ended_at: clock }).where("vault_id", "=", vaultId).execute();

test("a drill that failed is made again within a day, and one that passed is not", async () => {
  await end("failed");
  expect(await startDueDrills(service)).toBe(0);
  clock = new Date(clock.getTime() + 21 * HOUR);
  expect(await startDueDrills(service)).toBe(1);
  // One under way is not joined by another.
  expect(await startDueDrills(service)).toBe(0);
});

test.each(["passed", "unreachable"] as const)("one that ended as %s has had its turn", async (state) => {
  await end(state);
  clock = new Date(clock.getTime() + 21 * HOUR);
  // Its next turn may come in this time, so that it was asked for is moved along.
  await store.db.updateTable("drill").set({ requested_at: clock }).where("vault_id", "=", vaultId).execute();
  expect(await startDueDrills(service)).toBe(0);
});

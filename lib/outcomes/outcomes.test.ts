import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { UserContext } from "@/lib/context";
import { testService } from "@/lib/register/testing/service";
import type { Store } from "@/lib/store/open";
import { temporaryStore } from "@/lib/store/testing/stores";
import { mustCount, readOutcomes } from "./outcomes";
import { csvFields, type OutcomeFigures } from "./outcomes.pure";

const vault = (name: string) =>
  `/subscriptions/00000000-0000-4000-8000-000000000001/resourcegroups/rg/providers/microsoft.keyvault/vaults/${name}`;
vi.mock("@/lib/coverage/visible", () => ({
  readableOf: async (_: unknown, ids: Iterable<string>) => new Set([...ids].filter((id) => id.endsWith("kv-mine"))),
}));

let store: Store;
beforeAll(async () => {
  store = await temporaryStore();
}, 120_000);
afterAll(() => store.close());

test("figures are counted when there are none, and anew after ten minutes", async () => {
  let now = new Date("2026-11-01T12:00:00Z");
  const service = testService(store, () => now);
  expect(await mustCount(service)).toBe(true);
  const count = { day: "2026-11-01", figures: "{}", counted_at: now };
  await store.db.insertInto("outcome_day").values(count).execute();
  expect(await mustCount(service)).toBe(false);
  now = new Date("2026-11-01T12:09:00Z");
  expect(await mustCount(service)).toBe(false);
  now = new Date("2026-11-01T12:10:00Z");
  expect(await mustCount(service)).toBe(true);
  await store.db.deleteFrom("outcome_day").execute();
});

test("the vault that is unproven for longest is named to whoever may read it, and to nobody else", async () => {
  const service = testService(store, () => new Date());
  const user = { tid: "t", oid: "ada", name: "Ada", upn: undefined, roles: [] };
  const ctx: UserContext = { ...service, user, asUser: service.azure.collector, requestId: "r" };
  const since = "2026-10-01T00:00:00.000Z";
  const oldest = [{ vaultId: vault("kv-theirs"), since }, { vaultId: vault("kv-mine"), since }, null];
  const days = oldest.map((oldestUnproven, number) => {
    const figures: OutcomeFigures = {
      proven: { protectedVaults: 2, provenVaults: 1, unknownVaults: 0, percent: 50 },
      timeToAlert: { drills: 0, p50: null, p95: null },
      benign: { touches: 0, decoyDays: 0, per100DecoyDays: null },
      oldestUnproven,
      burnt: { decoys: 0, standing: 0 },
      problems: [],
    };
    return { day: `2026-11-0${number + 1}`, figures: JSON.stringify(figures), counted_at: new Date() };
  });
  await store.db.insertInto("outcome_day").values(days).execute();
  const read = (await readOutcomes(ctx)).days;
  const named = [{ vaultId: null, since }, { vaultId: vault("kv-mine"), since }, null];
  expect(read.map(({ figures }) => figures.oldestUnproven)).toEqual(named);
  expect(read[0]?.figures.proven.percent).toBe(50);
  expect(read.map((one) => csvFields(one)[12])).toEqual(["not yours to read", vault("kv-mine"), "none"]);
});

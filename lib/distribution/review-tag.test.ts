import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { parseVaultId } from "@/lib/azure/resource-id.pure";
import type { AzureAccess, ServiceContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { testService } from "@/lib/register/testing/service";
import { RecommendationSettings } from "@/lib/settings/settings.pure";
import type { Store } from "@/lib/store/open";
import { temporaryStore } from "@/lib/store/testing/stores";
import { keepTags } from "./keep-tags";
import { NEUTRAL_NAMES } from "./policies.pure";
import { isDrift, mayBeReviewed, RED_FOR_MS, reviewStep, tagSays, tagValue } from "./review-tag.pure";

const NOON = new Date("2026-11-22T12:00:00Z");
const STATES = ["protected", "exempt", "unprotected", "waiting", "unknown"] as const;
type State = (typeof STATES)[number];
const later = (milliseconds: number) => new Date(NOON.getTime() + milliseconds);

describe("what a tag says", () => {
  test.each([
    [undefined, "missing"],
    ["ReviewNeeded", "needs_review"],
    ["REVIEWED", "reviewed"],
    ["Later", "other"],
    ["", "other"],
  ])("%j", (value, says) => {
    expect(tagSays(value, NEUTRAL_NAMES)).toBe(says);
  });

  test("is found whatever the casing of its name", () => {
    expect(tagValue({ KEYVAULTREVIEW: "x", other: "y" }, "KeyVaultReview")).toBe("x");
  });
});

describe("the decision", () => {
  const step = (state: State, value: string | undefined, redSince?: Date, now = NOON) =>
    reviewStep({ state, says: tagSays(value, NEUTRAL_NAMES), redSince, now });

  test.each(["protected", "exempt"] as const)("%s makes it Reviewed, once, and ends being red", (state) => {
    expect(step(state, "ReviewNeeded", later(-1))).toEqual({ write: "reviewed", redSince: undefined });
    expect(step(state, "Later").write).toBe("reviewed");
    expect(step(state, "reviewed")).toEqual({ write: undefined, redSince: undefined });
  });

  test("red is remembered from when it was seen, and undoes a review after 24 hours, not before", () => {
    expect(step("unprotected", "Reviewed")).toEqual({ write: undefined, redSince: NOON });
    expect(step("unprotected", "Reviewed", NOON, later(RED_FOR_MS - 1)).write).toBeUndefined();
    expect(step("unprotected", "Reviewed", NOON, later(RED_FOR_MS)).write).toBe("needsReview");
    expect(step("unprotected", "ReviewNeeded", NOON, later(RED_FOR_MS)).write).toBeUndefined();
  });

  test.each(["waiting", "unknown"] as const)("%s changes nothing", (state) => {
    for (const value of ["Reviewed", "ReviewNeeded", "Later"])
      expect(step(state, value, NOON, later(10 * RED_FOR_MS))).toEqual({ write: undefined, redSince: NOON });
  });

  test("a mark on whatever is not green or exempt is drift", () => {
    const drifting = STATES.filter((state) => isDrift(state, "reviewed"));
    expect(drifting).toEqual(STATES.filter((state) => !mayBeReviewed(state)));
    expect(STATES.some((state) => isDrift(state, "needs_review"))).toBe(false);
  });
});

interface World {
  vaults: Map<string, { state: string; tag: string | undefined }>;
  writes: { azure: unknown; id: string; tags: Record<string, string> }[];
  refuse: Error | undefined;
}
const world = vi.hoisted((): World => ({ vaults: new Map(), writes: [], refuse: undefined }));
vi.mock("@/lib/log", () => ({ log: { warn: () => {} } }));
vi.mock("@/lib/coverage/fleet", () => ({
  readWholeFleet: async () => ({
    rows: [...world.vaults].map(([id, { state }]) => ({ id, state })),
    reviewTagOf: (id: string) => world.vaults.get(id)?.tag,
  }),
}));
vi.mock("@/lib/azure/tags", () => ({
  mergeTags: async (azure: unknown, id: string, tags: Record<string, string>) => {
    world.writes.push({ azure, id, tags });
    if (world.refuse) throw world.refuse;
    const vault = world.vaults.get(id);
    if (vault) vault.tag = Object.values(tags)[0];
  },
}));

describe("keeping the tags", () => {
  let store: Store;
  let registrar: AzureAccess;
  let now = NOON;
  beforeAll(async () => {
    store = await temporaryStore();
    registrar = { ...testService(store, () => now).azure.registrar };
  });
  afterAll(() => store.close());
  beforeEach(async () => {
    for (const table of ["setting", "review_tag"] as const) await store.db.deleteFrom(table).execute();
    world.vaults.clear();
    world.writes.length = 0;
    world.refuse = undefined;
    now = NOON;
  });

  const service = (): ServiceContext => {
    const made = testService(store, () => now);
    return { ...made, azure: { ...made.azure, registrar } };
  };
  const round = () => keepTags(service(), new AbortController().signal);
  const set = (change: Partial<RecommendationSettings>) =>
    store.db
      .insertInto("setting")
      .values({
        name: "recommendation",
        value: JSON.stringify(RecommendationSettings.parse({ inUse: true, keepTag: true, ...change })),
        updated_by_oid: "o",
        updated_by_name: "Kim",
        updated_at: NOON,
      })
      .execute();
  const id = (name: string, subscription = 1) => {
    const text = `/subscriptions/0000000${subscription}-0000-4000-8000-000000000000/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/${name}`;
    return parseVaultId(text) ?? "";
  };
  const rows = () => store.db.selectFrom("review_tag").selectAll().execute();

  test("does nothing while it is off, or while the recommendation is not in use", async () => {
    world.vaults.set(id("kv-green"), { state: "protected", tag: "ReviewNeeded" });
    await set({ keepTag: false });
    await round();
    await store.db.deleteFrom("setting").execute();
    await set({ inUse: false });
    await round();
    expect(world.writes).toEqual([]);
  });

  test("writes as the registrar, only where the tag differs, and records before and after", async () => {
    await set({});
    world.vaults.set(id("kv-green"), { state: "protected", tag: "ReviewNeeded" });
    world.vaults.set(id("kv-done"), { state: "exempt", tag: "reviewed" });
    world.vaults.set(id("kv-untagged"), { state: "protected", tag: undefined });
    await round();
    await round();
    expect(world.writes[0]?.azure).toBe(registrar);
    expect(world.writes).toEqual([{ azure: registrar, id: id("kv-green"), tags: { KeyVaultReview: "Reviewed" } }]);
    const audit = await store.db
      .selectFrom("audit")
      .select(["action", "vault_id", "before", "after", "result"])
      .where("vault_id", "=", id("kv-green"))
      .execute();
    const [before, after] = [{ KeyVaultReview: "ReviewNeeded" }, { KeyVaultReview: "Reviewed" }];
    expect(audit).toEqual([{ action: "review_tag.write", vault_id: id("kv-green"), before, after, result: "ok" }]);
  });

  test("sets a review back after 24 hours of red, and starts to count anew after a green hour", async () => {
    await set({});
    world.vaults.set(id("kv-red"), { state: "unprotected", tag: "Reviewed" });
    await round();
    now = later(RED_FOR_MS / 2);
    world.vaults.set(id("kv-red"), { state: "protected", tag: "Reviewed" });
    await round();
    expect(await rows()).toEqual([]);
    world.vaults.set(id("kv-red"), { state: "unprotected", tag: "Reviewed" });
    await round();
    now = later(RED_FOR_MS);
    await round();
    expect(world.writes).toEqual([]);
    now = later(1.5 * RED_FOR_MS);
    await round();
    expect(world.writes.map(({ tags }) => tags)).toEqual([{ KeyVaultReview: "ReviewNeeded" }]);
  });

  test("a missing right is asked for once in each subscription, said with its fix, and forgotten when it is there", async () => {
    await set({});
    for (const [name, subscription] of [
      ["kv-a", 1],
      ["kv-b", 1],
      ["kv-c", 2],
    ] as const)
      world.vaults.set(id(name, subscription), { state: "protected", tag: "ReviewNeeded" });
    world.refuse = new AppError("forbidden", "Could not set the vault's tags.");
    await round();
    expect(world.writes).toHaveLength(2);
    expect((await rows()).map(({ problem }) => problem)).toEqual(
      Array(3).fill(expect.stringContaining("Tag Contributor")),
    );
    world.refuse = undefined;
    await round();
    expect(await rows()).toEqual([]);
    expect(world.writes).toHaveLength(5);
  });
});

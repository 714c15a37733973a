import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Config } from "@/lib/config";
import type { AzureAccess, Role, UserContext } from "@/lib/context";
import { NEUTRAL_NAMES } from "@/lib/distribution/policies.pure";
import type { Store } from "@/lib/store/open";
import { TEST_TENANT, temporaryStore } from "@/lib/store/testing/stores";
import { changeSettings, readSettings, readSettingsView } from "./settings";
import { DEFAULT_SETTINGS, HoursOfDay, isWithin, SettingsChange } from "./settings.pure";

let store: Store;
let minute = 0;
beforeAll(async () => {
  store = await temporaryStore();
});
afterAll(() => store.close());
beforeEach(async () => {
  await store.db.deleteFrom("setting").execute();
  minute++;
});

function person(name: string, roles: Role[] = ["Platform.Admin"]): UserContext {
  const access = {} as AzureAccess; // settings never reach for Azure
  return {
    config: {} as Config, // nor for the configuration
    db: store.db,
    jobs: { enqueue: async () => {} },
    azure: { collector: access, registrar: access, planter: access, granter: access, drill: access },
    now: () => new Date(Date.UTC(2026, 10, 22, 10, minute)),
    user: { tid: TEST_TENANT, oid: `oid-of-${name}`, name, upn: undefined, roles },
    asUser: access,
    requestId: "r",
  };
}

const decoys = { ...DEFAULT_SETTINGS.decoys, perVault: 3 };
const audited = () =>
  store.db
    .selectFrom("audit")
    .select(["who", "before", "after", "result"])
    .where("action", "=", "settings.change")
    .where("at", "=", new Date(Date.UTC(2026, 10, 22, 10, minute)))
    .execute();

test("without a change the defaults hold", async () => {
  expect(await readSettings(store.db)).toEqual(DEFAULT_SETTINGS);
  expect(DEFAULT_SETTINGS).toMatchObject({
    deployments: { approvalAboveVaults: 500 },
    newVaults: { nightlyPlan: "wait" },
  });
});

test("a change holds for its group, says who made it and when, and is recorded with before and after", async () => {
  const kim = person("Kim");
  expect(await changeSettings(kim, { group: "decoys", value: decoys, basedOn: null })).toEqual({ changed: true });
  const view = await readSettingsView(person("Sam", ["Soc.Analyst"]));
  expect(view.settings).toEqual({ ...DEFAULT_SETTINGS, decoys });
  const at = kim.now().toISOString();
  const never = { deployments: null, newVaults: null, webhook: null, drills: null, recommendation: null };
  expect(view.changed).toEqual({ decoys: { at, by: "Kim" }, ...never });
  expect(view.mayChange).toBe(false);
  expect(await audited()).toEqual([
    { who: "Kim", before: { decoys: DEFAULT_SETTINGS.decoys }, after: { decoys }, result: "ok" },
  ]);
});

test.each(["keyKeywords", "secretKeywords"])(
  "a word that gives away what a decoy is, is refused among the %s, and named",
  async (field) => {
    for (const word of ["Honeypot", "myDecoy", "bait"]) {
      const value = { ...decoys, [field]: ["orders", word] };
      await expect(changeSettings(person("Kim"), { group: "decoys", value, basedOn: null })).rejects.toMatchObject({
        failure: { code: "invalid", field: `value.${field}`, message: expect.stringContaining(`"${word}"`) },
      });
    }
  },
);

test("the same values again are no change", async () => {
  const value = DEFAULT_SETTINGS.newVaults;
  expect(await changeSettings(person("Kim"), { group: "newVaults", value, basedOn: null })).toEqual({ changed: false });
  expect(await audited()).toEqual([]);
  expect((await readSettingsView(person("Kim"))).changed.newVaults).toBeNull();
});

test("of two people who change what they both read, the second one is told", async () => {
  const changes = ["Kim", "Sam"].map((name, index) =>
    changeSettings(person(name), { group: "decoys", value: { ...decoys, perVault: index + 2 }, basedOn: null }),
  );
  const outcomes = await Promise.allSettled(changes);
  expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  const refused = outcomes.find((outcome) => outcome.status === "rejected");
  expect(refused?.reason).toMatchObject({ failure: { code: "conflict", message: expect.stringContaining("changed") } });
  expect(await audited()).toHaveLength(1);
});

test("stored settings that are not understood stop the reader instead of becoming a default", async () => {
  await store.db
    .insertInto("setting")
    .values({
      name: "deployments",
      value: JSON.stringify({ approvalAboveVaults: 5, approvalBy: "two people" }),
      updated_by_oid: "o",
      updated_by_name: "Kim",
      updated_at: new Date(),
    })
    .execute();
  await expect(readSettings(store.db)).rejects.toMatchObject({
    failure: { code: "unavailable", message: expect.stringContaining("deployments") },
  });
});

describe("a change is refused with the field", () => {
  test.each([
    ["decoys", { ...decoys, perVault: 6 }, "value.perVault"],
    ["decoys", { ...decoys, secretKeywords: ["fine", "not fine"] }, "value.secretKeywords.1"],
    ["deployments", { ...DEFAULT_SETTINGS.deployments, approvalAboveVaults: 1.5 }, "value.approvalAboveVaults"],
    ["deployments", { ...DEFAULT_SETTINGS.deployments, refuseHours: { from: 8, to: 8 } }, "value.refuseHours.to"],
    ["newVaults", { nightlyPlan: "wait", hour: 24 }, "value.hour"],
    ["recommendation", { ...DEFAULT_SETTINGS.recommendation, link: "javascript:alert(1)" }, "value.link"],
    [
      "recommendation",
      { ...DEFAULT_SETTINGS.recommendation, names: { ...NEUTRAL_NAMES, tagName: "a']b" } },
      "value.names.tagName",
    ],
    [
      "recommendation",
      { ...DEFAULT_SETTINGS.recommendation, names: { ...NEUTRAL_NAMES, reviewed: "REVIEWNEEDED" } },
      "value.names.reviewed",
    ],
  ])("%s %j", (group, value, field) => {
    const parsed = SettingsChange.safeParse({ group, value, basedOn: null });
    expect(parsed.error?.issues[0]?.path.join(".")).toBe(field);
  });
});

test.each([
  [8, 18, [8, 17], [7, 18, 0]],
  [22, 6, [22, 23, 0, 5], [6, 21, 12]],
])("the hours from %i to %i hold %j and not %j", (from, to, inside, outside) => {
  const hours = HoursOfDay.parse({ from, to });
  const at = (hour: number) => new Date(Date.UTC(2026, 10, 22, hour, 59));
  for (const hour of inside) expect(isWithin(hours, at(hour)), String(hour)).toBe(true);
  for (const hour of outside) expect(isWithin(hours, at(hour)), String(hour)).toBe(false);
  expect(isWithin(null, at(from))).toBe(false);
});

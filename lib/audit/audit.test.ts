import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { UserContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { writeAudit } from "@/lib/store/audit";
import { openStore, type Store } from "@/lib/store/open";
import { NO_SERVER, type StorePlace, storeKinds, TEST_TENANT } from "@/lib/store/testing/stores";
import { AuditCursor, AuditQuery, csvFields, resultOf } from "./audit.pure";
import { exportAudit, readAudit } from "./read";

const KIM = "0c0c0c0c-0000-4000-8000-00000000000a";
const GROUP = "/subscriptions/00000000-0000-4000-8000-000000000001/resourcegroups/rg";
const vault = (name: string) => `${GROUP}/providers/microsoft.keyvault/vaults/${name}`;

/** What the person may not read in Azure, and what Azure was asked about. */
let hidden: string[] = [];
let asked: string[] = [];
let failure: AppError | undefined;
vi.mock("@/lib/coverage/visible", () => ({
  readableOf: async (_: unknown, ids: Iterable<string>) => {
    if (failure) throw failure;
    asked = [...ids];
    return new Set(asked.filter((id) => !hidden.includes(id)));
  },
}));
beforeEach(() => {
  [hidden, asked, failure] = [[], [], undefined];
});

const kinds = await storeKinds();

describe.each(kinds)("the audit trail in the $kind store", ({ available, make }) => {
  if (!available) {
    test.skip(NO_SERVER, () => {});
    return;
  }
  let place: StorePlace;
  let store: Store;
  let ctx: UserContext;

  async function wrote(name: string, action: string, result = "ok", day = "2026-11-20", vaultId?: string) {
    const by = name === "" ? { tid: TEST_TENANT, system: "Sweeper" } : { tid: TEST_TENANT, oid: KIM, name };
    const entry = { by, action, result, after: { note: action }, ...(vaultId !== undefined && { vaultId }) };
    await writeAudit(store.db, entry, new Date(`${day}T12:00:00Z`));
  }

  beforeAll(async () => {
    place = await make();
    store = await openStore(place.config);
    const user = { tid: TEST_TENANT, oid: "o", name: "Sam", upn: undefined, roles: [] };
    const parts = { db: store.db, user, now: () => new Date("2026-11-23T00:00:00Z") };
    ctx = parts as unknown as UserContext; // reading the trail needs no more
    await wrote("Kim Owner", "deployment.start", "ok", "2026-11-18", vault("kv-pay_1"));
    await wrote("Kim Owner", "deployment.start", "refused: no right", "2026-11-19", vault("kv-payx1"));
    await wrote("", "grant.sweep", "ok", "2026-11-20", GROUP);
    await wrote("Kimberly", "grant.give", "Azure failed", "2026-11-21", vault("kv-hr"));
    await wrote("Adam", "settings.change", "ok", "2026-11-22");
  });
  afterAll(async () => {
    await store.close();
    await place.remove();
  });

  const found = async (filter: object) =>
    (await readAudit(ctx, AuditQuery.parse(filter))).rows.map(({ who, action }) => `${who}: ${action}`);

  test("comes newest first", async () => {
    expect(await found({})).toEqual([
      "Adam: settings.change",
      "Kimberly: grant.give",
      "Sweeper: grant.sweep",
      "Kim Owner: deployment.start",
      "Kim Owner: deployment.start",
    ]);
  });

  test.each([
    ["a part of a name, any casing", { person: "KIM" }, 3],
    ["a whole object id", { person: KIM.toUpperCase() }, 4],
    ["nobody", { person: "Zoe" }, 0],
    ["a part of an action", { action: "grant" }, 2],
    ["no action", { action: "no such thing" }, 0],
    ["the beginning of a vault's name", { vault: "KV-pay" }, 2],
    ["a name with a character that is a wildcard elsewhere", { vault: "kv-pay_" }, 1],
    ["a vault's id, any casing", { vault: vault("KV-HR") }, 1],
    ["a resource group's id", { vault: `${GROUP}/` }, 1],
    ["success", { result: "ok" }, 3],
    ["refusals", { result: "refused" }, 1],
    ["failures", { result: "failed" }, 1],
    ["the days from one on", { from: "2026-11-21" }, 2],
    ["the days to one, that day included", { to: "2026-11-19" }, 2],
    [
      "several things at once",
      { person: "kim", action: "start", result: "ok", from: "2026-11-18", to: "2026-11-18" },
      1,
    ],
  ])("is searched by %s", async (_, filter, count) => {
    expect(await found(filter)).toHaveLength(count);
  });

  test("is read to its end by the page, each row once, also rows of one moment", async () => {
    for (let index = 0; index < 230; index++) await wrote("Paula", "decoy.write", "ok", "2026-11-10");
    const seen: string[] = [];
    let next: string | null | undefined;
    let pages = 0;
    do {
      const page = await readAudit(ctx, AuditQuery.parse({ person: "paula", ...(next && { after: next }) }));
      seen.push(...page.rows.map(({ id }) => id));
      next = page.next;
      pages++;
      if (next !== null) expect(AuditCursor.safeParse(next).success).toBe(true);
    } while (next !== null);
    expect(pages).toBe(3);
    expect(new Set(seen).size).toBe(230);
    expect(seen.map(Number)).toEqual(seen.map(Number).toSorted((a, b) => b - a));
  });

  test("is shown without what is about vaults that a person may not read, and counts that", async () => {
    hidden = [vault("kv-pay_1"), vault("kv-payx1"), GROUP];
    const query = AuditQuery.parse({ from: "2026-11-18", to: "2026-11-22" });
    for (const page of [await readAudit(ctx, query), await exportAudit(ctx, query)]) {
      expect(page.rows.map(({ who }) => who)).toEqual(["Adam", "Kimberly"]);
      expect(page).toMatchObject({ leftOut: 3, next: null });
    }
    expect(asked).toHaveLength(4);
    failure = new AppError("unavailable", "Azure is away.");
    await expect(readAudit(ctx, query)).rejects.toThrow("Azure is away.");
    await expect(exportAudit(ctx, query)).rejects.toThrow("Azure is away.");
  });

  test("compares ids in one form, and leaves what is about no subscription to everybody", async () => {
    const above = "/providers/microsoft.management/managementgroups/all";
    await wrote("Olga", "old.spelling", "ok", "2026-11-05", vault("kv-old").toUpperCase());
    await wrote("Olga", "old.above", "ok", "2026-11-05", above);
    hidden = [vault("kv-old"), above];
    const { rows, leftOut } = await readAudit(ctx, AuditQuery.parse({ person: "olga" }));
    expect(rows.map(({ action }) => action)).toEqual(["old.above"]);
    expect(leftOut).toBe(1);
  });

  test("is read to its end also where a whole page is about such vaults", async () => {
    for (let index = 0; index < 101; index++)
      await wrote("Petra", "decoy.write", "ok", "2026-11-07", index === 0 ? undefined : vault("kv-petra"));
    hidden = [vault("kv-petra")];
    const first = await readAudit(ctx, AuditQuery.parse({ person: "petra" }));
    expect(first).toMatchObject({ rows: [], leftOut: 100, next: expect.any(String) });
    const second = await readAudit(ctx, AuditQuery.parse({ person: "petra", after: first.next }));
    expect(second).toMatchObject({ rows: [{ vaultId: null }], leftOut: 0, next: null });
  });

  test("leaves a row when it is exported, with what was asked for, and none when it is read", async () => {
    const count = async () => (await found({ action: "audit.export" })).length;
    const before = await count();
    await readAudit(ctx, AuditQuery.parse({}));
    expect(await count()).toBe(before);
    const page = await exportAudit(ctx, AuditQuery.parse({ person: "kim", result: "refused" }));
    expect(page).toMatchObject({ rows: [{ who: "Kim Owner" }], next: null });
    const [row] = (await readAudit(ctx, AuditQuery.parse({ action: "audit.export" }))).rows;
    expect(row).toMatchObject({ who: "Sam", after: { filter: { person: "kim", result: "refused" } } });
    await exportAudit(ctx, AuditQuery.parse({ after: "2026-11-18T12:00:00.000Z_1" }));
    expect(await count()).toBe(before + 1);
  });
});

test.each([
  [{ after: "1; drop table audit" }, "after"],
  [{ from: "2026-02-30" }, "from"],
  [{ result: "fine" }, "result"],
  [{ from: "2026-11-02", to: "2026-11-01" }, "to"],
])("a search with %j is refused at the field", (query, field) => {
  expect(AuditQuery.safeParse(query).error?.issues[0]?.path).toEqual([field]);
});

test("a first and last day may be the same", () => {
  expect(AuditQuery.safeParse({ from: "2026-11-02", to: "2026-11-02" }).success).toBe(true);
});

test("results are told apart by how they begin", () => {
  expect(["ok", "refused: x", "Azure failed", "okay"].map(resultOf)).toEqual(["ok", "refused", "failed", "failed"]);
});

test("a row becomes one line of fields", () => {
  const row = { id: "1", at: "2026-11-22T10:00:00.000Z", who: "Kim", oid: "", action: "a.b", vaultId: null };
  expect(csvFields({ ...row, before: {}, after: { x: 1 }, result: "ok" })).toEqual([
    ...["2026-11-22T10:00:00.000Z", "Kim", "", "a.b", "", "ok", "{}"],
    '{"x":1}',
  ]);
});

import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { WrittenItem } from "@/lib/azure/watchlists";
import type { ServiceContext, UserContext } from "@/lib/context";
import { listAlertExceptions } from "@/lib/detection/alert-exception-list";
import { renewAlertException } from "@/lib/detection/alert-exceptions";
import { AppError } from "@/lib/errors";
import type { Store } from "@/lib/store/open";
import { temporaryStore } from "@/lib/store/testing/stores";
import { findDrift } from "./drift";
import { listForeignExceptions, removeForeignException, takeOverException } from "./foreign-exceptions";
import { publishExceptions } from "./publish-exceptions";
import { readQuota } from "./quota";
import { parseRegister, RegisterColumns } from "./rows";
import { FakeWatchlist } from "./testing/fake-watchlist";
import { addDecoys, testService } from "./testing/service";

// Each runs against a database; on a busy machine that takes its time.
vi.setConfig({ testTimeout: 120_000 });

const CALLER = "0d0d0d0d-1111-4111-8111-000000000001";
const vault = (name: string) =>
  `/subscriptions/00000000-0000-4000-8000-000000000001/resourcegroups/rg/providers/microsoft.keyvault/vaults/${name}`;
const AT = new Date("2026-11-22T12:00:00Z");
const DAY = 86_400_000;
const written = {
  created: { at: new Date("2026-11-20T08:00:00Z"), name: "Mallory" },
  updated: { at: AT, name: "Trent" },
};

let fake: FakeWatchlist;
/** What the register's last reading has; null = what stands in the list now. */
let lastRead: ReturnType<typeof shown> | null;
let silent: boolean;
let readable: (vaultId: string) => boolean;
let store: Store;
let service: ServiceContext;
let ctx: UserContext;
let clock: Date;

vi.mock("@/lib/coverage/register-health", () => ({
  registerHealth: async () => {
    const { rows, exceptions } = parseRegister(lastRead ?? shown());
    return { rows, exceptionRows: exceptions, readAt: clock, broken: new Map() };
  },
}));
vi.mock("@/lib/coverage/visible", () => ({
  readableOf: async (_: unknown, ids: Iterable<string>) => new Set([...ids].filter((id) => readable(id))),
}));
vi.mock("@/lib/azure/watchlists", () => ({
  ensureWatchlist: async () => "existed",
  getWatchlist: async () => ({ alias: "HoneyTokens", displayName: "", itemsSearchKey: "ResourceId", settled: true }),
  getWatchlistItem: async (_: unknown, __: string, ___: string, id: string): Promise<WrittenItem | undefined> => {
    if (silent) throw new AppError("unavailable", "Azure is away.");
    const fields = fake.items.get(id);
    return fields && { id, fields, ...written };
  },
  putWatchlistItem: async (_: unknown, __: string, ___: string, id: string, fields: Record<string, string>) =>
    fake.put(id, fields),
  deleteWatchlistItem: async (_: unknown, __: string, ___: string, id: string) => fake.remove(id),
}));

const shown = () => fake.list().map(({ id, fields }) => RegisterColumns.parse({ ...fields, ItemId: id }));

beforeAll(async () => {
  store = await temporaryStore();
  service = testService(store, () => clock);
  const user = { tid: "t", oid: "ada", name: "Ada", upn: undefined, roles: ["Platform.Admin" as const] };
  ctx = { ...service, user, asUser: service.azure.collector, requestId: "r" };
});
afterAll(() => store.close());
beforeEach(async () => {
  clock = AT;
  fake = new FakeWatchlist();
  [lastRead, silent, readable] = [null, false, () => true];
  const tables = ["register_drift", "alert_exception_row", "alert_exception", "decoy", "register_change"] as const;
  for (const table of tables) await store.db.deleteFrom(table).execute();
});

interface Said {
  caller?: string;
  operation?: string;
  scope?: string;
  from?: string;
  until?: string;
}

function put(itemId: string, said: Said = {}): void {
  const { caller = CALLER, operation = "SecretGet", scope = "*", from = "2026-11-01", until = "2027-06-01" } = said;
  fake.items.set(itemId, {
    State: "exception",
    PlanterOid: caller,
    TokenKey: scope,
    WindowStart: from,
    WindowEnd: until,
    Properties: JSON.stringify({ Type: "exception", Operation: operation, Id: "any" }),
  });
}

const list = async () => (await listForeignExceptions(ctx)).foreign;
const audits = async (action: string) =>
  store.db.selectFrom("audit").selectAll().where("action", "=", action).orderBy("id", "desc").execute();

describe("what is shown", () => {
  test("a row that we did not write: what it lowers, where, until when, and who wrote it", async () => {
    put("one", { scope: `${vault("kv-0").toUpperCase()}/secrets/batch-reader` });
    expect(await listForeignExceptions(ctx)).toMatchObject({ more: 0, vaultsLeftOut: 0, mayChange: true });
    expect(await list()).toEqual([
      {
        itemId: "one",
        caller: CALLER,
        operation: "SecretGet",
        place: { level: "decoy", vault: expect.objectContaining({ name: "kv-0" }), decoy: "batch-reader" },
        placeText: `${vault("kv-0")}/secrets/batch-reader`,
        from: "2026-11-01T00:00:00.000Z",
        until: "2027-06-01T00:00:00.000Z",
        effect: "lowers",
        written: {
          created: { name: "Mallory", at: "2026-11-20T08:00:00.000Z" },
          updated: { name: "Trent", at: AT.toISOString() },
        },
        refusal: null,
      },
    ]);
    expect(await audits("alert_exception.read")).toHaveLength(1);
  });

  test.each<[string, Said, string, RegExp | null]>([
    ["begins later", { from: "2026-12-01" }, "later", null],
    ["is over", { until: "2026-11-20" }, "over", /over/],
    // The rules end it 366 days after its beginning, whatever it says.
    ["ran for longer than the rules allow", { from: "2020-01-01", until: "2030-01-01" }, "over", null],
    ["is of an operation that the rules never lower", { operation: "SecretDelete" }, "none", /operation/],
    ["is of one that only the rules take", { operation: "SecretGetDeleted" }, "lowers", /operation/],
    ["names nobody", { caller: " " }, "none", /object id/],
    ["has times that only a query may understand", { until: "in a while" }, "unclear", /from when until when/],
    ["has a place that is none", { scope: "<b>" }, "lowers", /no vault/],
  ])("one that %s is shown as such, and says whether it can be taken over", async (_, said, effect, refusal) => {
    put("one", said);
    const [row] = await list();
    expect(row).toMatchObject({ effect, refusal: refusal === null ? null : expect.stringMatching(refusal) });
  });

  test("a row whose exception has no id is passed over by the rules, one with any id is not", async () => {
    put("none");
    put("number");
    const [none, number] = [{ Operation: "SecretGet" }, { Operation: "SecretGet", Id: 7 }].map((one) =>
      JSON.stringify(one),
    );
    fake.items.set("none", { ...fake.items.get("none"), Properties: none ?? "" });
    fake.items.set("number", { ...fake.items.get("number"), Properties: number ?? "" });
    expect((await list()).map(({ effect }) => effect)).toEqual(["none", "lowers"]);
  });

  test("no row of ours, also none of a honeytoken that was made an exception; that is a finding of its own", async () => {
    const [decoy] = await addDecoys(store, 1, { state: "live" });
    put(decoy?.watchlist_item_id ?? "");
    put("one");
    await takeOverException(ctx, "one");
    expect(await list()).toEqual([]);
  });

  test("nothing of vaults that the person may not read, and in how many there is more", async () => {
    put("theirs", { scope: vault("kv-1") });
    put("mine", { scope: vault("kv-0") });
    readable = (id) => id === vault("kv-0");
    const seen = await listForeignExceptions(ctx);
    expect(seen.foreign.map(({ itemId }) => itemId)).toEqual(["mine"]);
    expect(seen.vaultsLeftOut).toBe(1);
    for (const deed of [takeOverException, removeForeignException])
      await expect(deed(ctx, "theirs")).rejects.toMatchObject({ failure: { code: "not_found" } });
    expect(fake.items.size).toBe(2);
  });

  test("what has changed since the register was read, and without an author where the watchlist does not answer", async () => {
    put("gone");
    put("changed");
    lastRead = shown();
    fake.items.delete("gone");
    put("changed", { operation: "KeyGet" });
    expect((await list()).map(({ operation }) => operation)).toEqual(["KeyGet"]);
    silent = true;
    expect((await list()).map(({ written: by }) => by)).toEqual([null, null]);
  });

  test("hundreds of rows are counted to the last, and only some ask for their author", async () => {
    for (let number = 0; number < 230; number++) put(`row-${number}`);
    const { foreign, more } = await listForeignExceptions(ctx);
    expect([foreign.length, more]).toEqual([200, 30]);
    expect(foreign.filter(({ written: by }) => by !== null)).toHaveLength(40);
  });
});

describe("taking over", () => {
  test("makes it ours, confirmed by nobody, for two weeks at most; a person confirms it with reason and last day", async () => {
    put("one", { scope: vault("kv-0") });
    await findDrift(service);
    const { id } = await takeOverException(ctx, "one");
    const [taken] = (await listAlertExceptions(ctx)).current;
    expect(taken).toMatchObject({ id, review: "unconfirmed", confirmedBy: null, operations: ["SecretGet"] });
    expect(taken?.until).toBe(new Date(AT.getTime() + 14 * DAY).toISOString());
    expect(await publishExceptions(service)).toEqual({ written: 1, removed: 0 });
    expect([...fake.items]).toMatchObject([
      ["one", { ResourceId: `exception/${id}`, WindowStart: "2026-11-01T00:00:00.000Z", WindowEnd: taken?.until }],
    ]);
    clock = new Date(clock.getTime() + 60_000);
    expect(await findDrift(service)).toEqual([]);
    await renewAlertException(ctx, { id, reason: "The backup team asked for it", lastDay: "2027-01-31" });
    expect((await listAlertExceptions(ctx)).current).toMatchObject([{ review: null, confirmedBy: "Ada" }]);
    const [audit] = await audits("alert_exception.take_over");
    expect(audit).toMatchObject({
      who: "Ada",
      vault_id: vault("kv-0"),
      before: { row: "one", caller: CALLER },
      after: { id },
    });
  });

  test("ends by itself when nobody confirms it, and its row goes", async () => {
    put("one");
    await takeOverException(ctx, "one");
    await publishExceptions(service);
    clock = new Date(AT.getTime() + 15 * DAY);
    expect(await publishExceptions(service)).toEqual({ written: 0, removed: 1 });
    expect(fake.items.size).toBe(0);
  });

  test("makes no second one of what holds already, of what we never except, or of a row that is ours", async () => {
    put("one");
    put("again");
    put("planter", { caller: service.config.identities.planter.objectId });
    await takeOverException(ctx, "one");
    await expect(takeOverException(ctx, "one")).rejects.toMatchObject({ failure: { code: "not_found" } });
    await expect(takeOverException(ctx, "again")).rejects.toThrow("such an exception already");
    await expect(takeOverException(ctx, "planter")).rejects.toThrow("an identity of this product");
    await expect(takeOverException(ctx, "nothing")).rejects.toMatchObject({ failure: { code: "not_found" } });
    expect((await list()).map(({ itemId }) => itemId)).toEqual(["again", "planter"]);
    expect(await store.db.selectFrom("alert_exception").select("id").execute()).toHaveLength(1);
  });
});

describe("removing", () => {
  test("deletes the row and closes what the comparison found, counted and audited, also in a full month", async () => {
    put("one", { operation: "SecretDelete", scope: `${vault("kv-0")}/secrets/batch-reader` });
    await findDrift(service);
    const month = { workspace: service.config.workspace.resourceId.toLowerCase(), month: "2026-11", changes: 99_000 };
    await store.db.insertInto("register_change").values(month).execute();
    await removeForeignException(ctx, "one");
    expect(fake.items.size).toBe(0);
    expect((await readQuota(service)).used).toBe(99_001);
    const open = await store.db.selectFrom("register_drift").select("id").where("repaired_at", "is", null).execute();
    expect(open).toEqual([]);
    const [audit] = await audits("alert_exception.remove_foreign");
    expect(audit).toMatchObject({ who: "Ada", vault_id: vault("kv-0"), result: "ok", before: { row: "one" } });
    expect(JSON.stringify(audit)).not.toContain("batch-reader");
    await expect(removeForeignException(ctx, "one")).rejects.toMatchObject({ failure: { code: "not_found" } });
  });

  test("that Azure refuses leaves everything as it was, and is audited", async () => {
    put("one");
    fake.mishaps.set(0, "refused");
    await expect(removeForeignException(ctx, "one")).rejects.toThrow("Azure did not.");
    expect((await list()).map(({ itemId }) => itemId)).toEqual(["one"]);
    expect((await audits("alert_exception.remove_foreign"))[0]).toMatchObject({ result: "Azure did not." });
  });

  test("and taking over wait for a honeytoken under way whose row somebody made an exception", async () => {
    const [decoy] = await addDecoys(store, 1, { state: "planting" });
    const item = decoy?.watchlist_item_id ?? "";
    put(item);
    expect((await list()).map(({ itemId }) => itemId)).toEqual([item]);
    for (const deed of [takeOverException, removeForeignException])
      await expect(deed(ctx, item)).rejects.toThrow("being planted");
    expect(fake.items.size).toBe(1);
  });

  test("takes no row of ours and no honeytoken's", async () => {
    const [decoy] = await addDecoys(store, 1, { state: "live" });
    const item = decoy?.watchlist_item_id ?? "";
    put(item);
    put("one");
    await takeOverException(ctx, "one");
    fake.items.set("honeytoken", { State: "live", TokenKey: `${vault("kv-9")}/secrets/x` });
    for (const id of [item, "one", "honeytoken"])
      await expect(removeForeignException(ctx, id)).rejects.toMatchObject({ failure: { code: "not_found" } });
    expect(fake.items.size).toBe(3);
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { parseVaultId } from "@/lib/azure/resource-id.pure";
import type { ServiceContext, UserContext } from "@/lib/context";
import type { BrokenDecoy } from "@/lib/coverage/register-health";
import { AppError } from "@/lib/errors";
import { type Decoy, listDecoys } from "@/lib/store/decoys";
import type { Store } from "@/lib/store/open";
import { temporaryStore } from "@/lib/store/testing/stores";
import { findDrift } from "./drift";
import { publishRows } from "./publish";
import { readRegister } from "./read";
import { leaveFinding, repairRequested, requestRepair } from "./repair";
import { type ExceptionRow, parseRegister, RegisterColumns, type RegisterRow, standing } from "./rows";
import { FakeWatchlist } from "./testing/fake-watchlist";
import { addDecoys, testService } from "./testing/service";
import type { DriftKind } from "./views.pure";

// Each runs against a database; on a busy machine that takes its time.
vi.setConfig({ testTimeout: 120_000 });

let fake: FakeWatchlist;
let store: Store;
let service: ServiceContext;
let ctx: UserContext;
let clock: Date;
const broken = new Map<string, BrokenDecoy>();
let unreadable: AppError | undefined;
/** Vaults that the person may not read. */
let hidden: string[] = [];

vi.mock("@/lib/coverage/register-health", () => ({
  registerHealth: async () => {
    if (unreadable) throw unreadable;
    return { ...rowsShown(), readAt: clock, broken };
  },
  brokenDecoys: async () => broken,
}));
vi.mock("@/lib/coverage/visible", () => ({
  readableOf: async (_: unknown, ids: Iterable<string>) => new Set([...ids].filter((id) => !hidden.includes(id))),
}));
vi.mock("@/lib/azure/watchlists", () => ({
  ensureWatchlist: async () => "existed",
  getWatchlist: async () => ({ alias: "HoneyTokens", displayName: "", itemsSearchKey: "ResourceId", settled: true }),
  listWatchlistItems: async () => fake.list(),
  uploadWatchlistRows: async (_: unknown, __: string, ___: unknown, csv: string) => fake.upload(csv),
  putWatchlistItem: async (_: unknown, __: string, ___: string, id: string, fields: Record<string, string>) =>
    fake.put(id, fields),
  deleteWatchlistItem: async (_: unknown, __: string, ___: string, id: string) => fake.remove(id),
}));

function rowsShown(): { rows: RegisterRow[]; exceptionRows: ExceptionRow[] } {
  const columns = fake.list().map(({ id, fields }) => RegisterColumns.parse({ ...fields, ItemId: id }));
  const { rows, exceptions: exceptionRows } = parseRegister(columns);
  return { rows: rows.map((row) => standing(row, clock)), exceptionRows };
}

beforeAll(async () => {
  store = await temporaryStore();
  service = testService(store, () => clock);
  const user = { tid: "t", oid: "ada", name: "Ada", upn: undefined, roles: ["Platform.Admin" as const] };
  ctx = { ...service, user, asUser: service.azure.collector, requestId: "r" };
});
afterAll(() => store.close());
beforeEach(async () => {
  clock = new Date("2026-11-22T12:00:00Z");
  fake = new FakeWatchlist();
  broken.clear();
  unreadable = undefined;
  hidden = [];
  for (const table of ["register_drift", "decoy", "register_change"] as const)
    await store.db.deleteFrom(table).execute();
});

const window = { start: new Date("2026-11-22T10:00:00Z"), end: new Date("2026-11-22T10:30:00Z") };

/** Live decoys with their rows, published long enough ago to show. */
async function liveDecoys(count: number, change: Partial<Decoy> = {}): Promise<Decoy[]> {
  const dates = { window_start: window.start, window_end: window.end };
  const decoys = await addDecoys(store, count, { state: "live", ...dates, ...change });
  await publishRows(
    service,
    decoys.map((decoy) => ({ decoy, state: "live", window })),
  );
  later();
  return listDecoys(store.db);
}

function later(): void {
  clock = new Date(clock.getTime() + 60_000);
}

const kinds = async (): Promise<DriftKind[]> => (await findDrift(service)).map(({ kind }) => kind).sort();

async function repairAll(kind: DriftKind): Promise<void> {
  await requestRepair(ctx, { kind });
  await repairRequested(service, new AbortController().signal);
}

function itemOf(decoy: Decoy | undefined): string {
  if (!decoy) throw new Error("no decoy");
  return decoy.watchlist_item_id;
}

describe("a difference is found and repaired with one click", () => {
  test("nothing differs right after publishing", async () => {
    await liveDecoys(3);
    expect(await kinds()).toEqual([]);
  });

  test("what a large deployment leaves as being planted counts as live once its window is over, and nobody changed it", async () => {
    const decoys = await addDecoys(store, 2, { state: "live", window_start: window.start, window_end: window.end });
    await publishRows(
      service,
      decoys.map((decoy) => ({ decoy, state: "planting", window })),
    );
    later();
    expect(await kinds()).toEqual([]);
    const [item] = [...fake.items.keys()];
    const row = fake.items.get(item ?? "") ?? {};
    fake.items.set(item ?? "", { ...row, WindowEnd: new Date(clock.getTime() + 3_600_000).toISOString() });
    expect(await kinds()).toEqual(["changed"]);
    fake.items.set(item ?? "", { ...row, State: "retiring" });
    expect(await kinds()).toEqual(["changed"]);
  });

  test("a missing row is published again, and one that only does not show yet gets no second one", async () => {
    const [lost] = await liveDecoys(3);
    fake.items.delete(itemOf(lost));
    expect(await kinds()).toEqual(["missing"]);
    await repairAll("missing");
    expect(fake.items.size).toBe(3);
    later();
    expect(await kinds()).toEqual([]);
    // The query said that it is missing, the list itself has it.
    const kept = fake.items.get(itemOf(lost)) ?? {};
    fake.items.delete(itemOf(lost));
    await findDrift(service);
    fake.items.set("another-id", kept);
    await repairAll("missing");
    expect(fake.items.size).toBe(3);
    expect((await listDecoys(store.db)).map(itemOf)).toContain("another-id");
  });

  test("hundreds of missing rows come back as one upload", async () => {
    await liveDecoys(200);
    fake.items.clear();
    fake.requests.upload = 0;
    expect(await kinds()).toHaveLength(200);
    await repairAll("missing");
    expect([fake.items.size, fake.requests.upload]).toEqual([200, 1]);
  });

  test("a changed row becomes ours again", async () => {
    const [one] = await liveDecoys(2);
    fake.items.set(itemOf(one), {
      ...fake.items.get(itemOf(one)),
      WindowEnd: "2027-01-01T00:00:00Z",
      State: "retiring",
    });
    const [finding] = await findDrift(service);
    expect(finding).toMatchObject({ kind: "changed", detail: expect.stringContaining("State, WindowEnd") });
    await repairAll("changed");
    expect(fake.items.get(itemOf(one))).toMatchObject({ State: "live", WindowEnd: window.end.toISOString() });
    later();
    expect(await kinds()).toEqual([]);
  });

  test.each([
    ["HoneyToken", { HoneyToken: "another-name" }],
    ["Properties", { Properties: '{"Type":"key"}' }],
  ])("a row that was made to name another object by its %s becomes ours again", async (column, change) => {
    const [one] = await liveDecoys(2);
    const before = fake.items.get(itemOf(one)) ?? {};
    fake.items.set(itemOf(one), { ...before, TokenKey: "", ...change });
    const found = await findDrift(service);
    expect(found).toMatchObject([{ kind: "changed", decoy_id: one?.id, detail: expect.stringContaining(column) }]);
    await repairAll("changed");
    expect(fake.items.get(itemOf(one))).toEqual(before);
    expect(fake.items.size).toBe(2);
    later();
    expect(await kinds()).toEqual([]);
  });

  test("a second row of one object is deleted, ours stays", async () => {
    const [one] = await liveDecoys(2);
    const row = fake.items.get(itemOf(one)) ?? {};
    fake.items.set("extra", { ...row, TokenKey: "", HoneyToken: (row.HoneyToken ?? "").toUpperCase() });
    expect(await kinds()).toEqual(["duplicate"]);
    await repairAll("duplicate");
    expect([...fake.items.keys()].sort()).toEqual((await listDecoys(store.db)).map(itemOf).sort());
    later();
    expect(await kinds()).toEqual([]);
  });

  test("the row of a retired decoy is deleted, once it has had its time to go", async () => {
    const [one] = await liveDecoys(2);
    await store.db
      .updateTable("decoy")
      .set({ state: "retired", updated_at: clock, publishing_at: clock })
      .where("id", "=", one?.id ?? "")
      .execute();
    expect(await kinds()).toEqual([]);
    later();
    expect(await kinds()).toEqual(["leftover"]);
    await repairAll("leftover");
    expect(fake.items.size).toBe(1);
  });

  test("a foreign row becomes a decoy of ours", async () => {
    await liveDecoys(1);
    const vault =
      "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv-x";
    fake.items.set("theirs", { ResourceId: vault, HoneyToken: "feed-loader", Properties: '{"Type":"secret"}' });
    expect(await kinds()).toEqual(["foreign"]);
    await repairAll("foreign");
    const adopted = (await listDecoys(store.db, parseVaultId(vault))).map(({ name, state }) => ({ name, state }));
    expect(adopted).toEqual([{ name: "feed-loader", state: "live" }]);
    later();
    expect(await kinds()).toEqual([]);
  });

  test("a planting of another register is foreign only when its window is over", async () => {
    const vault =
      "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv-x";
    const row = { ResourceId: vault, HoneyToken: "feed-loader", Properties: '{"Type":"secret"}', State: "planting" };
    fake.items.set("theirs", { ...row, WindowEnd: new Date(clock.getTime() + 1).toISOString() });
    expect(await kinds()).toEqual([]);
    later();
    expect(await kinds()).toEqual(["foreign"]);
  });

  test.each(["deleted", "disabled", "expired"] as const)(
    "a %s decoy is marked for good and stays in the list",
    async (by) => {
      const [one] = await liveDecoys(2);
      const at = new Date("2026-11-20T09:00:00Z");
      broken.set(one?.token_key ?? "", { by, at, evidence: "It was." });
      expect(await kinds()).toEqual([by]);
      await repairAll(by);
      const decoy = (await listDecoys(store.db)).find(({ id }) => id === one?.id);
      expect(decoy).toMatchObject({ broken: by, broken_at: at });
      const [finding] = await findDrift(service);
      expect(finding).toMatchObject({ kind: by, note: expect.stringContaining("replacement"), requested_at: null });
    },
  );

  test("a decoy that expires within a month is told, one that lasts longer is not", async () => {
    const days = (count: number) => new Date(clock.getTime() + count * 24 * 60 * 60_000);
    await liveDecoys(1, { expires_at: days(29) });
    await liveDecoys(1, { expires_at: days(32) });
    expect(await kinds()).toEqual(["expiring"]);
    await repairAll("expiring");
    expect((await findDrift(service))[0]?.problem).toContain("cannot be repaired from here");
  });
});

describe("findings", () => {
  test("close by themselves when the difference is gone, and are found anew when it comes back", async () => {
    const [one] = await liveDecoys(1);
    const row = fake.items.get(itemOf(one)) ?? {};
    fake.items.clear();
    const [first] = await findDrift(service);
    expect((await findDrift(service))[0]?.id).toBe(first?.id);
    fake.items.set(itemOf(one), row);
    expect(await kinds()).toEqual([]);
    later();
    fake.items.clear();
    const [again] = await findDrift(service);
    expect(again?.kind).toBe("missing");
    expect(again?.id).not.toBe(first?.id);
  });

  test("all stay when the register cannot be read, and the page says why", async () => {
    await liveDecoys(1);
    fake.items.clear();
    await findDrift(service);
    unreadable = new AppError("unavailable", "Sentinel is away.", { fix: "Wait." });
    await expect(findDrift(service)).rejects.toThrow("Sentinel is away.");
    expect(await readRegister(ctx)).toMatchObject({ problem: "Sentinel is away. Wait.", drift: [{ kind: "missing" }] });
  });

  test("a repair that fails keeps its reason and can be asked for again; left ones are left out of all", async () => {
    const decoys = await liveDecoys(2);
    for (const decoy of decoys) fake.items.set(itemOf(decoy), { ...fake.items.get(itemOf(decoy)), State: "retiring" });
    const [left] = await findDrift(service);
    await leaveFinding(ctx, { id: left?.id ?? "", note: "Done by hand" });
    fake.mishaps = new Map(Array.from({ length: 20 }, (_, at) => [at, "refused" as const]));
    await repairAll("changed");
    const view = await readRegister(ctx);
    expect(view.drift).toMatchObject([{ kind: "changed", total: 2, open: 1 }]);
    expect(view.drift[0]?.findings.map(({ note, problem }) => [note, problem !== null])).toEqual([
      [null, true],
      ["Done by hand", false],
    ]);
    fake.mishaps.clear();
    await repairAll("changed");
    expect([...fake.items.values()].filter(({ State }) => State === "live")).toHaveLength(1);
    await expect(requestRepair(ctx, { id: "unknown" })).rejects.toThrow("no such finding");
  });

  test("those in a vault that a person may not read are neither shown nor counted nor dealt with by them", async () => {
    const [mine, theirs] = await liveDecoys(2);
    const item = itemOf(mine);
    fake.items.clear();
    const foreign = { State: "exception", TokenKey: "*", PlanterOid: "0bad0bad-1111-4111-8111-000000000001" };
    fake.items.set("foreign-1", { ...foreign, Properties: '{"Type":"exception","Operation":"SecretGet"}' });
    const found = await findDrift(service);
    hidden = [theirs?.vault_id ?? ""];
    const view = await readRegister(ctx);
    expect(view).toMatchObject({
      vaultsLeftOut: 1,
      drift: [
        // What holds everywhere is about no vault.
        { kind: "exception_foreign", total: 1 },
        { kind: "missing", total: 1, open: 1, findings: [{ name: mine?.name }] },
      ],
    });
    expect(JSON.stringify(view)).not.toContain(`"${theirs?.name}"`);
    const id = found.find(({ decoy_id }) => decoy_id === theirs?.id)?.id ?? "";
    await expect(requestRepair(ctx, { id })).rejects.toThrow("no such finding");
    await expect(leaveFinding(ctx, { id, note: "Not mine" })).rejects.toThrow("no such finding");
    await repairAll("missing");
    expect([...fake.items.keys()].sort()).toEqual([item, "foreign-1"].sort());
    hidden = [];
    expect(await readRegister(ctx)).toMatchObject({ vaultsLeftOut: 0, drift: [{}, { kind: "missing", total: 1 }] });
  });

  test("every reading, request and repair leaves an audit row, without a name", async () => {
    const [one] = await liveDecoys(1);
    // Somebody who has not read lately: reading again within minutes is one reading.
    const bo = { ...ctx, user: { ...ctx.user, oid: "oid-of-bo", name: "Bo" } };
    fake.items.clear();
    // No row of the trail can be taken out again, so what earlier tests left is passed over.
    const { before } = await store.db
      .selectFrom("audit")
      .select(({ fn, val }) => fn.coalesce(fn.max("id"), val("0")).as("before"))
      .executeTakeFirstOrThrow();
    const [finding] = await findDrift(service);
    await readRegister(bo);
    await readRegister(bo);
    await requestRepair(bo, { id: finding?.id ?? "" });
    await repairRequested(service, new AbortController().signal);
    const audit = await store.db.selectFrom("audit").selectAll().where("id", ">", before).orderBy("id").execute();
    expect(audit.map(({ action, who, result }) => [action, who, result])).toEqual([
      ["register.read", "Bo", "ok"],
      ["register.repair.request", "Bo", "ok"],
      ["register.repair", "Bo", "ok"],
    ]);
    expect(audit.at(-1)?.vault_id).toBe(one?.vault_id);
    expect(JSON.stringify(audit)).not.toContain(one?.name);
  });
});

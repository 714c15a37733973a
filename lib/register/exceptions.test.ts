import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { ServiceContext, UserContext } from "@/lib/context";
import { addAlertException, endAlertException, renewAlertException } from "@/lib/detection/alert-exceptions";
import type { AlertExceptionRequest } from "@/lib/detection/alert-exceptions.pure";
import { listDecoys } from "@/lib/store/decoys";
import type { Store } from "@/lib/store/open";
import { temporaryStore } from "@/lib/store/testing/stores";
import { findDrift } from "./drift";
import { publishRows } from "./publish";
import { publishExceptions } from "./publish-exceptions";
import { readQuota } from "./quota";
import { readRegister } from "./read";
import { rebuildRegister } from "./rebuild";
import { repairRequested, requestRepair } from "./repair";
import { parseRegister, RegisterColumns } from "./rows";
import { FakeWatchlist } from "./testing/fake-watchlist";
import { addDecoys, testService } from "./testing/service";
import type { DriftKind } from "./views.pure";

// Each runs against a database; on a busy machine that takes its time.
vi.setConfig({ testTimeout: 120_000 });

const CALLER = "0d0d0d0d-1111-4111-8111-000000000001";
const VAULT =
  "/subscriptions/00000000-0000-4000-8000-000000000001/resourcegroups/rg/providers/microsoft.keyvault/vaults/kv-0";

let fake: FakeWatchlist;
let store: Store;
let service: ServiceContext;
let ctx: UserContext;
let clock: Date;

vi.mock("@/lib/coverage/register-health", () => ({
  registerHealth: async () => {
    const { rows, exceptions } = parseRegister(shown());
    return { rows, exceptionRows: exceptions, readAt: clock, broken: new Map() };
  },
}));
vi.mock("@/lib/coverage/visible", () => ({
  readableOf: async (_: unknown, ids: Iterable<string>) => new Set(ids),
}));
vi.mock("@/lib/azure/logs", () => ({ queryLogs: async () => [] }));
vi.mock("@/lib/azure/watchlists", () => ({
  ensureWatchlist: async () => "existed",
  getWatchlist: async () => ({ alias: "HoneyTokens", displayName: "", itemsSearchKey: "ResourceId", settled: true }),
  listWatchlistItems: async () => fake.list(),
  uploadWatchlistRows: async (_: unknown, __: string, ___: unknown, csv: string) => fake.upload(csv),
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
  clock = new Date("2026-11-22T12:00:00Z");
  fake = new FakeWatchlist();
  const tables = ["register_drift", "alert_exception_row", "alert_exception", "decoy", "register_change"] as const;
  for (const table of tables) await store.db.deleteFrom(table).execute();
});

const request = (change: Partial<AlertExceptionRequest> = {}): AlertExceptionRequest => ({
  callerOid: CALLER,
  callerName: "Nightly backup",
  operations: ["SecretBackup", "KeyBackup"],
  scope: { level: "everywhere" },
  reason: "Backs up everything each night",
  firstDay: "2026-11-22",
  lastDay: "2027-02-01",
  ...change,
});

function later(ms = 60_000): void {
  clock = new Date(clock.getTime() + ms);
}

const rows = () => [...fake.items.values()].filter(({ State }) => State === "exception");
const kinds = async (): Promise<DriftKind[]> => (await findDrift(service)).map(({ kind }) => kind).sort();
const repair = async (kind: DriftKind) => {
  await requestRepair(ctx, { kind });
  await repairRequested(service, new AbortController().signal);
  later();
};

/** A live decoy with its row, published long enough ago to show. */
async function liveDecoy() {
  const [decoy] = await addDecoys(store, 1, { state: "live" });
  if (!decoy) throw new Error("no decoy");
  await publishRows(service, [{ decoy, state: "live", window: undefined }]);
  later();
  return decoy;
}

describe("publishing", () => {
  test("writes one row for each operation as rules read it, counted and audited, and nothing the second time", async () => {
    const { id } = await addAlertException(ctx, request());
    await publishExceptions(service);
    expect(rows().sort((a, b) => (a.Properties ?? "").localeCompare(b.Properties ?? ""))).toEqual(
      ["KeyBackup", "SecretBackup"].map((Operation) => ({
        ResourceProvider: "Exception",
        ResourceId: `exception/${id}`,
        HoneyToken: "(exception)",
        Properties: JSON.stringify({ Type: "exception", Operation, Id: id }),
        TokenKey: "*",
        State: "exception",
        PlanterOid: CALLER,
        WindowStart: "2026-11-22T12:00:00.000Z",
        WindowEnd: "2027-02-02T00:00:00.000Z",
      })),
    );
    expect((await readQuota(service)).used).toBe(2);
    expect(await publishExceptions(service)).toEqual({ written: 0, removed: 0 });
    const audit = await store.db.selectFrom("audit").select(["action", "who"]).orderBy("id").execute();
    expect(audit.slice(-2)).toEqual([
      { action: "alert_exception.add", who: "Ada" },
      { action: "alert_exception.publish", who: "Publishing exceptions" },
    ]);
  });

  test.each(["lost before", "lost after", "refused"] as const)("an answer %s leaves no second row", async (mishap) => {
    await addAlertException(ctx, request({ operations: ["SecretGet"] }));
    fake.mishaps.set(0, mishap);
    await expect(publishExceptions(service)).rejects.toThrow("Azure did not.");
    expect((await store.db.selectFrom("alert_exception").select("problem").executeTakeFirst())?.problem).toBeTruthy();
    await publishExceptions(service);
    expect(rows()).toHaveLength(1);
    expect((await store.db.selectFrom("alert_exception").select("problem").executeTakeFirst())?.problem).toBeNull();
    later();
    expect(await kinds()).toEqual([]);
  });

  test("rows go when an exception is ended, and when its time is over", async () => {
    const { id } = await addAlertException(ctx, request());
    await addAlertException(ctx, request({ operations: ["SecretGet"], lastDay: "2026-11-23" }));
    await publishExceptions(service);
    await endAlertException(ctx, id);
    expect(await publishExceptions(service)).toEqual({ written: 0, removed: 2 });
    expect(rows()).toHaveLength(1);
    later(3 * 86_400_000);
    expect(await publishExceptions(service)).toEqual({ written: 0, removed: 1 });
    expect(rows()).toEqual([]);
    expect(await publishExceptions(service)).toEqual({ written: 0, removed: 0 });
  });

  test("a full month keeps a new one from being published, and none from being removed", async () => {
    const { id } = await addAlertException(ctx, request());
    await publishExceptions(service);
    await addAlertException(ctx, request({ operations: ["SecretGet"] }));
    await store.db.updateTable("register_change").set({ changes: 95_000 }).execute();
    await expect(publishExceptions(service)).rejects.toMatchObject({ failure: { code: "throttled" } });
    await endAlertException(ctx, id);
    await expect(publishExceptions(service)).rejects.toMatchObject({ failure: { code: "throttled" } });
    expect(rows()).toEqual([]);
  });

  test("a renewal changes only the row's end", async () => {
    const { id } = await addAlertException(ctx, request({ operations: ["SecretGet"] }));
    await publishExceptions(service);
    later(86_400_000);
    await renewAlertException(ctx, { id, reason: "Still the same backup", lastDay: "2027-06-01" });
    await publishExceptions(service);
    expect(rows()).toMatchObject([
      { WindowStart: "2026-11-22T12:00:00.000Z", WindowEnd: "2027-06-02T00:00:00.000Z", PlanterOid: CALLER },
    ]);
    later();
    expect(await kinds()).toEqual([]);
  });
});

describe("differences", () => {
  test("there are none after publishing, also beside the decoy that an exception is about", async () => {
    const decoy = await liveDecoy();
    await addAlertException(ctx, request({ scope: { level: "decoy", decoyId: decoy.id }, operations: ["SecretGet"] }));
    await publishExceptions(service);
    later();
    expect(rows()).toMatchObject([{ TokenKey: decoy.token_key }]);
    expect(await kinds()).toEqual([]);
    // The decoy's own row is looked for by its key, which the exception has too.
    fake.items.delete(decoy.watchlist_item_id);
    expect(await kinds()).toEqual(["missing"]);
    await repair("missing");
    expect(fake.items.size).toBe(2);
    expect(await kinds()).toEqual([]);
  });

  test("a row that nobody confirmed here is shown as such, whatever it says, and the repair removes it", async () => {
    const foreign = { State: " Exception", TokenKey: "*", PlanterOid: "0BAD0BAD-1111-4111-8111-000000000001" };
    fake.items.set("foreign-1", { ...foreign, Properties: '{"Type":"exception","Operation":"SecretGet"}' });
    fake.items.set("foreign-2", { State: "exception", TokenKey: "<b>", Properties: "no JSON" });
    const found = await findDrift(service);
    expect(found.map(({ kind, name }) => [kind, name])).toEqual([
      ["exception_foreign", `SecretGet by ${foreign.PlanterOid}`],
      ["exception_foreign", "Any operation by nobody"],
    ]);
    const { drift } = await readRegister(ctx);
    expect(drift[0]).toMatchObject({ kind: "exception_foreign", total: 2 });
    expect(drift[0]?.findings[0]).toMatchObject({ objectKind: null, vault: { name: "All vaults" } });
    await repair("exception_foreign");
    expect(fake.items.size).toBe(0);
    expect(await kinds()).toEqual([]);
  });

  test("a changed row and a missing one become ours again", async () => {
    await addAlertException(ctx, request());
    await publishExceptions(service);
    later();
    const [first, second] = [...fake.items.keys()];
    fake.items.set(first ?? "", { ...fake.items.get(first ?? ""), PlanterOid: "0bad0bad-1111-4111-8111-000000000001" });
    fake.items.delete(second ?? "");
    expect(await kinds()).toEqual(["exception_changed", "exception_missing"]);
    await repair("exception_changed");
    await repair("exception_missing");
    expect(rows().map(({ PlanterOid }) => PlanterOid)).toEqual([CALLER, CALLER]);
    expect(await kinds()).toEqual([]);
  });

  test("an exception's row made a honeytoken is no honeytoken, and a honeytoken's row made an exception stays one", async () => {
    const decoy = await liveDecoy();
    await addAlertException(ctx, request({ operations: ["SecretGet"] }));
    await publishExceptions(service);
    later();
    const item = [...fake.items].find(([, { State }]) => State === "exception")?.[0] ?? "";
    const [own, exception] = [fake.items.get(decoy.watchlist_item_id), fake.items.get(item)];
    fake.items.set(item, { ...own });
    fake.items.set(decoy.watchlist_item_id, { ...own, State: "exception", PlanterOid: CALLER });
    expect(await kinds()).toEqual(["changed", "exception_changed"]);
    await repair("changed");
    await repair("exception_changed");
    expect(fake.items.get(item)).toEqual(exception);
    expect(fake.items.get(decoy.watchlist_item_id)).toEqual(own);
    expect(await kinds()).toEqual([]);
    expect(await listDecoys(store.db)).toHaveLength(1);
  });

  test("the row of one that is over counts as foreign until it is gone", async () => {
    const { id } = await addAlertException(ctx, request({ operations: ["SecretGet"] }));
    await publishExceptions(service);
    const left = [...fake.items];
    await endAlertException(ctx, id);
    await publishExceptions(service);
    for (const [item, fields] of left) fake.items.set(item, fields);
    later();
    expect(await kinds()).toEqual(["exception_foreign"]);
    await repair("exception_foreign");
    expect(fake.items.size).toBe(0);
  });
});

describe("a lost database", () => {
  test("gets exceptions back that could have been confirmed here, to be confirmed again", async () => {
    const { id } = await addAlertException(ctx, request({ scope: { level: "vault", vaultId: VAULT } }));
    await publishExceptions(service);
    const planter = service.config.identities.planter.objectId;
    const bad = (Operation: string, PlanterOid: string) => ({
      ...rows()[0],
      PlanterOid,
      Properties: JSON.stringify({ Type: "exception", Operation, Id: "0e0e0e0e-1111-4111-8111-000000000001" }),
    });
    fake.items.set("destroys", bad("SecretDelete", CALLER));
    fake.items.set("ours", bad("SecretGet", planter));
    await store.db.deleteFrom("alert_exception_row").execute();
    await store.db.deleteFrom("alert_exception").execute();
    expect(await rebuildRegister(service, { merge: false })).toMatchObject({ exceptions: 1, published: 0 });
    const [back] = await store.db.selectFrom("alert_exception").selectAll().execute();
    expect(back).toMatchObject({ id, caller_oid: CALLER, scope: VAULT, operations: ["KeyBackup", "SecretBackup"] });
    expect(back?.confirmed_at).toBeNull();
    later();
    expect(await publishExceptions(service)).toEqual({ written: 0, removed: 0 });
    expect(await kinds()).toEqual(["exception_foreign", "exception_foreign"]);
  });
});

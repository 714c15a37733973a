import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { WatchlistItem } from "@/lib/azure/watchlists";
import type { ServiceContext } from "@/lib/context";
import { log } from "@/lib/log";
import { listDecoys } from "@/lib/store/decoys";
import { openStore, type Store } from "@/lib/store/open";
import { embeddedPlace, type StorePlace } from "@/lib/store/testing/stores";
import { testConfig } from "@/scripts/test/config";
import { followPublished, importPublished, importRegister, previewImport } from "./import";
import { parseRegister, RegisterColumns } from "./rows";

// The store's first start can take seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const published: { exists: boolean; items: WatchlistItem[] } = { exists: true, items: [] };

vi.mock("@/lib/azure/watchlists", () => ({
  getWatchlist: async () =>
    published.exists ? { alias: "HoneyTokens", displayName: "", itemsSearchKey: "" } : undefined,
  listWatchlistItems: async () => published.items,
}));

vi.mock("./published", () => ({
  readPublished: async () => published.items.map(({ id, fields }) => RegisterColumns.parse({ ...fields, ItemId: id })),
}));

const VAULT =
  "/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv-one";
let place: StorePlace;
let store: Store;
let service: ServiceContext;

beforeAll(async () => {
  log.level = "silent";
  place = embeddedPlace();
  store = await openStore(place.config);
  // Only what the import uses.
  service = {
    config: testConfig(),
    db: store.db,
    azure: { collector: {} },
    now: () => new Date("2026-11-22T12:00:00Z"),
  } as ServiceContext;
});

afterAll(async () => {
  await store?.close();
  await place?.remove();
});

beforeEach(async () => {
  await store.db.deleteFrom("decoy").execute();
  published.exists = true;
  published.items = [];
});

async function addDeploymentItem(id: string): Promise<void> {
  const at = service.now();
  const asked = {
    requested_by_tid: "t",
    requested_by_oid: "o",
    requested_by_name: "n",
    kind: "secret",
    count: 1,
    name: null,
  } as const;
  await store.db
    .insertInto("deployment")
    .values({ id, ...asked, state: "running", created_at: at, ended_at: null })
    .execute();
  const item = {
    id,
    deployment_id: id,
    vault_id: VAULT.toLowerCase(),
    state: "running",
    problem: null,
    ending: null,
  } as const;
  await store.db
    .insertInto("deployment_item")
    .values({ ...item, not_before: null, claim: null, created_at: at, updated_at: at })
    .execute();
}

function item(id: string, fields: Record<string, string>): WatchlistItem {
  return {
    id,
    fields: { ResourceProvider: "Microsoft.KeyVault", ResourceId: VAULT, Properties: '{"Type":"secret"}', ...fields },
  };
}

function rowsOf(items: readonly WatchlistItem[]) {
  return parseRegister(items.map(({ id, fields }) => RegisterColumns.parse({ ...fields, ItemId: id }))).rows;
}

describe("an empty store", () => {
  test("is filled with what is published: states, planter, window and older rows; bad rows are counted", async () => {
    published.items = [
      item("one", {
        HoneyToken: "archive-reader",
        State: "retiring",
        PlanterOid: "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee",
        WindowStart: "2026-11-20T10:00:00Z",
        WindowEnd: "2026-11-20T10:20:00Z",
      }),
      item("two", { HoneyToken: "Batch-Key", Properties: '{ "Type": "key" }' }),
      item("dummy", { ResourceId: "dummy", HoneyToken: "dummy", Properties: "{}" }),
    ];
    const { imported, problems } = await importRegister(service);
    expect([imported, problems.get("placeholder")]).toEqual([2, 1]);
    const decoys = await listDecoys(store.db);
    expect(decoys.find(({ name }) => name === "archive-reader")).toMatchObject({
      vault_id: VAULT.toLowerCase(),
      state: "retiring",
      watchlist_item_id: "one",
      window_end: new Date("2026-11-20T10:20:00Z"),
      // Known, not believed.
      confirmed_at: null,
      version: null,
    });
    expect(decoys.find(({ name }) => name === "Batch-Key")).toMatchObject({
      kind: "key",
      state: "live",
      planter_oid: null,
    });
  });

  test("takes an object that is listed twice once, and the live row of it", async () => {
    published.items = [
      item("a", { HoneyToken: "archive-reader", State: "retiring" }),
      item("b", { HoneyToken: "Archive-Reader", State: "live" }),
    ];
    expect((await importRegister(service)).imported).toBe(1);
    expect(await listDecoys(store.db)).toMatchObject([{ watchlist_item_id: "b", state: "live" }]);
  });

  test("stays empty when there is no watchlist yet, without an error", async () => {
    published.exists = false;
    expect(await importRegister(service)).toMatchObject({ needed: true, imported: 0 });
  });
});

test("a store that has decoys is left alone", async () => {
  published.items = [item("one", { HoneyToken: "archive-reader" })];
  await importRegister(service);
  published.items = [item("one", { HoneyToken: "archive-reader" }), item("two", { HoneyToken: "batch-runner" })];
  expect(await importRegister(service)).toMatchObject({ needed: false, imported: 0 });
  expect(await listDecoys(store.db)).toHaveLength(1);
});

describe("what others publish later", () => {
  const imported = async (...items: WatchlistItem[]) => {
    published.items = items;
    await importRegister(service);
  };
  const states = async () => Object.fromEntries((await listDecoys(store.db)).map(({ name, state }) => [name, state]));

  test("is followed for the decoys that we know and did not plant; unknown rows are left to the comparison", async () => {
    await imported(item("one", { HoneyToken: "archive-reader", State: "live" }));
    await followPublished(
      service,
      rowsOf([
        item("one", { HoneyToken: "archive-reader", State: "retiring" }),
        item("two", { HoneyToken: "batch-runner", State: "live" }),
        item("three", { HoneyToken: "feed-loader", State: "planting" }),
      ]),
    );
    expect(await states()).toEqual({ "archive-reader": "retiring" });
  });

  test("never brings a retired decoy back, whose row still shows for a while", async () => {
    await imported(item("one", { HoneyToken: "archive-reader", State: "live" }));
    await store.db.updateTable("decoy").set({ state: "retired" }).execute();
    await followPublished(service, rowsOf([item("one", { HoneyToken: "archive-reader", State: "retiring" })]));
    expect(await listDecoys(store.db)).toEqual([]);
  });

  test("an emptied list makes nothing forgotten", async () => {
    await imported(item("one", { HoneyToken: "archive-reader" }));
    await followPublished(service, []);
    expect(await states()).toEqual({ "archive-reader": "live" });
  });

  test("never overrules what we plant or have published ourselves", async () => {
    await imported(
      item("one", { HoneyToken: "archive-reader", State: "live" }),
      item("two", { HoneyToken: "batch-runner", State: "live" }),
    );
    await addDeploymentItem("ours");
    const { db } = store;
    await db.updateTable("decoy").set({ item_id: "ours" }).where("name", "=", "archive-reader").execute();
    await db.updateTable("decoy").set({ publishing_at: service.now() }).where("name", "=", "batch-runner").execute();
    const later = ["archive-reader", "batch-runner"].map((name, at) =>
      item(at === 0 ? "one" : "two", { HoneyToken: name, State: "retiring" }),
    );
    await followPublished(service, rowsOf(later));
    expect(await states()).toEqual({ "archive-reader": "live", "batch-runner": "live" });
  });
});

describe("an upstream list", () => {
  const other = VAULT.replace("kv-one", "kv-two");
  const upstream = [
    item("dummy", { ResourceId: "dummy", HoneyToken: "dummy", Properties: "{}" }),
    item("a", { HoneyToken: "archive-reader" }),
    item("b", { ResourceId: `${VAULT.toUpperCase()}/`, HoneyToken: "ARCHIVE-READER" }),
    item("c", { ResourceId: other, HoneyToken: "archive-reader" }),
    item("d", { HoneyToken: "archive-reader", Properties: '{"Type":"key"}' }),
    item("e", { ResourceId: "kv-one", HoneyToken: "feed-loader" }),
    item("f", { HoneyToken: "not a name" }),
    item("g", { HoneyToken: "batch-runner", Properties: "{}" }),
    item("h", { HoneyToken: "batch-runner", State: "planting" }),
    item("i", { HoneyToken: "known-already" }),
  ];

  async function admin() {
    const user = { tid: "t", oid: "o", name: "Ada", upn: undefined, roles: ["Platform.Admin" as const] };
    return { ...service, user, requestId: "r", asUser: service.azure.collector };
  }

  test("is previewed with its placeholder, its collisions and what cannot be used, and nothing is written", async () => {
    published.items = [item("i", { HoneyToken: "known-already" })];
    await importRegister(service);
    published.items = upstream;
    expect(await previewImport(service)).toEqual({
      rows: 10,
      fresh: 3,
      known: 1,
      planting: 1,
      repeated: 1,
      otherCasing: 1,
      sharedNames: 1,
      older: 6,
      problems: expect.arrayContaining([
        { problem: "placeholder", rows: 1 },
        { problem: "not a vault", rows: 1 },
        { problem: "not a name", rows: 1 },
        { problem: "not a key or secret", rows: 1 },
      ]),
    });
    expect(await listDecoys(store.db)).toHaveLength(1);
  });

  test("counts a planting whose window is over as a honeytoken, as large deployments leave their rows", async () => {
    const [from, until] = ["2026-11-20T10:00:00Z", "2026-11-20T10:30:00Z"];
    const planting = { HoneyToken: "batch-runner", State: "planting", WindowStart: from };
    published.items = [item("a", { ...planting, WindowEnd: until })];
    expect(await previewImport(service)).toMatchObject({ fresh: 1, planting: 0 });
    published.items = [item("a", { ...planting, WindowEnd: "2026-11-22T12:30:00Z" })];
    expect(await previewImport(service)).toMatchObject({ fresh: 0, planting: 1 });
  });

  test("comes in on confirmation, once, and leaves an audit row without a name", async () => {
    published.items = upstream;
    const ctx = await admin();
    expect(await importPublished(ctx)).toEqual({ imported: 4 });
    expect(await importPublished(ctx)).toEqual({ imported: 0 });
    const decoys = await listDecoys(store.db);
    expect(decoys.map(({ token_key }) => token_key.split("/vaults/")[1]).sort()).toEqual([
      "kv-one/keys/archive-reader",
      "kv-one/secrets/archive-reader",
      "kv-one/secrets/known-already",
      "kv-two/secrets/archive-reader",
    ]);
    const audit = await store.db.selectFrom("audit").selectAll().where("action", "=", "register.import").execute();
    expect(audit).toHaveLength(2);
    expect(JSON.stringify(audit)).not.toContain("archive-reader");
  });
});

import { describe, expect, test } from "vitest";
import { makeArmTenant, NOON, SUBSCRIPTION, WORKSPACE } from "../arm/test-context";
import { watchlistRows } from "./watchlist-rows";

const LISTS = `${WORKSPACE}/providers/Microsoft.SecurityInsights/watchlists`;
const ITEMS = `${LISTS}/HoneyTokens/watchlistItems`;
const ONE = "10000000-0000-4000-8000-000000000001";
const TWO = "10000000-0000-4000-8000-000000000002";
const LIST = { displayName: "Tokens", provider: "Contoso", source: "Local file", itemsSearchKey: "name" };

async function setUp() {
  const tenant = makeArmTenant({ delays: { watchlist: 1000 } });
  const registrar = tenant.personWith(["Microsoft.SecurityInsights/*"], WORKSPACE);
  const putList = (properties: object, alias = "HoneyTokens", etag?: string) =>
    tenant.send(registrar, "PUT", `${LISTS}/${alias}`, {
      properties: { ...LIST, ...properties },
      ...(etag ? { etag } : {}),
    });
  const putItem = (id: string, itemsKeyValue: object, etag?: string) =>
    tenant.send(registrar, "PUT", `${ITEMS}/${id}`, { properties: { itemsKeyValue }, ...(etag ? { etag } : {}) });
  const drop = (path: string) => tenant.send(registrar, "DELETE", path);
  const shown = () => watchlistRows(tenant.context, WORKSPACE.toUpperCase(), "honeytokens").map(({ fields }) => fields);
  await putList({});
  return { tenant, registrar, putList, putItem, drop, shown };
}

describe("watchlists", () => {
  test("a list is made, changed and found by any casing of its alias", async () => {
    const { tenant, registrar, putList } = await setUp();
    const changed = await putList({ displayName: "Other" }, "honeytokens");
    expect([changed.status, changed.body.name, changed.body.properties?.displayName]).toEqual([
      200,
      "HoneyTokens",
      "Other",
    ]);
    const { body } = await tenant.send(registrar, "GET", LISTS);
    expect(body.value).toMatchObject([
      { type: "Microsoft.SecurityInsights/Watchlists", properties: { watchlistAlias: "HoneyTokens" } },
    ]);
    expect((await tenant.send(registrar, "GET", `${LISTS}/unknown`)).status).toBe(404);
  });

  test("an alias, a body, an etag or a content that does not fit is refused and changes nothing", async () => {
    const { tenant, registrar, putList } = await setUp();
    const before = [...tenant.context.model.watchlists.values()];
    const csv = (rawContent: string, more: object = {}) => putList({ rawContent, contentType: "text/csv", ...more });
    const statuses = [
      await putList({}, "ab"),
      await putList({}, "-bad-"),
      await putList({ displayName: "" }),
      await putList({ itemsSearchKey: "two words" }),
      await csv("other\n1"),
      await csv('name\n"open'),
      await csv("name\na", { contentType: "text/plain" }),
      await csv(`name\n${"x".repeat(4_000_000)}`),
    ].map(({ status }) => status);
    expect(statuses).toEqual([400, 400, 400, 400, 400, 400, 400, 400]);
    expect((await putList({}, "HoneyTokens", '"old"')).status).toBe(409);
    expect([...tenant.context.model.watchlists.values()]).toEqual(before);
    expect((await tenant.send(registrar, "GET", ITEMS)).body.value).toEqual([]);
  });

  test("content adds rows, passes over those that are there, and never deletes", async () => {
    const { tenant, registrar, putList } = await setUp();
    await putList({ rawContent: "name,vault\na,1\nb,2\na,1", contentType: "text/csv" });
    await putList({ rawContent: "skipped\nvault,name\n2,b\n3,c", contentType: "text/csv", numberOfLinesToSkip: 1 });
    const { body } = await tenant.send(registrar, "GET", ITEMS);
    const rows = JSON.parse(JSON.stringify(body.value)).map(
      (item: { properties: { itemsKeyValue: object } }) => item.properties.itemsKeyValue,
    );
    expect(rows).toHaveLength(3);
    expect(rows).toEqual(
      expect.arrayContaining([
        { name: "a", vault: "1" },
        { name: "b", vault: "2" },
        { name: "c", vault: "3" },
      ]),
    );
  });

  test("a reader may look and not write; who has nothing may not look", async () => {
    const { tenant } = await setUp();
    const reader = tenant.personWith(["*/read"], `/subscriptions/${SUBSCRIPTION}`);
    expect((await tenant.send(reader, "GET", ITEMS)).status).toBe(200);
    expect(
      (await tenant.send(reader, "PUT", `${ITEMS}/${ONE}`, { properties: { itemsKeyValue: { name: "a" } } })).status,
    ).toBe(403);
    expect((await tenant.send(reader, "DELETE", `${LISTS}/HoneyTokens`)).status).toBe(403);
    expect((await tenant.send(tenant.person("nobody"), "GET", LISTS)).status).toBe(403);
  });

  test("a workspace that is not onboarded has no watchlists", async () => {
    const { tenant, registrar } = await setUp();
    const onboarding = `${WORKSPACE}/providers/Microsoft.SecurityInsights/onboardingStates/default`;
    expect((await tenant.send(registrar, "GET", onboarding)).status).toBe(200);
    const workspace = tenant.context.model.workspaces.get(WORKSPACE);
    if (workspace) tenant.context.model.workspaces.put(WORKSPACE, { ...workspace, sentinel: false });
    expect((await tenant.send(registrar, "GET", LISTS)).status).toBe(400);
    expect((await tenant.send(registrar, "GET", onboarding)).status).toBe(404);
  });
});

describe("watchlist items", () => {
  test("the API answers a change at once, the query shows it after the delay", async () => {
    const { tenant, registrar, putItem, drop, shown } = await setUp();
    expect((await putItem(ONE, { name: "a", state: "planting" })).status).toBe(201);
    expect(shown()).toEqual([]);
    tenant.advance(1000);
    expect(shown()).toEqual([{ name: "a", state: "planting" }]);
    expect((await putItem(ONE, { name: "a", state: "live" })).status).toBe(200);
    expect((await tenant.send(registrar, "GET", `${ITEMS}/${ONE}`)).body.properties?.itemsKeyValue).toEqual({
      name: "a",
      state: "live",
    });
    expect(shown()).toEqual([{ name: "a", state: "planting" }]);
    tenant.advance(1000);
    expect(shown()).toEqual([{ name: "a", state: "live" }]);
    expect((await drop(`${ITEMS}/${ONE}`)).status).toBe(200);
    expect((await tenant.send(registrar, "GET", `${ITEMS}/${ONE}`)).status).toBe(404);
    expect(shown()).toEqual([{ name: "a", state: "live" }]);
    tenant.advance(1000);
    expect(shown()).toEqual([]);
    expect((await drop(`${ITEMS}/${ONE}`)).status).toBe(204);
  });

  test("an item deleted before it was shown is never shown; made again it counts as new", async () => {
    const { tenant, putItem, drop, shown } = await setUp();
    await putItem(ONE, { name: "a" });
    await drop(`${ITEMS}/${ONE}`);
    tenant.advance(1000);
    expect(shown()).toEqual([]);
    expect((await putItem(ONE, { name: "b" })).status).toBe(201);
    tenant.advance(1000);
    expect(shown()).toEqual([{ name: "b" }]);
  });

  test("two changes in a row show the old form until the last has arrived", async () => {
    const { tenant, putItem, shown } = await setUp();
    await putItem(ONE, { name: "a", n: 1 });
    tenant.advance(1000);
    await putItem(ONE, { name: "a", n: 2 });
    tenant.advance(500);
    await putItem(ONE, { name: "a", n: 3 });
    tenant.advance(999);
    expect(shown()).toEqual([{ name: "a", n: "1" }]);
    tenant.advance(1);
    expect(shown()).toEqual([{ name: "a", n: "3" }]);
  });

  test("rows carry id, search key and the time of the change", async () => {
    const { tenant, putItem } = await setUp();
    await putItem(ONE, { name: "a" });
    tenant.advance(1000);
    expect(watchlistRows(tenant.context, WORKSPACE, "HoneyTokens")).toEqual([
      { itemId: ONE, updatedAt: NOON, searchKey: "a", fields: { name: "a" } },
    ]);
  });

  test("a deleted list goes with its items, and what is made anew stands beside them until then", async () => {
    const { tenant, putList, putItem, drop, shown } = await setUp();
    await putItem(ONE, { name: "old" });
    tenant.advance(1000);
    expect((await drop(`${LISTS}/HoneyTokens`)).status).toBe(200);
    expect((await drop(`${LISTS}/HoneyTokens`)).status).toBe(204);
    await putList({});
    await putItem(TWO, { name: "new" });
    expect(shown()).toEqual([{ name: "old" }]);
    tenant.advance(1000);
    expect(shown()).toEqual([{ name: "new" }]);
  });

  test("a bad id, an empty search key, a row above 10 KB or an old etag is refused", async () => {
    const { putItem } = await setUp();
    const made = await putItem(ONE, { name: "a" });
    expect((await putItem("not-a-guid", { name: "a" })).status).toBe(400);
    expect((await putItem(ONE, { other: "a" })).status).toBe(400);
    expect((await putItem(ONE, { name: "a", big: "x".repeat(10_240) })).status).toBe(400);
    expect((await putItem(ONE, { name: "a", deep: { b: 1 } })).status).toBe(400);
    expect((await putItem(ONE, { name: "a" }, '"old"')).status).toBe(409);
    expect((await putItem(ONE, { name: "b" }, String(made.body.etag))).status).toBe(200);
  });

  test("the list is read by pages, each item once", async () => {
    const { tenant, registrar, putList } = await setUp();
    const names = Array.from({ length: 230 }, (_, i) => `token-${i}`);
    await putList({ rawContent: ["name", ...names].join("\n"), contentType: "text/csv" });
    const seen: string[] = [];
    let pages = 0;
    let next: string | undefined = ITEMS;
    while (next !== undefined) {
      const { body } = await tenant.send(registrar, "GET", next.replace("https://management.azure.com", ""));
      for (const item of JSON.parse(JSON.stringify(body.value))) seen.push(item.properties.itemsKeyValue.name);
      next = body.nextLink === undefined ? undefined : String(body.nextLink);
      pages++;
    }
    expect(pages).toBe(3);
    expect(seen.sort()).toEqual(names.sort());
  });
});

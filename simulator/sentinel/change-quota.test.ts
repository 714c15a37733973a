import { describe, expect, test } from "vitest";
import { makeArmTenant, SUBSCRIPTION, WORKSPACE } from "../arm/test-context";

const LIST = `${WORKSPACE}/providers/Microsoft.SecurityInsights/watchlists/names`;
const ITEM = (number: number) => `${LIST}/watchlistItems/00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;

function setUp() {
  const tenant = makeArmTenant({ throttle: true });
  const registrar = tenant.personWith(["Microsoft.SecurityInsights/*"], `/subscriptions/${SUBSCRIPTION}`);
  const put = (rawContent?: string) =>
    tenant.send(registrar, "PUT", LIST, {
      properties: {
        displayName: "names",
        provider: "test",
        source: "Local file",
        itemsSearchKey: "name",
        ...(rawContent !== undefined && { rawContent, contentType: "text/csv" }),
      },
    });
  const items = () => [...tenant.context.model.watchlistItems.values()].filter((item) => !item.deleted).length;
  return { tenant, registrar, put, items };
}

const rows = (from: number, count: number) =>
  ["name", ...Array.from({ length: count }, (_, index) => `n${from + index}`)].join("\n");

/** What others changed in the same month. */
function noteEarlierChanges({ context: { model } }: ReturnType<typeof makeArmTenant>, count: number) {
  for (const [key, month] of [...model.watchlistChanges.entries()])
    model.watchlistChanges.put(key, { ...month, changes: month.changes + count });
}

describe("the month's changes of watchlist items", () => {
  test("uploads, single items and deletions count; at 100,000 the next is refused and changes nothing", async () => {
    const { tenant, registrar, put, items } = setUp();
    expect((await put(rows(0, 7))).status).toBe(201);
    noteEarlierChanges(tenant, 99_990);
    expect(
      (await tenant.send(registrar, "PUT", ITEM(1), { properties: { itemsKeyValue: { name: "a" } } })).status,
    ).toBe(201);
    expect((await tenant.send(registrar, "DELETE", ITEM(1))).status).toBe(200);
    expect((await put(rows(200_000, 2))).status).toBe(429);
    expect(items()).toBe(7);
    expect((await put(rows(200_000, 1))).status).toBe(200);
    expect(
      (await tenant.send(registrar, "PUT", ITEM(2), { properties: { itemsKeyValue: { name: "b" } } })).status,
    ).toBe(429);
    tenant.advance(31 * 86_400_000);
    expect(
      (await tenant.send(registrar, "PUT", ITEM(2), { properties: { itemsKeyValue: { name: "b" } } })).status,
    ).toBe(201);
  });

  test("rows that the list already has are no changes", async () => {
    const { tenant, put } = setUp();
    await put(rows(0, 10));
    await put(rows(0, 10));
    expect([...tenant.context.model.watchlistChanges.values()].map(({ changes }) => changes)).toEqual([10]);
  });
});

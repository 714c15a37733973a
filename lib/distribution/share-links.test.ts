import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Config } from "@/lib/config";
import type { AzureAccess, Role, UserContext } from "@/lib/context";
import type { Store } from "@/lib/store/open";
import { TEST_TENANT, temporaryStore } from "@/lib/store/testing/stores";
import { listLinks, openLink, revokeLink, shareView } from "./share-links";
import { LINK_DAYS, LinkId, ShareRequest, shareablePath } from "./share-links.pure";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

let store: Store;
let now = Date.UTC(2026, 10, 30);
beforeAll(async () => {
  store = await temporaryStore();
});
afterAll(() => store?.close());
beforeEach(async () => {
  await store.db.deleteFrom("share_link").execute();
});

function person(oid: string, ...roles: Role[]): UserContext {
  const access = {} as AzureAccess; // nothing here reaches Azure
  return {
    config: { tenantId: TEST_TENANT } as Config, // nothing else is read
    db: store.db,
    jobs: { enqueue: async () => {} },
    azure: { collector: access, registrar: access, planter: access, granter: access, drill: access },
    now: () => new Date(now),
    user: { tid: TEST_TENANT, oid, name: oid, upn: undefined, roles },
    asUser: access,
    requestId: "r",
  };
}
const kim = () => person("kim", "KeyVault.Owner");
const ana = () => person("ana", "Soc.Analyst");
const adam = () => person("adam", "Platform.Admin");
async function shared(ctx: UserContext, path: string): Promise<{ id: string }> {
  const { id } = await shareView(ctx, ShareRequest.parse({ path, short: true }));
  if (id === null) throw new Error("It got no short id.");
  return { id };
}
const GONE = { failure: { code: "not_found" } };

describe("only pages of the product are shared", () => {
  test.each(["/vaults", "/vaults?q=a&state=red", "/deployments/1", "/setup/register", "/vaults/a/b/c#x"])(
    "%s",
    (path) => {
      expect(shareablePath(path)).toBe(path.replace("#x", ""));
    },
  );

  test.each([
    "https://evil.example/vaults",
    "//evil.example/vaults",
    "/\\evil.example/vaults",
    "/vaults/../api/vaults",
    "/api/vaults",
    "/auth/redirect?code=1",
    "/share/abc",
    "javascript:alert(1)",
    "vaults",
    "",
    `/vaults?q=${"a".repeat(8_000)}`,
  ])("and not %s", (path) => {
    expect(ShareRequest.safeParse({ path, short: true }).success).toBe(false);
  });

  test.each(["", "../../etc", "abc", "a".repeat(13), "a b-c_d12345"])("%j is no id of a link", (id) => {
    expect(LinkId.safeParse({ id }).success).toBe(false);
  });
});

test("a link leads whoever opens it to the same view, and says when it was used last", async () => {
  const { id } = await shared(kim(), "/vaults?q=shop&state=unprotected");
  expect(LinkId.safeParse({ id }).success).toBe(true);
  expect((await listLinks(kim())).links).toMatchObject([{ id, by: "kim", lastUsedAt: null, uses: 0 }]);
  now += 60_000;
  expect(await openLink(ana(), { id })).toEqual({ path: "/vaults?q=shop&state=unprotected" });
  const [link] = (await listLinks(kim())).links;
  expect(link).toMatchObject({ uses: 1, lastUsedAt: new Date(now).toISOString() });
});

test("the same view shared again keeps its id and works longer; another person's has its own", async () => {
  const first = await shared(kim(), "/vaults?q=a");
  now += 24 * 60 * 60_000;
  expect(await shared(kim(), "/vaults?q=a")).toEqual(first);
  expect(await shared(ana(), "/vaults?q=a")).not.toEqual(first);
  const [link] = (await listLinks(kim())).links;
  expect(Date.parse(link?.expiresAt ?? "") - now).toBe(LINK_DAYS * 24 * 60 * 60_000);
});

test("a person sees and revokes their own links, an administrator everybody's", async () => {
  const own = await shared(kim(), "/vaults?q=kim");
  const other = await shared(ana(), "/vaults?q=ana");
  expect(await listLinks(kim())).toMatchObject({ everybodys: false, links: [{ id: own.id }] });
  expect((await listLinks(adam())).links.map(({ id }) => id).toSorted()).toEqual([own.id, other.id].toSorted());
  await expect(revokeLink(kim(), other)).rejects.toMatchObject(GONE);
  await revokeLink(adam(), other);
  await expect(openLink(ana(), other)).rejects.toMatchObject(GONE);
  await expect(revokeLink(adam(), other)).rejects.toMatchObject(GONE);
  await revokeLink(kim(), own);
  expect(await listLinks(adam())).toMatchObject({ links: [] });
});

test("a link that has expired opens nothing and is not listed", async () => {
  const { id } = await shared(kim(), "/vaults?q=old");
  now += (LINK_DAYS * 24 * 60 + 1) * 60_000;
  await expect(openLink(kim(), { id })).rejects.toMatchObject(GONE);
  expect((await listLinks(kim())).links).toEqual([]);
});

test("a view that needs no short id is let through, and nothing is kept of it", async () => {
  expect(await shareView(ana(), { path: "/vaults?q=shop", short: false })).toEqual({ id: null });
  expect((await listLinks(ana())).links).toEqual([]);
});

describe("the name of a honeytoken", () => {
  beforeAll(async () => {
    const vault = "/subscriptions/1/resourcegroups/rg/providers/microsoft.keyvault/vaults/kv-a";
    await store.db
      .insertInto("decoy")
      .values({
        ...{ id: "00000000-0000-4000-8000-000000000001", vault_id: vault, kind: "secret", name: "Ledger-Reader" },
        ...{ token_key: `${vault}/secrets/ledger-reader`, state: "live", created_at: new Date(now) },
        ...{ watchlist_item_id: "00000000-0000-4000-8000-000000000002", updated_at: new Date(now) },
      })
      .execute();
  });

  test.each(["/audit?q=ledger-reader", "/audit?q=LEDGER%2Dreader+x"])(
    "is in no link of those who know it: %s",
    async (path) => {
      const refused = { failure: { code: "invalid", field: "path" } };
      await expect(shared(ana(), path)).rejects.toMatchObject(refused);
      await expect(shareView(ana(), { path, short: false })).rejects.toMatchObject(refused);
    },
  );

  test("and is not told to an owner by refusing it", async () => {
    await expect(shared(kim(), "/vaults?q=ledger-reader")).resolves.toHaveProperty("id");
  });
});

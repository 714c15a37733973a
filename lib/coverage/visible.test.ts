import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { UserContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { testService } from "@/lib/register/testing/service";
import type { Store } from "@/lib/store/open";
import { temporaryStore } from "@/lib/store/testing/stores";
import { readableOf } from "./visible";

const vault = (subscription: string, name: string) =>
  `/subscriptions/${subscription}/resourcegroups/rg/providers/microsoft.keyvault/vaults/${name}`;

let listed: string[];
let listing: { vaults: { id: string }[] } | undefined;
let readsAll: string[];
let asked: string[];
let failure: AppError | undefined;

vi.mock("./internal/vault-inventory", () => ({
  inventoryOf: async () => {
    listing ??= { vaults: listed.map((id) => ({ id })) };
    return listing;
  },
}));
vi.mock("@/lib/azure/permissions", () => ({
  permissionsAt: async (_: unknown, scope: string) => {
    asked.push(scope);
    if (failure) throw failure;
    if (!readsAll.includes(scope)) throw new AppError("forbidden", "No.");
    return [{ actions: ["*/read"], notActions: [], dataActions: [], notDataActions: [] }];
  },
}));

let store: Store;
let ctx: UserContext;
beforeAll(async () => {
  store = await temporaryStore();
  const service = testService(store, () => new Date());
  const user = { tid: "t", oid: "ada", name: "Ada", upn: undefined, roles: [] };
  ctx = { ...service, user, asUser: service.azure.collector, requestId: "r" };
}, 60_000);
afterAll(() => store.close());
beforeEach(() => {
  [listed, listing, readsAll, asked, failure] = [[], undefined, [], [], undefined];
});

test("of vaults those stay that Azure lists for the person; for these nothing else is asked", async () => {
  listed = [vault("a", "one"), vault("a", "three")];
  expect(await readableOf(ctx, [vault("a", "one")])).toEqual(new Set([vault("a", "one")]));
  expect(asked).toEqual([]);
});

test("a vault that is gone stays for whoever may read all of its subscription, and for nobody else", async () => {
  readsAll = ["/subscriptions/a"];
  const gone = [vault("a", "gone"), vault("a", "lost"), vault("b", "gone")];
  expect(await readableOf(ctx, gone)).toEqual(new Set([vault("a", "gone"), vault("a", "lost")]));
  expect(asked.sort()).toEqual(["/subscriptions/a", "/subscriptions/b"]);
});

test("a resource group stays for whoever may read a vault in it, or all of its subscription", async () => {
  const group = (subscription: string, name = "rg") => `/subscriptions/${subscription}/resourcegroups/${name}`;
  listed = [vault("a", "one")];
  readsAll = ["/subscriptions/b"];
  const groups = [group("a"), group("a", "rg-other"), group("b"), group("c")];
  expect(await readableOf(ctx, groups)).toEqual(new Set([group("a"), group("b")]));
});

test("so does a subscription", async () => {
  listed = [vault("a", "one")];
  readsAll = ["/subscriptions/b"];
  const subscriptions = ["/subscriptions/a", "/subscriptions/b", "/subscriptions/c"];
  expect(await readableOf(ctx, subscriptions)).toEqual(new Set(["/subscriptions/a", "/subscriptions/b"]));
});

test("Azure is asked about a subscription once for each listing of the vaults", async () => {
  const gone = [vault("a", "gone"), vault("b", "gone")];
  readsAll = ["/subscriptions/a"];
  for (const _ of ["at first", "again"]) expect(await readableOf(ctx, gone)).toEqual(new Set([vault("a", "gone")]));
  expect(asked.sort()).toEqual(["/subscriptions/a", "/subscriptions/b"]);
  [listing, readsAll] = [undefined, []];
  expect(await readableOf(ctx, gone)).toEqual(new Set());
  expect(asked).toHaveLength(4);
});

test("what Azure does not answer is no empty list, and is asked again", async () => {
  failure = new AppError("unavailable", "Azure is away.");
  await expect(readableOf(ctx, [vault("a", "gone")])).rejects.toThrow("Azure is away.");
  [failure, readsAll] = [undefined, ["/subscriptions/a"]];
  expect(await readableOf(ctx, [vault("a", "gone")])).toEqual(new Set([vault("a", "gone")]));
});

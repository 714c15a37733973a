import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Role, UserContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { testService } from "@/lib/register/testing/service";
import type { Store } from "@/lib/store/open";
import { TEST_TENANT, temporaryStore } from "@/lib/store/testing/stores";
import { exportDeployment, listItems } from "../items";
import { opensFromVault } from "../opens";
import { readDeployment } from "../read";
import { readVaultProgress, VaultProgressQuery } from "../vault-progress";

/** The vaults that the person may not read, and whether Azure was asked. */
let hidden: string[] = [];
let asked = 0;
let failure: AppError | undefined;
/** What happens while Azure is asked. */
let meanwhile = async (): Promise<void> => {};
vi.mock("@/lib/coverage/visible", () => ({
  readableOf: async (_: unknown, ids: Iterable<string>) => {
    asked++;
    if (failure) throw failure;
    await meanwhile();
    return new Set([...ids].filter((id) => !hidden.includes(id)));
  },
  requireVisible: async (_: unknown, id: string) => {
    if (hidden.includes(id)) throw new AppError("not_found", "There is no such vault, or you may not read it.");
  },
}));

const vault = (index: number) =>
  `/subscriptions/00000000-0000-4000-8000-000000000001/resourcegroups/rg/providers/microsoft.keyvault/vaults/kv-${String(index).padStart(3, "0")}`;
const name = (index: number) => `kv-${String(index).padStart(3, "0")}`;

let store: Store;
beforeAll(async () => {
  store = await temporaryStore();
}, 60_000);
afterAll(() => store.close());
beforeEach(() => {
  [hidden, asked, failure, meanwhile] = [[], 0, undefined, async () => {}];
});

function person(oid: string, ...roles: Role[]): UserContext {
  const service = testService(store, () => new Date("2026-11-22T10:00:00Z"));
  const user = { tid: TEST_TENANT, oid, name: oid, upn: undefined, roles };
  return { ...service, user, asUser: service.azure.collector, requestId: "r" };
}

/** A deployment in so many vaults that somebody asked for; the product itself, where nobody is named. */
async function deployment(vaults: number, by: string, state: "running" | "awaiting_approval" = "running") {
  const id = randomUUID();
  const at = new Date("2026-11-22T09:00:00Z");
  await store.db
    .insertInto("deployment")
    .values({
      ...{ id, requested_by_tid: TEST_TENANT, requested_by_oid: by, requested_by_name: by, approval: "needed" },
      ...{ kind: "secret", state, total: vaults, created_at: at, started_at: at },
    })
    .execute();
  await addItems(
    id,
    Array.from({ length: vaults }, (_, index) => vault(index)),
  );
  return id;
}

async function addItems(id: string, vaults: readonly string[]): Promise<void> {
  const at = new Date("2026-11-22T09:00:00Z");
  const items = vaults.map((vaultId) => ({
    ...{ id: randomUUID(), deployment_id: id, vault_id: vaultId, kind: "secret" as const, count: 1 },
    ...{ state: "done" as const, created_at: at, updated_at: at },
  }));
  if (items.length > 0) await store.db.insertInto("deployment_item").values(items).execute();
}

const ana = () => person("ana", "Soc.Analyst");

test("whoever asked for a deployment is shown all of it, and Azure is not asked", async () => {
  const id = await deployment(3, "kim");
  hidden = [vault(0), vault(1)];
  const kim = person("kim", "Platform.Admin");
  expect(await readDeployment(kim, id)).toMatchObject({ leftOut: 0, items: { length: 3 } });
  expect((await listItems(kim, { id })).items).toHaveLength(3);
  expect(await exportDeployment(kim, id)).toMatchObject({ leftOut: 0, rows: { length: 3 } });
  expect(asked).toBe(0);
});

describe.each(["kim", ""])(
  "of what is that of somebody else (%j), people are shown the vaults that they may read",
  (by) => {
    test("with the counts of the whole and with how many there are beside them", async () => {
      const id = await deployment(3, by);
      hidden = [vault(0), vault(2)];
      const view = await readDeployment(ana(), id);
      expect(view).toMatchObject({ total: 3, counts: { done: 3 }, progress: { ended: 3 }, leftOut: 2 });
      expect(view.items.map(({ vaultName }) => vaultName)).toEqual([name(1)]);
      const pages = [view, await listItems(ana(), { id }), await exportDeployment(ana(), id)];
      expect(pages[2]).toMatchObject({ leftOut: 2, rows: [{ vault: name(1) }] });
      expect(JSON.stringify(pages)).not.toMatch(/kv-00[02]/);
      expect((await listItems(ana(), { id, q: name(0) })).items).toEqual([]);
    });

    test("a full page at a time", async () => {
      const id = await deployment(402, by);
      hidden = Array.from({ length: 201 }, (_, index) => vault(index));
      const first = await listItems(ana(), { id });
      expect(first.items.map(({ vaultName }) => vaultName)).toEqual(
        Array.from({ length: 200 }, (_, index) => name(index + 201)),
      );
      expect(await listItems(ana(), { id, after: first.next ?? "none" })).toMatchObject({
        items: [{ vaultName: name(401) }],
        next: null,
      });
      expect(await readDeployment(ana(), id)).toMatchObject({ total: 402, leftOut: 201, items: [] });
    });

    test("and nothing where Azure does not say which those are", async () => {
      const id = await deployment(2, by);
      failure = new AppError("unavailable", "Azure is away.");
      await expect(readDeployment(ana(), id)).rejects.toThrow("Azure is away.");
      await expect(listItems(ana(), { id })).rejects.toThrow("Azure is away.");
      await expect(exportDeployment(ana(), id)).rejects.toThrow("Azure is away.");
    });
  },
);

test("a vault that a plan in the making comes to later is no less hidden", async () => {
  const id = await deployment(0, "kim");
  hidden = [vault(1), vault(3)];
  await store.db.updateTable("deployment").set({ state: "planning" }).where("id", "=", id).execute();
  expect(await readDeployment(ana(), id)).toMatchObject({ leftOut: 0 });
  await addItems(id, [vault(0)]);
  expect(await readDeployment(ana(), id)).toMatchObject({ leftOut: 0, items: { length: 1 } });
  // It comes between the question who may read what, and the reading of the items.
  meanwhile = () => addItems(id, [vault(1)]);
  expect(await readDeployment(ana(), id)).toMatchObject({ leftOut: 0, items: { length: 1 } });
  meanwhile = async () => {};
  await addItems(id, [vault(2), vault(3)]);
  await store.db.updateTable("deployment").set({ state: "planned", total: 4 }).where("id", "=", id).execute();
  for (const _ of ["read", "kept"])
    expect(await readDeployment(ana(), id)).toMatchObject({ leftOut: 2, items: { length: 2 } });
});

test("a second administrator approves what they are shown a part of", async () => {
  const id = await deployment(3, "kim", "awaiting_approval");
  hidden = [vault(0)];
  const view = await readDeployment(person("bea", "Platform.Admin"), id);
  expect(view).toMatchObject({ leftOut: 1, may: { approve: true } });
});

describe("of the part of a deployment in one vault", () => {
  const progress = (ctx: UserContext, id: string, index = 1) =>
    readVaultProgress(ctx, VaultProgressQuery.parse({ id, vaultId: vault(index) }));
  const stepped = async (vaults: number, by: string) => {
    const id = await deployment(vaults, by);
    const item = await store.db
      .selectFrom("deployment_item")
      .select("id")
      .where("deployment_id", "=", id)
      .where("vault_id", "=", vault(1 % vaults))
      .executeTakeFirstOrThrow();
    const at = new Date("2026-11-22T09:30:00Z");
    const step = { item_id: item.id, step: "check", state: "done" as const, detail: "", data: "{}" };
    await store.db
      .insertInto("deployment_step")
      .values({ ...step, started_at: at, ended_at: at })
      .execute();
    return id;
  };

  test("whoever may read the vault is told the state and the steps, however many vaults there are", async () => {
    const id = await stepped(30, "kim");
    const view = await progress(person("kim"), id);
    expect(view).toMatchObject({ state: "running", opens: true, item: { state: "done" } });
    expect(view.item.steps[0]).toMatchObject({ name: "check", state: "done", endedAt: "2026-11-22T09:30:00.000Z" });
  });

  test("no time tells somebody who may not open the deployment which object was written", async () => {
    const id = await stepped(30, "kim");
    const view = await progress(person("olga"), id);
    expect(view).toMatchObject({ opens: false, item: { state: "done" } });
    expect(view.item.steps[0]).toMatchObject({ name: "check", state: "done" });
    expect(JSON.stringify(view)).not.toContain("2026-11-22");
  });

  test("nobody is told anything of a vault that they may not read, or that it does not touch", async () => {
    const id = await stepped(3, "kim");
    hidden = [vault(1)];
    const none = { failure: { code: "not_found" } };
    await expect(progress(person("olga"), id)).rejects.toMatchObject(none);
    await expect(progress(ana(), id)).rejects.toMatchObject(none);
    await expect(progress(ana(), id, 77)).rejects.toMatchObject(none);
    await expect(progress(ana(), randomUUID(), 2)).rejects.toMatchObject(none);
  });

  test("a plan of somebody else is not told before it does something there", async () => {
    const id = await stepped(3, "kim");
    await store.db.updateTable("deployment_item").set({ state: "planned" }).where("deployment_id", "=", id).execute();
    await expect(progress(person("olga"), id)).rejects.toMatchObject({ failure: { code: "not_found" } });
    expect(await progress(ana(), id)).toMatchObject({ opens: true, item: { state: "planned" } });
  });

  test.each([
    ["olga", 3, "of somebody else"],
    ["kim", 3, "of one's own"],
    ["ana", 3, "of somebody else, for analysts"],
  ])("what is said to open does open, and nothing else: for %s one in %d vaults %s", async (who, vaults) => {
    const ctx = who === "ana" ? ana() : person(who);
    const id = await deployment(vaults, "kim");
    const opens = opensFromVault(ctx.user, { requested_by_oid: "kim", total: vaults });
    const answer = await readDeployment(ctx, id).catch((error: unknown) => error);
    expect(answer instanceof AppError).toBe(!opens);
  });
});

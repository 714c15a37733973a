import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseVaultId } from "@/lib/azure/resource-id.pure";
import type { Role, UserContext } from "@/lib/context";
import { testService } from "@/lib/register/testing/service";
import type { Store } from "@/lib/store/open";
import { TEST_TENANT, temporaryStore } from "@/lib/store/testing/stores";
import { deploymentsOf } from "./vault-detail";

const VAULT =
  parseVaultId(
    "/subscriptions/00000000-0000-4000-8000-000000000001/resourcegroups/rg/providers/microsoft.keyvault/vaults/kv-orders",
  ) ?? expect.fail("no vault id");

let store: Store;
beforeAll(async () => {
  store = await temporaryStore();
}, 60_000);
afterAll(() => store.close());

function person(oid: string, ...roles: Role[]): UserContext {
  const service = testService(store, () => new Date("2026-11-22T10:00:00Z"));
  const user = { tid: TEST_TENANT, oid, name: oid, upn: undefined, roles };
  return { ...service, user, asUser: service.azure.collector, requestId: "r" };
}

/** A deployment that somebody asked for in so many vaults, of which this one is done. */
async function deployment(by: string, total: number): Promise<string> {
  const id = randomUUID();
  const at = new Date("2026-11-22T09:00:00Z");
  await store.db
    .insertInto("deployment")
    .values({
      ...{ id, requested_by_tid: TEST_TENANT, requested_by_oid: by, requested_by_name: by },
      ...{ kind: "secret", state: "running", total, created_at: at, started_at: at },
    })
    .execute();
  const item = { id: randomUUID(), deployment_id: id, vault_id: VAULT, kind: "secret" as const, count: 1 };
  await store.db
    .insertInto("deployment_item")
    .values({ ...item, state: "done", created_at: at, updated_at: at })
    .execute();
  return id;
}

test("everybody who may read a vault is told of all its deployments, and led to those that they may open", async () => {
  const [many, one, own] = [await deployment("adam", 30), await deployment("adam", 1), await deployment("kim", 30)];
  const opened = async (ctx: UserContext) => {
    const all = await deploymentsOf(ctx, VAULT);
    expect(all.map(({ id }) => id).sort()).toEqual([many, one, own].sort());
    return all.filter(({ opens }) => opens).map(({ id }) => id);
  };
  expect((await opened(person("kim"))).sort()).toEqual([one, own].sort());
  expect(await opened(person("ana", "Soc.Analyst"))).toHaveLength(3);
});

import type { AzureAccess, ServiceContext } from "@/lib/context";
import type { Decoy } from "@/lib/store/decoys";
import type { Store } from "@/lib/store/open";
import { REAL_TIMING } from "@/lib/timing";
import { testConfig } from "@/scripts/test/config";

/** The service on a store, with short waits and a clock that the test sets. */
export function testService(store: Store, now: () => Date): ServiceContext {
  const timing = { ...REAL_TIMING, poll: 1, ambiguousWriteSettle: 1, registerVisibleWithin: 200 };
  const config = testConfig({ timing });
  const unused = async (): Promise<never> => {
    throw new Error("The fakes ask nobody.");
  };
  const access: AzureAccess = {
    credential: { getToken: unused },
    httpClient: { sendRequest: unused },
    cloud: config.cloud,
    outbound: config.outbound,
  };
  return {
    config,
    db: store.db,
    jobs: { enqueue: async () => {} },
    azure: { collector: access, registrar: access, planter: access, granter: access, drill: access },
    now,
  };
}

/** Decoys of the store, `perVault` in each vault, as the plan of a deployment makes them. */
export async function addDecoys(
  { db }: Pick<Store, "db">,
  count: number,
  change: Partial<Decoy> = {},
  perVault = 1,
): Promise<Decoy[]> {
  const at = new Date("2026-11-22T10:00:00Z");
  const first = Number(
    (
      await db
        .selectFrom("decoy")
        .select(({ fn }) => fn.countAll().as("n"))
        .executeTakeFirst()
    )?.n,
  );
  const made = Array.from({ length: count }, (_, index) => {
    const number = first + index;
    const vault = `/subscriptions/00000000-0000-4000-8000-000000000001/resourcegroups/rg/providers/microsoft.keyvault/vaults/kv-${Math.floor(number / perVault)}`;
    const name = `batch-reader-${number}`;
    return {
      id: `decoy-${number}`,
      vault_id: vault,
      kind: "secret" as const,
      name,
      token_key: `${vault}/secrets/${name}`,
      state: "registered" as const,
      watchlist_item_id: `${String(number).padStart(8, "0")}-0000-4000-8000-000000000000`,
      planter_oid: "0b0b0b0b-0000-4000-8000-000000000001",
      window_start: null,
      window_end: null,
      first_sent_at: null,
      sent_at: null,
      version: null,
      value_hash: null,
      expires_at: null,
      item_id: null,
      confirmed_at: null,
      created_at: at,
      updated_at: at,
      ...change,
      published: change.published ? JSON.stringify(change.published) : null,
      attributes: JSON.stringify(change.attributes ?? {}),
      history: change.history ? JSON.stringify(change.history) : null,
    };
  });
  for (let start = 0; start < made.length; start += 1_000) {
    await db
      .insertInto("decoy")
      .values(made.slice(start, start + 1_000))
      .execute();
  }
  const ids = made.map(({ id }) => id);
  const all = await db.selectFrom("decoy").selectAll().execute();
  return all.filter(({ id }) => ids.includes(id)).sort((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id));
}

import "server-only";
import { randomUUID } from "node:crypto";
import type { Insertable } from "kysely";
import { getWatchlist, listWatchlistItems } from "@/lib/azure/watchlists";
import type { ServiceContext } from "@/lib/context";
import { log } from "@/lib/log";
import { importDecoys, registerIsEmpty } from "@/lib/store/decoys";
import type { DecoyTable } from "@/lib/store/schema";
import { parseRegister, RegisterColumns, type RegisterRow, type RowProblem } from "./internal/register-rows";

export interface RegisterImport {
  /** False when the store already had decoys: then nothing is read. */
  needed: boolean;
  imported: number;
  /** Rows that could not be used, by why. */
  problems: ReadonlyMap<RowProblem, number>;
}

/**
 * Fills an empty store from the published watchlist: a new set-up, or one that lost its database. What is imported is
 * known, not believed: whether a decoy exists is decided by the audit log or a list. No watchlist yet is no error.
 * Throws AppError when the watchlist cannot be read.
 */
export async function importRegister(service: ServiceContext): Promise<RegisterImport> {
  if (!(await registerIsEmpty(service.db))) return { needed: false, imported: 0, problems: new Map() };
  const { azure, config } = service;
  const workspace = config.workspace.resourceId;
  const exists = await getWatchlist(azure.collector, workspace, config.watchlistAlias);
  const items = exists ? await listWatchlistItems(azure.collector, workspace, config.watchlistAlias) : [];
  const columns = items.map(({ id, fields }) => RegisterColumns.parse({ ...fields, ItemId: id }));
  const { rows, problems } = parseRegister(columns);
  const imported = await importDecoys(service.db, rowsToImport(rows, service.now()));
  log.info({ imported, problems: Object.fromEntries(problems) }, "register imported from the published watchlist");
  return { needed: true, imported, problems };
}

/**
 * Takes over what others have published since: new rows, and the state of rows that we did not plant ourselves. A row
 * that is gone changes nothing here, since a list that was emptied must not make us forget what we watch.
 */
export async function keepRegisterFresh(service: ServiceContext, rows: readonly RegisterRow[]): Promise<void> {
  const now = service.now();
  const known = await service.db
    .selectFrom("decoy")
    .select(["token_key", "state", "item_id"])
    .where("state", "not in", ["retired", "failed"])
    .execute();
  const byKey = new Map(known.map((decoy) => [decoy.token_key, decoy]));
  const unknown = rows.filter(({ tokenKey, state }) => !byKey.has(tokenKey) && state !== "planting");
  if (unknown.length > 0) await importDecoys(service.db, rowsToImport(unknown, now));
  for (const row of rows) {
    const decoy = byKey.get(row.tokenKey);
    if (!decoy || decoy.item_id !== null || decoy.state === row.state) continue;
    await service.db
      .updateTable("decoy")
      .set({ state: row.state, updated_at: now })
      .where("token_key", "=", row.tokenKey)
      .where("item_id", "is", null)
      .where("state", "not in", ["retired", "failed"])
      .execute();
  }
}

/** One row per object: a list that names it twice means the same decoy, and the live row says more. */
function rowsToImport(rows: readonly RegisterRow[], now: Date): Insertable<DecoyTable>[] {
  const byKey = new Map<string, RegisterRow>();
  for (const row of rows) if (byKey.get(row.tokenKey)?.state !== "live") byKey.set(row.tokenKey, row);
  return [...byKey.values()].map((row) => ({
    id: randomUUID(),
    vault_id: row.vaultId,
    kind: row.kind,
    name: row.name,
    token_key: row.tokenKey,
    state: row.state,
    watchlist_item_id: row.itemId,
    planter_oid: row.planterOid ?? null,
    window_start: row.windowStart ?? null,
    window_end: row.windowEnd ?? null,
    first_sent_at: null,
    sent_at: null,
    version: null,
    value_hash: null,
    expires_at: null,
    item_id: null,
    confirmed_at: null,
    created_at: row.windowStart ?? now,
    updated_at: now,
  }));
}

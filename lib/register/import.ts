import "server-only";
import { randomUUID } from "node:crypto";
import type { Insertable } from "kysely";
import { getWatchlist, listWatchlistItems } from "@/lib/azure/watchlists";
import type { ServiceContext, UserContext } from "@/lib/context";
import { log } from "@/lib/log";
import { writeAudit } from "@/lib/store/audit";
import { importDecoys, registerIsEmpty } from "@/lib/store/decoys";
import type { DecoyTable } from "@/lib/store/schema";
import { type Examined, examineRows, oneRowPerObject } from "./internal/examine";
import { readPublished } from "./published";
import { parseRegister, RegisterColumns, type RegisterRow, standing } from "./rows";
import type { ImportPreview, ImportResult, RowProblem } from "./views.pure";

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
  const published = parseRegister(await listPublished(service));
  const rows = published.rows.map((row) => standing(row, service.now()));
  const { problems } = published;
  const imported = await importDecoys(service.db, decoysOf(oneRowPerObject(rows), service.now()));
  log.info({ imported, problems: Object.fromEntries(problems) }, "register imported from the published watchlist");
  return { needed: true, imported, problems };
}

/** Every row of the watchlist as it is this moment, page by page; none when there is no watchlist. */
export async function listPublished({ azure, config }: ServiceContext): Promise<RegisterColumns[]> {
  const workspace = config.workspace.resourceId;
  const exists = await getWatchlist(azure.collector, workspace, config.watchlistAlias);
  const items = exists ? await listWatchlistItems(azure.collector, workspace, config.watchlistAlias) : [];
  return items.map(({ id, fields }) => RegisterColumns.parse({ ...fields, ItemId: id }));
}

/** What `importPublished` would do now. One log query; writes nothing. */
export async function previewImport(service: ServiceContext): Promise<ImportPreview> {
  return (await examine(service)).preview;
}

/** Takes over every published decoy that the register lacks, for an administrator who has seen the preview. */
export async function importPublished(ctx: UserContext): Promise<ImportResult> {
  const { fresh, preview } = await examine(ctx);
  return ctx.db.transaction().execute(async (transaction) => {
    const imported = await adoptRows({ ...ctx, db: transaction }, fresh);
    const after = { imported, rows: preview.rows, problems: preview.problems };
    await writeAudit(transaction, { by: ctx.user, action: "register.import", after, result: "ok" }, ctx.now());
    return { imported };
  });
}

/** Takes these rows over as decoys of ours. @returns how many were new */
export async function adoptRows(
  service: Pick<ServiceContext, "db" | "now">,
  rows: readonly RegisterRow[],
): Promise<number> {
  return importDecoys(service.db, decoysOf(oneRowPerObject(rows), service.now()));
}

/**
 * Follows the published state of decoys that we did not plant ourselves. Rows that we do not know are left to the
 * comparison with the register (drift.ts): a row of a decoy that was just retired shows for minutes after it is gone,
 * and must not come back as a decoy. A row that is gone changes nothing here either, since a list that was emptied must
 * not make us forget what we watch.
 */
export async function followPublished(service: ServiceContext, rows: readonly RegisterRow[]): Promise<void> {
  const imported = await service.db
    .selectFrom("decoy")
    .select(["id", "token_key", "state"])
    .where("item_id", "is", null)
    .where("publishing_at", "is", null)
    .where("state", "not in", ["retired", "failed"])
    .execute();
  const byKey = new Map(rows.map((row) => [row.tokenKey, row]));
  for (const decoy of imported) {
    const row = byKey.get(decoy.token_key);
    // A planting of ours whose end was lost with the database is not begun again.
    if (!row || row.state === "planting" || row.state === decoy.state) continue;
    await service.db
      .updateTable("decoy")
      .set({ state: row.state, updated_at: service.now() })
      .where("id", "=", decoy.id)
      .execute();
  }
}

async function examine(service: ServiceContext): Promise<Examined> {
  const known = await service.db
    .selectFrom("decoy")
    .select("token_key")
    .where("state", "not in", ["retired", "failed"])
    .execute();
  return examineRows(await readPublished(service), new Set(known.map(({ token_key }) => token_key)), service.now());
}

/** Rows as decoys of ours. They count as in doubt, so that the first write of ours is sent whatever they hold. */
export function decoysOf(rows: readonly RegisterRow[], now: Date): Insertable<DecoyTable>[] {
  return rows.map((row) => ({
    id: randomUUID(),
    vault_id: row.vaultId,
    kind: row.kind,
    name: row.name,
    token_key: row.tokenKey,
    state: row.state,
    watchlist_item_id: row.itemId,
    publishing: "item",
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

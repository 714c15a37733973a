import "server-only";
import { type Kysely, sql } from "kysely";
import type { Database } from "@/lib/store/schema";
import type { Fields } from "./fields";
import type { KnownRow } from "./plan";

/** PostgreSQL takes 65,535 parameters a statement. */
const IDS_PER_STATEMENT = 5_000;

/** What our table knows of the rows of these decoys, by decoy id. */
export async function knownRows(db: Kysely<Database>, decoyIds: readonly string[]): Promise<Map<string, KnownRow>> {
  const known = new Map<string, KnownRow>();
  for (let at = 0; at < decoyIds.length; at += IDS_PER_STATEMENT) {
    const rows = await db
      .selectFrom("decoy")
      .select(["id", "watchlist_item_id", "published", "publishing"])
      .where("id", "in", decoyIds.slice(at, at + IDS_PER_STATEMENT))
      .execute();
    for (const { id, watchlist_item_id: itemId, published, publishing } of rows) {
      known.set(id, { itemId, published, publishing });
    }
  }
  return known;
}

/** Rows that the watchlist has of our decoys, as far as we know. */
export async function countPublished(db: Kysely<Database>): Promise<number> {
  const { rows } = await db
    .selectFrom("decoy")
    .select(({ fn }) => fn.countAll<string>().as("rows"))
    .where((where) => where.or([where("published", "is not", null), where("publishing", "is not", null)]))
    .executeTakeFirstOrThrow();
  return Number(rows);
}

/** Notes that the rows of these decoys are about to be sent, so that after a kill they count as in doubt. */
export async function noteSending(
  db: Kysely<Database>,
  decoyIds: readonly string[],
  how: "item" | "upload",
  at: Date,
): Promise<void> {
  await db
    .updateTable("decoy")
    .set({ publishing: how, publishing_at: at })
    .where(sql<boolean>`id = any(${sql.val(decoyIds)}::text[])`)
    .execute();
}

export interface Settled {
  decoyId: string;
  itemId: string;
  /** What the row says now; null = there is none. */
  fields: Fields | null;
}

/** Notes what the watchlist holds now of these decoys; nothing is in doubt about them any more. */
export async function noteSettled(db: Kysely<Database>, settled: readonly Settled[]): Promise<void> {
  if (settled.length === 0) return;
  await sql`
    update decoy set publishing = null, published = sent.fields, watchlist_item_id = sent."itemId"
    from jsonb_to_recordset(${JSON.stringify(settled)}::jsonb) sent("decoyId" text, "itemId" text, fields jsonb)
    where decoy.id = sent."decoyId"
  `.execute(db);
}

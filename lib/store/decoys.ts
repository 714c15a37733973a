import "server-only";
import {
  type Expression,
  type ExpressionBuilder,
  type Insertable,
  type Kysely,
  type Selectable,
  type SqlBool,
  sql,
} from "kysely";
import type { BrokenBy, Database, DecoyState, DecoyTable } from "./schema";

export type Decoy = Selectable<DecoyTable>;

/** Decoys that count as existing or coming into being: everything but removed and abandoned ones. */
const GONE: DecoyState[] = ["retired", "failed"];

/** The decoys of one vault, or of all, that are neither removed nor abandoned, oldest first. */
export async function listDecoys(db: Kysely<Database>, vaultId?: string): Promise<Decoy[]> {
  return db
    .selectFrom("decoy")
    .selectAll()
    .where("state", "not in", GONE)
    .$if(vaultId !== undefined, (query) => query.where("vault_id", "=", vaultId ?? ""))
    .orderBy("created_at")
    .orderBy("id")
    .execute();
}

/**
 * Decoys that a removal may be asked for: live ones, and those that came back from the published register on their way out,
 * whose removal was lost with its database.
 */
export function isRemovable(eb: ExpressionBuilder<Database, "decoy">): Expression<SqlBool> {
  const stranded = eb.and([
    eb("state", "=", "retiring"),
    eb("deleted_at", "is", null),
    eb("retire_item_id", "is", null),
  ]);
  return eb.or([eb("state", "=", "live"), stranded]);
}

/** Azure's default, for a vault that does not say until when it keeps what is deleted. */
const RECOVERY_DEFAULT_MS = 90 * 24 * 60 * 60_000;

/** Until when Azure can bring a removed decoy back; undefined where it is not known when it was deleted. */
export function recoveryEnds({
  deleted_at: deleted,
  recoverable_until: until,
}: Pick<Decoy, "deleted_at" | "recoverable_until">): Date | undefined {
  if (deleted === null) return undefined;
  return until ?? new Date(deleted.getTime() + RECOVERY_DEFAULT_MS);
}

/**
 * Whether somebody else has deleted it, by the audit log, and it was let go for that: what its `deleted_at` says was then no
 * deletion of ours. What somebody brought back since, and this product deleted then, has a deletion of its own.
 */
export function wasGone({
  broken,
  broken_at,
  deleted_at,
}: Pick<Decoy, "broken" | "broken_at" | "deleted_at">): boolean {
  return broken === "deleted" && broken_at !== null && deleted_at !== null && deleted_at <= broken_at;
}

/** What somebody did to a decoy, and since when; both null = it works again. */
export interface BrokenMark {
  id: string;
  broken: BrokenBy | null;
  at: Date | null;
}

/** Notes on live decoys what somebody did to them, in one statement however many they are. */
export async function markBroken(db: Kysely<Database>, marks: readonly BrokenMark[], now: Date): Promise<void> {
  if (marks.length === 0) return;
  await sql`
    update decoy set broken = mark.broken, broken_at = mark.at, updated_at = ${now}::timestamptz
    from jsonb_to_recordset(${JSON.stringify(marks)}::text::jsonb) as mark (id text, broken text, at timestamptz)
    where decoy.id = mark.id and decoy.state = 'live'`.execute(db);
}

/** True while this store knows of no decoy at all: a new one, or a lost one that the watchlist can fill again. */
export async function registerIsEmpty(db: Kysely<Database>): Promise<boolean> {
  return (await db.selectFrom("decoy").select("id").limit(1).executeTakeFirst()) === undefined;
}

/**
 * Takes decoys over from the published register. A token that is known already stays as it is.
 *
 * @returns how many were new
 */
export async function importDecoys(db: Kysely<Database>, rows: Insertable<DecoyTable>[]): Promise<number> {
  let added = 0;
  // PostgreSQL takes 65,535 parameters a statement.
  for (let start = 0; start < rows.length; start += 1_000) {
    const result = await db
      .insertInto("decoy")
      .values(rows.slice(start, start + 1_000))
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    added += Number(result.numInsertedOrUpdatedRows ?? 0n);
  }
  return added;
}

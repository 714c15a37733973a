import "server-only";
import { type Kysely, type Selectable, sql } from "kysely";
import type { AlertExceptionRowTable, AlertExceptionTable, Database } from "./schema";

export type ExceptionRecord = Selectable<AlertExceptionTable>;
export type AlertExceptionRow = Selectable<AlertExceptionRowTable>;

/** Those that nobody ended and whose time is not over at `now`, the one that ends soonest first. */
export function alertExceptionsAt(db: Kysely<Database>, now: Date): Promise<ExceptionRecord[]> {
  return db
    .selectFrom("alert_exception")
    .selectAll()
    .where("ended_at", "is", null)
    .where("valid_until", ">", now)
    .orderBy("valid_until")
    .orderBy("id")
    .execute();
}

/** Every row that is, or may be, published of any exception, or that shall be. */
export function alertExceptionRows(db: Kysely<Database>): Promise<AlertExceptionRow[]> {
  return db.selectFrom("alert_exception_row").selectAll().orderBy("id").execute();
}

/** Notes that these rows are about to be sent, so that after a kill they count as in doubt. */
export async function noteExceptionsSending(db: Kysely<Database>, ids: readonly string[], at: Date): Promise<void> {
  await db
    .updateTable("alert_exception_row")
    .set({ publishing_at: at })
    .where(sql<boolean>`id = any(${sql.val(ids)}::text[])`)
    .execute();
}

/** Notes what the watchlist holds now; a row that is gone is forgotten with its exception over. */
export async function noteExceptionsSettled(
  db: Kysely<Database>,
  settled: readonly { id: string; fields: Record<string, string> | null }[],
  at: Date,
): Promise<void> {
  for (const { id, fields } of settled) {
    await db
      .updateTable("alert_exception_row")
      .set({ published: fields === null ? null : JSON.stringify(fields), publishing_at: null, changed_at: at })
      .where("id", "=", id)
      .execute();
  }
}

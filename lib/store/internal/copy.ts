import "server-only";
import { type Kysely, sql, type Transaction } from "kysely";
import type { Database } from "../schema";
import { SEEDED, type Table, tablesInOrder } from "./catalogue";

/** A table as it was copied. */
export interface CopiedTable {
  name: string;
  rows: number;
  /** Digest of all rows, the same on both sides. */
  checksum: string;
}

const ROWS_AT_ONCE = 500;

/**
 * Copies every table of the product in one transaction on the target, parents before children, with identities as they
 * are, and compares number and digest of the rows on both sides before it commits. The job engine's tables lie in a
 * schema of their own and are left out.
 *
 * @throws Error when the two sides differ in form or, afterwards, in content; the target is then as it was
 */
export async function copyTables(from: Kysely<Database>, to: Kysely<Database>): Promise<CopiedTable[]> {
  const reading = from.transaction().setIsolationLevel("repeatable read").setAccessMode("read only");
  return reading.execute((source) => to.transaction().execute((target) => copyAll(source, target)));
}

type Side = Transaction<Database>;

async function copyAll(source: Side, target: Side): Promise<CopiedTable[]> {
  for (const side of [source, target]) {
    await writePlainly(side);
    await mayWait(side);
  }
  const tables = await tablesInOrder(source);
  const there = new Map((await tablesInOrder(target)).map((table) => [table.name, table.form]));
  const differing = tables.find(({ name, form }) => there.get(name) !== form);
  if (differing) throw new Error(`The table ${differing.name} has another form on the target.`);
  const copied: CopiedTable[] = [];
  for (const table of tables) {
    await copyRows(source, target, table);
    await copySequences(source, target, table);
    const [before, after] = [await digest(source, table.name), await digest(target, table.name)];
    if (before.rows !== after.rows || before.checksum !== after.checksum) {
      throw new Error(`The table ${table.name} did not arrive as it was: ${before.rows} rows became ${after.rows}.`);
    }
    copied.push({ name: table.name, ...after });
  }
  return copied;
}

/** Both sides write values as text in one way, without loss. */
async function writePlainly(side: Side): Promise<void> {
  await sql`set local timezone = 'UTC'`.execute(side);
  await sql`set local datestyle = 'ISO, YMD'`.execute(side);
  await sql`set local intervalstyle = 'postgres'`.execute(side);
  await sql`set local bytea_output = 'hex'`.execute(side);
  await sql`set local extra_float_digits = 1`.execute(side);
}

/** While one side makes its digest of a large table the other has nothing to do: a server would end it for that. */
async function mayWait(side: Side): Promise<void> {
  await sql`set local idle_in_transaction_session_timeout = 0`.execute(side);
}

async function copyRows(source: Side, target: Side, { name, columns }: Table): Promise<void> {
  const table = sql.id(name);
  if (SEEDED.has(name)) await sql`delete from ${table}`.execute(target);
  const list = sql.join(columns.map((column) => sql.id(column)));
  await sql`declare copied no scroll cursor for select t::text "line" from ${table} t`.execute(source);
  for (;;) {
    const { rows } = await sql<{ line: string }>`fetch ${sql.lit(ROWS_AT_ONCE)} from copied`.execute(source);
    if (rows.length === 0) break;
    const lines = arrayOf(rows.map(({ line }) => line));
    await sql`insert into ${table} (${list}) overriding system value
      select ${list} from unnest(${lines}::text::${table}[])`.execute(target);
  }
  await sql`close copied`.execute(source);
}

/** The text form of an array of texts. The drivers' own differ: one of them knows no arrays of rows. */
function arrayOf(texts: readonly string[]): string {
  return `{${texts.map((text) => `"${text.replace(/["\\]/g, "\\$&")}"`).join(",")}}`;
}

/** The next number is the one that the source would have given, also when the newest rows are gone. */
async function copySequences(source: Side, target: Side, { sequences }: Table): Promise<void> {
  for (const sequence of sequences) {
    const { rows } = await sql<{ last: string; called: boolean }>`
      select last_value::text "last", is_called "called" from ${sql.raw(sequence)}`.execute(source);
    for (const { last, called } of rows) {
      await sql`select setval(${sequence}::text, ${last}::text::bigint, ${sql.lit(called)})`.execute(target);
    }
  }
}

/** Independent of the order of rows and of the collations of the two sides. */
async function digest(side: Side, name: string): Promise<{ rows: number; checksum: string }> {
  const { rows } = await sql<{ rows: string; checksum: string }>`
    select count(*)::text "rows", md5(coalesce(string_agg(line, '' order by line collate "C"), '')) "checksum"
    from (select md5(t::text) "line" from ${sql.id(name)} t) lines`.execute(side);
  const [row] = rows;
  if (!row) throw new Error(`The rows of ${name} could not be counted.`);
  return { rows: Number(row.rows), checksum: row.checksum };
}

import "server-only";
import { type Kysely, sql } from "kysely";
import type { Database } from "../schema";

/** A table of the product, as the database itself describes it. */
export interface Table {
  name: string;
  /** Those that can be written, in their order. */
  columns: string[];
  /** All columns with their types, as one text: equal on two databases of one version. */
  form: string;
  /** Sequences of its identity columns, quoted, with their schema. */
  sequences: string[];
}

interface ColumnRow {
  table: string;
  column: string;
  type: string;
  writable: boolean;
  sequence: string | null;
}

/** The product's tables, each after those that it refers to. What the migrator notes for itself is none of them. */
export async function tablesInOrder(db: Kysely<Database>): Promise<Table[]> {
  const { rows } = await sql<ColumnRow>`
    select c.relname "table", a.attname "column", format_type(a.atttypid, a.atttypmod) "type",
      a.attgenerated = '' "writable",
      case when a.attidentity <> '' then pg_get_serial_sequence(quote_ident(c.relname), a.attname) end "sequence"
    from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r'
      and c.relname not in ('kysely_migration', 'kysely_migration_lock')
      and a.attnum > 0 and not a.attisdropped
    order by c.relname, a.attnum`.execute(db);
  const { rows: references } = await sql<{ child: string; parent: string }>`
    select child.relname "child", parent.relname "parent"
    from pg_constraint k join pg_class child on child.oid = k.conrelid join pg_class parent on parent.oid = k.confrelid
    where k.contype = 'f' and child.relnamespace = current_schema()::regnamespace`.execute(db);
  return inOrder(tablesOf(rows), references);
}

function tablesOf(rows: readonly ColumnRow[]): Table[] {
  const names = [...new Set(rows.map((row) => row.table))];
  return names.map((name) => {
    const own = rows.filter((row) => row.table === name);
    return {
      name,
      columns: own.filter(({ writable }) => writable).map(({ column }) => column),
      form: own.map(({ column, type, writable }) => `${column} ${type} ${writable}`).join(", "),
      sequences: own.flatMap(({ sequence }) => sequence ?? []),
    };
  });
}

function inOrder(tables: readonly Table[], references: readonly { child: string; parent: string }[]): Table[] {
  const ordered: Table[] = [];
  let rest = [...tables];
  while (rest.length > 0) {
    const left = new Set(rest.map(({ name }) => name));
    const waits = (name: string): boolean =>
      references.some(({ child, parent }) => child === name && parent !== name && left.has(parent));
    const free = rest.filter(({ name }) => !waits(name));
    if (free.length === 0) throw new Error(`These tables refer to each other in a ring: ${[...left].join(", ")}.`);
    ordered.push(...free);
    rest = rest.filter(({ name }) => waits(name));
  }
  return ordered;
}

/** Tables into which a migration itself puts its one row: they say nothing about whether a store is in use. */
export const SEEDED: ReadonlySet<string> = new Set(["register_state", "touch_comparison"]);

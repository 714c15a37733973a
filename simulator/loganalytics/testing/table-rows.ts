import type { Row, Table, Value } from "../kql/types";

/** Every cell of a table, row by row. */
export function rowsOf(table: Table | undefined): Row[] {
  if (!table) throw new Error("There is no such table.");
  const { rows, columns } = table;
  if (!("column" in rows)) return [...rows];
  const readers = columns.map((_, position) => rows.column(position));
  return Array.from({ length: rows.length }, (_, row) => readers.map((read) => read(row)));
}

/** Calls a reader with the place in a list. */
const read = (reader: (row: number) => Value) => (_: unknown, row: number) => reader(row);

/** The cells of one column. */
export function columnOf(table: Table | undefined, name: string): Value[] {
  const position = table?.columns.findIndex((column) => column.name === name) ?? -1;
  if (!table || position < 0) throw new Error(`There is no column ${name}.`);
  const { rows } = table;
  if (!("column" in rows)) return rows.map((row) => row[position] ?? null);
  return Array.from({ length: rows.length }, read(rows.column(position)));
}

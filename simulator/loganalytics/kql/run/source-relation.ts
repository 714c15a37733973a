import type { Column, RowSource, Table, Value } from "../types";
import type { Budget } from "./budget";
import { LazyRelation, type Relation, relationOf } from "./relation";

/** Which columns a query needs of a source; undefined when it may need them all. */
export type Needed = ((name: string) => boolean) | undefined;

function isArrays(rows: Table["rows"]): rows is Extract<Table["rows"], readonly unknown[]> {
  return Array.isArray(rows);
}

/** A column of a source with absent texts made "". */
function readerOf(column: Column, position: number, rows: RowSource): (row: number) => Value {
  const read = rows.column(position);
  return column.type === "string" ? (row) => read(row) ?? "" : read;
}

/**
 * The rows of a table before anybody looks at them. Of a source by columns only those that are needed are ever read; rows
 * that are arrays already are taken as they are.
 */
export function sourceRelation(table: Table, needed: Needed, ingestion: boolean, budget: Budget): Relation {
  const { columns, rows, timeColumn } = table;
  const sortedBy = columns.some((column) => column.name === timeColumn) ? timeColumn : undefined;
  const ingestedAt = ingestion && table.ingestedAt ? (row: number) => table.ingestedAt?.(row) ?? null : undefined;
  if (isArrays(rows)) return relationOf(columns, rows, { sortedBy, ingestedAt, untouched: true });
  const kept = columns.flatMap((column, position) =>
    !needed || column.name === sortedBy || needed(column.name) ? [{ column, position }] : [],
  );
  return new LazyRelation(
    kept.map(({ column }) => column),
    kept.map(({ column, position }) => readerOf(column, position, rows)),
    budget,
    0,
    rows.length,
    sortedBy,
    ingestedAt,
  );
}

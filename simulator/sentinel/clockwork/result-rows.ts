import type { ResultTable, Value } from "../../loganalytics/kql/types";
import { textOf } from "../../loganalytics/kql/values/text";

/** One row of a rule's result, read by column name. */
export interface ResultRow {
  /** The cell as `tostring()` gives it; "" for null and for a column that is not there. */
  text(column: string): string;
  /** A datetime cell in milliseconds since 1970; undefined for null and for any other type. */
  time(column: string): number | undefined;
  /** All cells as text, in the order of the columns. */
  readonly texts: readonly string[];
}

/** The rows of a result. */
export function resultRows({ columns, rows }: Pick<ResultTable, "columns" | "rows">): ResultRow[] {
  const places = new Map(columns.map(({ name }, place) => [name, place]));
  const textAt = (row: readonly Value[], place: number) => {
    const column = columns[place];
    return column ? textOf(row[place] ?? null, column.type) : "";
  };
  return rows.map((row) => ({
    text: (column) => textAt(row, places.get(column) ?? -1),
    time: (column) => {
      const place = places.get(column) ?? -1;
      const value = row[place];
      return columns[place]?.type === "datetime" && typeof value === "number" ? Math.floor(value / 1000) : undefined;
    },
    get texts() {
      return columns.map((_, place) => textAt(row, place));
    },
  }));
}

import type { Column, Value } from "../kql/types";
import { fromMilliseconds, parseDatetime } from "../kql/values/time";

/** One plain JSON value as a cell of a column's type; absent text is "", anything else absent is null. */
export function cellOf(column: Column, value: unknown): Value {
  if (value === undefined || value === null) return column.type === "string" ? "" : null;
  switch (column.type) {
    case "string":
    case "guid":
      return typeof value === "string" ? value : JSON.stringify(value);
    case "datetime":
      return typeof value === "number" ? fromMilliseconds(value) : parseDatetime(String(value));
    case "bool":
      return typeof value === "boolean" ? value : null;
    case "dynamic":
      // Row values are plain JSON: they come from the journal or from generators that write the same.
      return value as Value;
    default:
      return typeof value === "number" ? value : null;
  }
}

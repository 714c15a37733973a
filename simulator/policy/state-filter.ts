import { type Filter, parseFilter } from "../odata/filter";
import { FilterError, type Literal } from "../odata/tokens";
import type { Cell, StateRow } from "./state-columns";

/** A test for rows, from the text of a filter. Throws `FilterError` for what is no filter or names no column. */
export function rowFilter(text: string, columns: readonly string[]): (row: StateRow) => boolean {
  const known = new Set(columns.map((name) => name.toLowerCase()));
  const group = /^\s*'((?:[^']|'')*)'\s+in\s+policyDefinitionGroupNames\s*(?:and\s+(.+))?$/is.exec(text);
  if (!group) return testOf(parseFilter(text), known);
  const wanted = (group[1] ?? "").replaceAll("''", "'").toLowerCase();
  const rest = group[2] === undefined ? undefined : rowFilter(group[2], columns);
  return (row) => inGroup(row, wanted) && (rest?.(row) ?? true);
}

/** `'group' IN PolicyDefinitionGroupNames`, as summaries link to their groups: only at the beginning of a filter. */
function inGroup(row: StateRow, wanted: string): boolean {
  const names = row.get("policyDefinitionGroupNames");
  return Array.isArray(names) && names.some((name) => name.toLowerCase() === wanted);
}

function testOf(filter: Filter, columns: ReadonlySet<string>): (row: StateRow) => boolean {
  switch (filter.kind) {
    case "and":
    case "or": {
      const left = testOf(filter.left, columns);
      const right = testOf(filter.right, columns);
      return filter.kind === "and" ? (row) => left(row) && right(row) : (row) => left(row) || right(row);
    }
    case "not": {
      const inner = testOf(filter.inner, columns);
      return (row) => !inner(row);
    }
    case "text": {
      const { path, function: name, value } = filter;
      check(path, columns);
      const wanted = value.toLowerCase();
      return (row) => textFits(String(row.get(path) ?? "").toLowerCase(), name, wanted);
    }
    case "compare": {
      const { path, operator, value } = filter;
      check(path, columns);
      return (row) => compares(row.get(path) ?? null, operator, value);
    }
    default:
      throw new FilterError("Filters over collections are not supported here.");
  }
}

function check(path: string, columns: ReadonlySet<string>): void {
  if (!columns.has(path.toLowerCase())) throw new FilterError(`The property '${path}' is not known.`);
}

function textFits(text: string, name: "contains" | "startswith" | "endswith", wanted: string): boolean {
  if (name === "contains") return text.includes(wanted);
  return name === "startswith" ? text.startsWith(wanted) : text.endsWith(wanted);
}

function compares(cell: Cell, operator: "eq" | "ne" | "gt" | "ge" | "lt" | "le", value: Literal): boolean {
  if (operator === "eq" || operator === "ne") return same(cell, value) === (operator === "eq");
  const order = orderOf(cell, value instanceof Date ? value.toISOString() : value);
  if (order === undefined) return false;
  if (operator === "gt") return order > 0;
  if (operator === "ge") return order >= 0;
  return operator === "lt" ? order < 0 : order <= 0;
}

function same(cell: Cell, value: Literal): boolean {
  if (value instanceof Date) return typeof cell === "string" && Date.parse(cell) === value.getTime();
  if (typeof cell === "string" && typeof value === "string") return cell.toLowerCase() === value.toLowerCase();
  // What is empty and what is absent are one: the service shows both as null in some versions.
  if (value === null) return cell === null || cell === "";
  return cell === value;
}

/** Below, with or above; undefined for values that cannot be ordered. */
export function orderOf(a: Cell | Literal, b: Cell | Literal): number | undefined {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a !== "string" || typeof b !== "string") return undefined;
  const [left, right] = [a.toLowerCase(), b.toLowerCase()];
  if (isTime(left) && isTime(right)) return Date.parse(a) - Date.parse(b);
  return left < right ? -1 : left > right ? 1 : 0;
}

function isTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\dt\d\d:\d\d/.test(text);
}

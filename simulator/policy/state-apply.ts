import { FilterError } from "../odata/tokens";
import { type Cell, madeRow, type StateRow } from "./state-columns";
import { orderOf, rowFilter } from "./state-filter";

/*
 * `$apply`: `filter(...)`, `groupby((columns), aggregate(...))` and `aggregate(...)`, one after the other with slashes.
 */

/** The rows after the steps. Throws `FilterError`. */
export function applied(text: string, rows: readonly StateRow[], columns: readonly string[]): StateRow[] {
  let present: readonly StateRow[] = rows;
  let names = columns;
  for (const step of parts(text, "/")) {
    const match = /^\s*(filter|groupby|aggregate)\s*\((.*)\)\s*$/is.exec(step);
    const inner = match?.[2];
    if (!match || inner === undefined) throw new FilterError(`'${step}' is not a step of $apply.`);
    const name = match[1]?.toLowerCase();
    if (name === "filter") present = present.filter(rowFilter(inner, names));
    else if (name === "aggregate") {
      const aggregates = aggregatesOf(inner, names);
      present = [madeRow(aggregates.map(({ alias, run }) => [alias, run(present)]))];
      names = aggregates.map(({ alias }) => alias);
    } else {
      const grouping = groupingOf(inner, names);
      present = grouped(present, grouping);
      names = [...grouping.columns, ...grouping.aggregates.map(({ alias }) => alias)];
    }
  }
  return [...present];
}

/** Splits at a mark that stands outside of brackets and quotes. */
function parts(text: string, mark: string): string[] {
  const found: string[] = [];
  let depth = 0;
  let start = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i);
    if (character === "'") quoted = !quoted;
    else if (quoted) continue;
    else if (character === "(") depth++;
    else if (character === ")") depth--;
    else if (character === mark && depth === 0) {
      found.push(text.slice(start, i));
      start = i + 1;
    }
  }
  found.push(text.slice(start));
  return found;
}

interface Aggregate {
  alias: string;
  run(rows: readonly StateRow[]): Cell;
}

interface Grouping {
  columns: string[];
  aggregates: Aggregate[];
}

function groupingOf(inner: string, names: readonly string[]): Grouping {
  const [list = "", ...rest] = parts(inner, ",");
  const columns = /^\s*\((.*)\)\s*$/s.exec(list)?.[1];
  const aggregate = rest.length === 0 ? undefined : /^\s*aggregate\s*\((.*)\)\s*$/is.exec(rest.join(","))?.[1];
  if (columns === undefined || (rest.length > 0 && aggregate === undefined)) {
    throw new FilterError(`'groupby(${inner})' is not a grouping.`);
  }
  return {
    columns: columns.split(",").map((name) => columnOf(name.trim(), names)),
    aggregates: aggregate === undefined ? [] : aggregatesOf(aggregate, names),
  };
}

function columnOf(name: string, names: readonly string[]): string {
  const found = names.find((one) => one.toLowerCase() === name.toLowerCase());
  if (found === undefined) throw new FilterError(`The property '${name}' is not known.`);
  return found;
}

function grouped(rows: readonly StateRow[], { columns, aggregates }: Grouping): StateRow[] {
  const groups = new Map<string, StateRow[]>();
  for (const row of rows) {
    const key = JSON.stringify(columns.map((name) => lower(row.get(name) ?? null)));
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return [...groups.values()].map((group) => {
    const cells = columns.map((name): [string, Cell] => [name, group[0]?.get(name) ?? null]);
    return madeRow([...cells, ...aggregates.map(({ alias, run }): [string, Cell] => [alias, run(group)])]);
  });
}

function lower(cell: Cell): Cell {
  return typeof cell === "string" ? cell.toLowerCase() : cell;
}

function aggregatesOf(inner: string, names: readonly string[]): Aggregate[] {
  return parts(inner, ",").map((part) => {
    const count = /^\s*\$count\s+as\s+([A-Za-z_]\w{0,99})\s*$/i.exec(part)?.[1];
    if (count !== undefined) return { alias: count, run: (rows: readonly StateRow[]) => rows.length };
    const match = /^\s*(\w+)\s+with\s+(\w+)\s+as\s+([A-Za-z_]\w{0,99})\s*$/i.exec(part);
    if (!match) throw new FilterError(`'${part}' is not an aggregate.`);
    const column = columnOf(match[1] ?? "", names);
    return { alias: match[3] ?? "", run: methodNamed(match[2] ?? "", column) };
  });
}

function methodNamed(name: string, column: string): Aggregate["run"] {
  const cells = (rows: readonly StateRow[]) => rows.map((row) => row.get(column) ?? null);
  const numbers = (rows: readonly StateRow[]) => cells(rows).filter((cell) => typeof cell === "number");
  const sum = (rows: readonly StateRow[]) => numbers(rows).reduce((total, cell) => total + cell, 0);
  const extreme = (rows: readonly StateRow[], sign: number): Cell =>
    cells(rows).reduce<Cell>(
      (best, cell) => (best === null || (orderOf(cell, best) ?? 0) * sign > 0 ? cell : best),
      null,
    );
  switch (name.toLowerCase()) {
    case "countdistinct":
      return (rows) =>
        new Set(
          cells(rows)
            .map(lower)
            .map((cell) => JSON.stringify(cell)),
        ).size;
    case "sum":
      return sum;
    case "average":
      return (rows) => (numbers(rows).length === 0 ? null : sum(rows) / numbers(rows).length);
    case "min":
      return (rows) => extreme(rows, -1);
    case "max":
      return (rows) => extreme(rows, 1);
    default:
      throw new FilterError(`The aggregation '${name}' is not known.`);
  }
}

/** Sorts rows by `$orderby`, in place of their own order where two are equal. Throws `FilterError`. */
export function ordered(text: string, rows: readonly StateRow[], columns: readonly string[]): StateRow[] {
  const keys = text.split(",").map((part) => {
    const match = /^\s*(\w+)(?:\s+(asc|desc))?\s*$/i.exec(part);
    if (!match) throw new FilterError(`'${part}' is not an order.`);
    return { column: columnOf(match[1] ?? "", columns), sign: match[2]?.toLowerCase() === "desc" ? -1 : 1 };
  });
  return [...rows].sort((a, b) => {
    for (const { column, sign } of keys) {
      const order = orderOf(a.get(column) ?? "", b.get(column) ?? "") ?? 0;
      if (order !== 0) return order * sign;
    }
    return 0;
  });
}

/** The names that `$select` lists, as rows spell them. Throws `FilterError`. */
export function selectedNames(text: string, columns: readonly string[]): string[] {
  return text.split(",").map((name) => columnOf(name.trim(), columns));
}

/** The columns of the rows after the steps, or those that were there before when there are no rows. */
export function columnsOf(rows: readonly StateRow[], otherwise: readonly string[]): readonly string[] {
  const [first] = rows;
  return first ? first.names : otherwise;
}

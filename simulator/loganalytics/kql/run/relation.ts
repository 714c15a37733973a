import type { Column, Row } from "../types";

/** Rows on their way from one operator to the next. */
export interface Relation {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** The rows rise by this datetime column. */
  readonly sortedBy?: string | undefined;
  /** What `ingestion_time()` answers, by position in `rows`; kept by operators that keep rows, lost by the others. */
  readonly ingestedAt?: ((index: number) => number | null) | undefined;
  /** Rows of a source that nobody has looked at yet: a time filter may skip some without touching them. */
  readonly untouched?: boolean;
}

/** Where columns stand, by name. */
export function positionsOf(columns: readonly Column[]): ReadonlyMap<string, number> {
  return new Map(columns.map((column, index) => [column.name, index]));
}

/** First position in `rows`, ascending by the number in `column`, whose value is `>= value` (`> value` when `after`). */
export function lowerBound(rows: readonly Row[], column: number, value: number, after: boolean): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const cell = rows[middle]?.[column];
    const number = typeof cell === "number" ? cell : Number.NEGATIVE_INFINITY;
    if (after ? number <= value : number < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A name that is not taken yet: `X`, then `X1`, `X2` and so on, as joins name the right side. */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  let suffix = 1;
  while (taken.has(`${name}${suffix}`)) suffix++;
  return `${name}${suffix}`;
}

/** The ingestion times of the rows that were kept, by their old positions. */
export function keptIngestion(input: Relation, kept: readonly number[]): Relation["ingestedAt"] {
  const { ingestedAt } = input;
  return ingestedAt && ((index) => ingestedAt(kept[index] ?? -1));
}

import type { Column, Row, Value } from "../types";
import type { Budget } from "./budget";

/** Rows on their way from one operator to the next. */
export interface Relation {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** The number of rows, known without making them. */
  readonly length: number;
  /** `rows` once more, when nobody else has them: the next operator may change them in place. */
  readonly owned?: Value[][] | undefined;
  /** The rows rise by this datetime column. */
  readonly sortedBy?: string | undefined;
  /** What `ingestion_time()` answers, by position in `rows`; kept by operators that keep rows, lost by the others. */
  readonly ingestedAt?: ((index: number) => number | null) | undefined;
  /** Rows of a source that nobody has looked at yet: a time filter may skip some without touching them. */
  readonly untouched?: boolean;
}

type Extras = Omit<Relation, "columns" | "rows" | "length" | "owned">;

/** Rows that somebody else may hold as well. */
export function relationOf(columns: readonly Column[], rows: readonly Row[], extras: Extras = {}): Relation {
  return { ...extras, columns, rows, length: rows.length };
}

/** Rows that were made for this relation alone. */
export function ownedRelation(columns: readonly Column[], rows: Value[][], extras: Extras = {}): Relation {
  return { ...extras, columns, rows, owned: rows, length: rows.length };
}

/** Reads the cell of one column in a row. */
export type CellReader = (row: number) => Value;

/** Rows of a source that are made only when an operator asks for them, and then from the columns of this relation only. */
export class LazyRelation implements Relation {
  readonly untouched = true;
  private made: Value[][] | undefined;
  private lent = false;

  constructor(
    readonly columns: readonly Column[],
    private readonly readers: readonly CellReader[],
    private readonly budget: Budget,
    private readonly from: number,
    private readonly to: number,
    readonly sortedBy?: string | undefined,
    private readonly ingested?: ((row: number) => number | null) | undefined,
  ) {}

  get length(): number {
    return this.to - this.from;
  }

  get rows(): Value[][] {
    this.made ??= this.make();
    return this.made;
  }

  get owned(): Value[][] | undefined {
    return this.lent ? undefined : this.rows;
  }

  /** From now on several may read these rows, so that none may change them. */
  lend(): this {
    this.lent = true;
    return this;
  }

  get ingestedAt(): ((index: number) => number | null) | undefined {
    const { ingested, from } = this;
    return ingested && ((index) => ingested(from + index));
  }

  /** One cell, by position among the rows and columns of this relation. */
  cell(index: number, column: number): Value {
    return this.readers[column]?.(this.from + index) ?? null;
  }

  slice(from: number, to: number): LazyRelation {
    const { columns, readers, budget, sortedBy, ingested } = this;
    return new LazyRelation(columns, readers, budget, this.from + from, this.from + to, sortedBy, ingested);
  }

  /** Some of the columns, in another order and perhaps under other names. */
  select(columns: readonly Column[], positions: readonly number[], sortedBy: string | undefined): LazyRelation {
    const readers = positions.map((position): CellReader => this.readers[position] ?? (() => null));
    return new LazyRelation(columns, readers, this.budget, this.from, this.to, sortedBy, this.ingested);
  }

  /** One row, made anew. */
  row(index: number): Value[] {
    const at = this.from + index;
    return this.readers.map((read) => read(at));
  }

  /** Puts the cells of some columns of a row into `into`, which is used again for every row. */
  fill(index: number, columns: readonly number[], into: Value[]): void {
    const at = this.from + index;
    for (const column of columns) into[column] = this.readers[column]?.(at) ?? null;
  }

  private make(): Value[][] {
    const rows: Value[][] = [];
    for (let index = 0; index < this.length; index++) {
      this.budget.step();
      if (index % 1024 === 0) this.budget.output(index, this.columns.length);
      rows.push(this.row(index));
    }
    return rows;
  }
}

/** The rows from one position up to another; nothing is looked at. */
export function sliceOf(input: Relation, from: number, to: number): Relation {
  if (from <= 0 && to >= input.length) return input;
  if (input instanceof LazyRelation) return input.slice(from, to);
  const { columns, sortedBy, ingestedAt, untouched, owned } = input;
  const extras: Extras = {
    sortedBy,
    ingestedAt: ingestedAt && ((index) => ingestedAt(from + index)),
    untouched: untouched ?? false,
  };
  return owned
    ? ownedRelation(columns, owned.slice(from, to), extras)
    : relationOf(columns, input.rows.slice(from, to), extras);
}

/** Where columns stand, by name. */
export function positionsOf(columns: readonly Column[]): ReadonlyMap<string, number> {
  return new Map(columns.map((column, index) => [column.name, index]));
}

/** First position, in rows that rise by the number in `column`, whose value is `>= value` (`> value` when `after`). */
export function lowerBound(input: Relation, column: number, value: number, after: boolean): number {
  const read =
    input instanceof LazyRelation
      ? (row: number) => input.cell(row, column)
      : (row: number) => input.rows[row]?.[column] ?? null;
  let low = 0;
  let high = input.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const cell = read(middle);
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

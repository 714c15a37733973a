import type { Reuse } from "./run/reuse";

/*
 * What crosses the border of the engine. How a value of each type is held:
 *
 *   string            string; never null: absent is ""
 *   long, int, real,
 *   decimal           number; null when absent. A long beyond 2^53 loses its last digits
 *   bool              boolean; null when absent
 *   datetime          number, microseconds since 1970-01-01 UTC; null when absent
 *   timespan          number, microseconds; null when absent
 *   guid              string, lower case; null when absent
 *   dynamic           a JSON value: null, boolean, number, string, array or plain object
 *
 * Microseconds, because a double holds them exactly until the year 2255; of the service's 100 ns ticks it holds some
 * (values/time.ts), the last of a microsecond among them. Dates and spans that enter a dynamic become their text, as in its JSON.
 */

export const KQL_TYPES = [
  "string",
  "long",
  "int",
  "real",
  "decimal",
  "bool",
  "datetime",
  "timespan",
  "guid",
  "dynamic",
] as const;

export type KqlType = (typeof KQL_TYPES)[number];

/** A dynamic value: plain JSON. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** One cell; the type of its column says how to read it (table above). */
export type Value = Json;

/** One row: cells in the order of the columns. */
export type Row = readonly Value[];

export interface Column {
  readonly name: string;
  readonly type: KqlType;
}

/**
 * Rows that are not held as arrays: a store by columns, a computed sequence. It must not change while a query holds it:
 * a store that takes in rows hands out a new source.
 */
export interface RowSource {
  readonly length: number;
  /**
   * How cells of one column are read, by the column's position in `Table.columns`. Asked once per query and column, and
   * only for columns that the query names; the reader is then called once per row that a filter on time has left.
   * An absent text may be null or "".
   */
  column(position: number): (row: number) => Value;
}

export interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
  /** Rows as arrays are used as they are, so they may be handed out again and again; the engine never changes them. */
  readonly rows: readonly Row[] | RowSource;
  /** A datetime column by which `rows` are sorted, oldest first: a leading time filter becomes a binary search. */
  readonly timeColumn?: string;
  /** What `ingestion_time()` answers for a row, microseconds. Absent: null, as on tables without the policy. */
  ingestedAt?(rowIndex: number): number | null;
  /**
   * Least and greatest `ingestedAt - timeColumn` of any row, microseconds (they may be wider than they need to be): with
   * them a filter on `ingestion_time()` skips rows by a binary search on the time column too.
   */
  readonly ingestionDelay?: { readonly least: number; readonly greatest: number };
}

/** A function that gives a table, called with constant arguments only: `_GetWatchlist('HoneyTokens')`. */
export interface TabularFunction {
  readonly parameters: readonly { readonly name: string; readonly type: KqlType; readonly optional?: boolean }[];
  /** The columns that a call with these arguments gives; asked before the query is analysed. */
  schemaOf(args: readonly Value[]): readonly Column[];
  /** The rows of the call. Its columns must be those of `schemaOf`, in that order. */
  call(args: readonly Value[]): Table;
}

/** What a query may read. The engine asks for a table only when the query names it. */
export interface Database {
  table(name: string): Table | undefined;
  tableNames(): readonly string[];
  /** Columns of a table without reading its rows. */
  schemaOf(name: string): readonly Column[] | undefined;
  readonly functions: Readonly<Record<string, TabularFunction>>;
}

/** Budgets of one query; each has its own error code. */
export interface Limits {
  /** Rows that any one operator may put out (`RowLimitExceeded`). */
  rows: number;
  /** Milliseconds of evaluation, pauses included (`TimeLimitExceeded`); parsing is not counted. */
  milliseconds: number;
  /** Milliseconds for which a query that is evaluated with pauses may go without one (`TimeLimitExceeded`). */
  stretch: number;
  /** Cells of one operator's output, and of what is kept until the end: a stand-in for memory (`MemoryLimitExceeded`). */
  cells: number;
  /** Characters of all text and JSON that functions build, small texts left out (`MemoryLimitExceeded`). */
  characters: number;
}

export interface QueryOptions {
  /** The value of `now()` for the whole query, milliseconds since 1970. */
  now: number;
  /** Narrows every table that has a time column to `start <= time < end` (milliseconds), as the `timespan` of a request does. */
  timespan?: { start: number; end: number };
  limits?: Partial<Limits>;
  /** What runs of the same plan may take over from each other; each begins anew when absent. */
  reuse?: Reuse;
}

export interface ResultTable {
  columns: readonly Column[];
  rows: readonly Row[];
  /** What the evaluation cost, for tests and benches. */
  stats: {
    /** Rows of source tables that were looked at; rows skipped by the binary search are not. */
    rowsTouched: number;
    /** Functions that the query calls whose answers may differ from the service's own. */
    approximate: readonly string[];
    /** Where the plan came from. */
    plan: "memory" | "folder" | "parser";
    /** Milliseconds to get the plan, and to evaluate it. */
    planMilliseconds: number;
    runMilliseconds: number;
  };
}

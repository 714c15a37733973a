import type { Column, KqlType, Value } from "../types";

/*
 * What a query means, as plain JSON: names resolved to columns, lets and functions inlined, tabular lets and subqueries
 * numbered. It holds nothing of the parser, so it can be kept on disk and run without it.
 */

/** Part of the cache key: raise it whenever a plan of the same text would come out differently. */
export const PLAN_VERSION = 4;

export type Expression =
  | { k: "literal"; type: KqlType; value: Value }
  | { k: "column"; name: string; at: number }
  /** A value stated at the head of the query; each run brings its own. */
  | { k: "parameter"; name: string; type: KqlType }
  /** Scalar functions and operators alike: `{ fn: "==" }`, `{ fn: "strcat" }`. */
  | { k: "call"; fn: string; args: Expression[]; at: number }
  /** `of.name` */
  | { k: "property"; of: Expression; name: string }
  /** `of[by]` */
  | { k: "element"; of: Expression; by: Expression }
  /** First cell of a numbered pipeline; evaluated once. */
  | { k: "scalar"; table: number }
  /** First column of a numbered pipeline as an array: the right side of `in (T | ...)`. */
  | { k: "list"; table: number }
  /** A parameter given where the declared type differs from the argument's. */
  | { k: "cast"; of: Expression; type: KqlType }
  /** Inside `summarize` only: the result of an aggregate of the same step. */
  | { k: "aggregate"; index: number };

export interface Item {
  name: string;
  value: Expression;
}

export interface Aggregate {
  fn: string;
  args: Expression[];
  /** `*` among the arguments (arg_max, take_any): all other columns. */
  star: boolean;
  at: number;
}

/** One result of `summarize`: one column, or several for arg_max and its like (their names when known before it runs). */
export type SummarizeOutput =
  | { name: string; value: Expression }
  | { aggregate: number; names: string[] | undefined; first: string | undefined };

export interface SortKey {
  value: Expression;
  descending: boolean;
  nullsFirst: boolean;
}

export const JOIN_KINDS = [
  "innerunique",
  "inner",
  "leftouter",
  "rightouter",
  "fullouter",
  "leftanti",
  "rightanti",
  "leftsemi",
  "rightsemi",
] as const;

export type JoinKind = (typeof JOIN_KINDS)[number];

export interface JoinKey {
  left: Expression;
  right: Expression;
  /** The column is of the same name on both sides: `lookup` shows it once. */
  shared: boolean;
}

export interface Expansion {
  name: string;
  value: Expression;
  /** `to typeof(...)` */
  type: KqlType | undefined;
}

export type ParsePart = { k: "text"; text: string } | { k: "skip" } | { k: "column"; name: string; type: KqlType };

export type Source =
  | { op: "table"; name: string; at: number }
  | { op: "function"; name: string; args: Value[]; at: number }
  /** A numbered pipeline of the plan. */
  | { op: "shared"; table: number }
  | { op: "print"; items: Item[] }
  | { op: "range"; name: string; from: Expression; to: Expression; step: Expression }
  | { op: "datatable"; columns: Column[]; rows: Value[][] }
  | {
      op: "union";
      kind: "outer" | "inner";
      withSource: string | undefined;
      inputs: { name: string; pipeline: Pipeline }[];
    }
  /** The rows that the enclosing `mv-apply` hands in. */
  | { op: "given" };

export type Step =
  | { op: "where"; predicate: Expression }
  | { op: "extend"; items: Item[] }
  | { op: "project"; items: Item[] }
  /** Patterns may hold `*`. */
  | { op: "project-away" | "project-keep"; patterns: string[] }
  | { op: "project-rename"; renames: { from: string; to: string }[] }
  | { op: "project-reorder"; patterns: { pattern: string; order: "none" | "asc" | "desc" }[] }
  | { op: "summarize"; by: Item[]; aggregates: Aggregate[]; outputs: SummarizeOutput[] }
  | { op: "distinct"; items: Item[] | "*" }
  | { op: "count"; name: string }
  | { op: "sort"; by: SortKey[] }
  | { op: "top"; count: Expression; by: SortKey[] }
  | { op: "take"; count: Expression }
  | { op: "join"; kind: JoinKind; right: Pipeline; on: JoinKey[] }
  | { op: "lookup"; kind: "leftouter" | "inner"; right: Pipeline; on: JoinKey[] }
  | {
      op: "mv-expand";
      items: Expansion[];
      bags: "bag" | "array";
      indexName: string | undefined;
      limit: Expression | undefined;
    }
  | { op: "mv-apply"; items: Expansion[]; indexName: string | undefined; limit: Expression | undefined; body: Pipeline }
  | {
      op: "parse";
      value: Expression;
      regex: boolean;
      relaxed: boolean;
      flags: string;
      parts: ParsePart[];
      filter: boolean;
    }
  | { op: "serialize"; items: Item[] }
  | MakeSeriesStep
  | { op: "top-nested"; levels: TopNestedLevel[] }
  | { op: "partition"; by: Expression; body: Pipeline }
  | { op: "sample"; count: Expression }
  | { op: "pivot"; column: string; aggregate: Aggregate; by: string[] | undefined }
  | { op: "narrow" }
  | {
      op: "parse-kv";
      value: Expression;
      columns: Column[];
      pairs: string;
      keys: string;
      /** Characters that open and close a quoted value. */
      quotes: string;
      escape: string;
      greedy: boolean;
    }
  | { op: "getschema" }
  | {
      op: "bag-unpack";
      column: string;
      prefix: string;
      conflict: "error" | "replace_source" | "keep_source";
      ignored: string[];
      /** Columns that the query itself states; `star` keeps those that flow in, save the bag. */
      schema: { star: boolean; columns: Column[] } | undefined;
    };

/** `make-series`: an array of values per group, one for each step from `from` up to `to`. */
export interface MakeSeriesStep {
  op: "make-series";
  by: Item[];
  aggregates: Aggregate[];
  series: { name: string; value: Expression; fallback: Expression | undefined }[];
  on: Item;
  from: Expression | undefined;
  to: Expression | undefined;
  step: Expression;
  /** `to` itself is the last step. */
  inclusive: boolean;
  /** One series also when there are no rows. */
  evenEmpty: boolean;
}

export interface TopNestedLevel {
  /** How many values; all when absent. */
  count: Expression | undefined;
  of: Item;
  aggregates: Aggregate[];
  /** Column of the aggregate. */
  name: string;
  value: Expression;
  descending: boolean;
}

export interface Pipeline {
  source: Source;
  steps: Step[];
}

export interface Plan {
  version: typeof PLAN_VERSION;
  /** Tabular lets, materialized results and subqueries, by number; each is evaluated once, when first needed. */
  tables: Pipeline[];
  main: Pipeline;
  /** Columns of the answer as the parser sees them; undefined when they depend on the data. */
  columns: Column[] | undefined;
  /** The query asks for `ingestion_time()`, so sources must carry it. */
  usesIngestionTime: boolean;
  /** Characters that the parameters took up when the plan was made: positions count from the start of that text. */
  prologueLength: number;
  /** Parameters whose value the plan depends on (an argument that decides columns): it holds for these values only. */
  pinned: string[];
  /** Tabular functions and the columns each call was planned with. */
  calls: { name: string; arguments: Value[]; columns: readonly Column[] }[];
}

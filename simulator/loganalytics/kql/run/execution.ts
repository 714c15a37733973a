import { KqlError } from "../errors";
import type { Pipeline, Plan } from "../plan/plan";
import type { Database, Limits, QueryOptions, Table, Value } from "../types";
import { fromMilliseconds } from "../values/time";
import { Budget, DEFAULT_LIMITS } from "./budget";
import type { RowScope } from "./compiled";
import { lowerBound, type Relation } from "./relation";

/** Runs a pipeline for an execution; handed in, so that this file need not know the operators. */
export type RunPipeline = (pipeline: Pipeline, execution: Execution) => Relation;

/** One run of one plan: its clock, its budget, and what its shared pipelines gave. */
export class Execution {
  /** `now()`, microseconds. */
  readonly now: number;
  readonly budget: Budget;
  /** Rows of source tables that were looked at. */
  rowsTouched = 0;
  private readonly results = new Map<number, Relation>();
  private readonly timespan: { start: number; end: number } | undefined;
  private seed = 42;

  constructor(
    readonly plan: Plan,
    readonly database: Database,
    /** Values stated at the head of the query, by name. */
    readonly parameters: ReadonlyMap<string, Value>,
    options: QueryOptions,
    private readonly run: RunPipeline,
  ) {
    this.now = fromMilliseconds(options.now);
    const limits: Limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.budget = new Budget(limits);
    this.timespan = options.timespan && {
      start: fromMilliseconds(options.timespan.start),
      end: fromMilliseconds(options.timespan.end),
    };
  }

  /** The result of a numbered pipeline; evaluated when first asked for. */
  shared(table: number): Relation {
    const known = this.results.get(table);
    if (known) return known;
    const pipeline = this.plan.tables[table];
    if (!pipeline) throw new KqlError("ParserFailed", `the plan has no table ${table}`);
    const result = this.run(pipeline, this);
    this.results.set(table, result);
    return result;
  }

  scope(columns: Relation["columns"]): RowScope {
    return { columns, execution: this, current: undefined };
  }

  /** The rows of a source table, narrowed to the time range that the request named. */
  source(table: Table, narrow: boolean): Relation {
    const time = table.columns.findIndex((column) => column.name === table.timeColumn);
    const { columns, timeColumn } = table;
    let { rows } = table;
    let offset = 0;
    if (narrow && this.timespan && time >= 0) {
      offset = lowerBound(rows, time, this.timespan.start, false);
      rows = rows.slice(offset, lowerBound(rows, time, this.timespan.end, false));
    }
    const ingestedAt =
      this.plan.usesIngestionTime && table.ingestedAt
        ? (index: number) => table.ingestedAt?.(index + offset) ?? null
        : undefined;
    return { columns, rows, sortedBy: time >= 0 ? timeColumn : undefined, ingestedAt, untouched: true };
  }

  /** Counts the rows of a relation that nobody has looked at before. */
  touch(relation: Relation, rows = relation.rows.length): void {
    if (relation.untouched) this.rowsTouched += rows;
  }

  /** A number in [0, 1) of a sequence that is the same for every run. */
  readonly random = (): number => {
    this.seed = (Math.imul(this.seed, 1_664_525) + 1_013_904_223) >>> 0;
    return this.seed / 2 ** 32;
  };
}

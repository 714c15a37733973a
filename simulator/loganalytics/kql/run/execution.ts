import { KqlError } from "../errors";
import type { Pipeline, Plan } from "../plan/plan";
import { usesOf } from "../plan/uses";
import type { Database, Limits, QueryOptions, Table, Value } from "../types";
import { fromMilliseconds } from "../values/time";
import { Budget, DEFAULT_LIMITS } from "./budget";
import type { RowScope } from "./compiled";
import { LazyRelation, lowerBound, type Relation, relationOf, sliceOf } from "./relation";
import type { Reuse } from "./reuse";
import { atOnce, type Slices } from "./slices";
import { type Needed, sourceRelation } from "./source-relation";

/** Runs a pipeline for an execution; handed in, so that this file need not know the operators. */
export type RunPipeline = (pipeline: Pipeline, execution: Execution) => Slices<Relation>;

/** One run of one plan: its clock, its budget, and what its shared pipelines gave. */
export class Execution {
  /** `now()`, microseconds. */
  readonly now: number;
  readonly budget: Budget;
  /** Rows of source tables that were looked at. */
  rowsTouched = 0;
  private readonly results = new Map<number, Relation>();
  private readonly timespan: { start: number; end: number } | undefined;
  private uses: ReadonlyMap<number, number> | undefined;
  private seed = 42;
  /** What earlier runs of the plan left. */
  readonly reuse: Reuse | undefined;

  constructor(
    readonly plan: Plan,
    readonly database: Database,
    /** Values stated at the head of the query, by name. */
    readonly parameters: ReadonlyMap<string, Value>,
    options: QueryOptions,
    private readonly run: RunPipeline,
  ) {
    this.now = fromMilliseconds(options.now);
    this.reuse = options.reuse;
    const limits: Limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.budget = new Budget(limits);
    this.timespan = options.timespan && {
      start: fromMilliseconds(options.timespan.start),
      end: fromMilliseconds(options.timespan.end),
    };
  }

  /** A numbered pipeline of the plan. */
  pipelineOf(table: number): Pipeline {
    const pipeline = this.plan.tables[table];
    if (!pipeline) throw new KqlError("ParserFailed", `the plan has no table ${table}`);
    return pipeline;
  }

  /** Whether more than one place of the plan reads a numbered pipeline. */
  isShared(table: number): boolean {
    this.uses ??= usesOf(this.plan);
    return (this.uses.get(table) ?? 0) > 1;
  }

  /** The result of a numbered pipeline; evaluated without a pause when it is not there yet. */
  shared(table: number): Relation {
    return atOnce(this.share(table));
  }

  /** The result of a numbered pipeline; evaluated when first asked for. */
  *share(table: number): Slices<Relation> {
    const known = this.results.get(table);
    if (known) return known;
    const made = yield* this.run(this.pipelineOf(table), this);
    // Several may ask for it, so nobody owns its rows.
    const result = made instanceof LazyRelation ? made.lend() : withoutOwner(made);
    this.budget.hold(result.length * result.columns.length);
    this.results.set(table, result);
    return result;
  }

  scope(columns: Relation["columns"]): RowScope {
    return { columns, execution: this, current: undefined };
  }

  /** The rows of a source table, narrowed to the time range that the request named. */
  source(table: Table, narrow: boolean, needed: Needed): Relation {
    const source = sourceRelation(table, needed, this.plan.usesIngestionTime, this.budget);
    const time = source.columns.findIndex((column) => column.name === source.sortedBy);
    if (!narrow || !this.timespan || time < 0) return source;
    const from = lowerBound(source, time, this.timespan.start, false);
    return sliceOf(source, from, lowerBound(source, time, this.timespan.end, false));
  }

  /** Counts the rows of a relation that nobody has looked at before. */
  touch(relation: Relation, rows = relation.length): void {
    if (relation.untouched) this.rowsTouched += rows;
  }

  /** A number in [0, 1) of a sequence that is the same for every run. */
  readonly random = (): number => {
    this.seed = (Math.imul(this.seed, 1_664_525) + 1_013_904_223) >>> 0;
    return this.seed / 2 ** 32;
  };
}

function withoutOwner({ columns, rows, sortedBy, ingestedAt, untouched = false }: Relation): Relation {
  return relationOf(columns, rows, { sortedBy, ingestedAt, untouched });
}

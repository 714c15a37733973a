import type { Needs } from "../plan/needs";
import type { Expression, JoinKey, Pipeline } from "../plan/plan";
import { expressionsOf, innerPipelines } from "../plan/step-expressions";
import type { Table } from "../types";
import { LazyRelation, type Relation, relationOf } from "./relation";

/** Functions whose value is another in another run, or for another row of the same values. */
const VOLATILE: ReadonlySet<string> = new Set(["now", "ago", "rand", "new_guid", "ingestion_time"]);

/** Positions of rows by key. */
type JoinIndex = ReadonlyMap<string, readonly number[]>;

interface Kept {
  rows: Table["rows"];
  needs: string;
  result: Relation;
}

/**
 * Results that several runs of one plan share: of pipelines that depend on nothing but the rows of a function, which are
 * the same array as long as nothing has changed. One result is kept for each pipeline, as long as its plan lives.
 */
export class Reuse {
  private readonly results = new WeakMap<Pipeline, Kept>();
  private readonly fixed = new WeakMap<Pipeline, boolean>();
  private readonly indexes = new WeakMap<Relation, Map<readonly JoinKey[], JoinIndex>>();

  /** Whether the pipeline gives the same for the same rows of its source. */
  mayKeep(pipeline: Pipeline): boolean {
    let known = this.fixed.get(pipeline);
    if (known === undefined) {
      known = dependsOnSourceOnly(pipeline);
      this.fixed.set(pipeline, known);
    }
    return known;
  }

  find(pipeline: Pipeline, { rows }: Table, needs: Needs): Relation | undefined {
    const kept = this.results.get(pipeline);
    return kept && kept.rows === rows && kept.needs === keyOf(needs) ? kept.result : undefined;
  }

  /** Keeps a result; nobody may change its rows from now on. */
  keep(pipeline: Pipeline, { rows }: Table, needs: Needs, made: Relation): Relation {
    if (made instanceof LazyRelation) return made;
    const result = relationOf(made.columns, made.rows, { sortedBy: made.sortedBy });
    this.results.set(pipeline, { rows, needs: keyOf(needs), result });
    this.indexes.set(result, new Map());
    return result;
  }

  /** The positions of a relation's rows by these keys; kept with a relation that is kept. */
  indexed(relation: Relation, on: readonly JoinKey[], make: () => JoinIndex): JoinIndex {
    const known = this.indexes.get(relation);
    if (!known || !on.every((key) => key.right.k === "column")) return make();
    const index = known.get(on) ?? make();
    known.set(on, index);
    return index;
  }
}

function keyOf(needs: Needs): string {
  return needs ? JSON.stringify([...needs].sort()) : "*";
}

function dependsOnSourceOnly({ source, steps }: Pipeline): boolean {
  return (
    source.op === "function" &&
    steps.length > 0 &&
    steps.every(
      (step) =>
        step.op !== "sample" && innerPipelines(step).length === 0 && expressionsOf(step).every((each) => isFixed(each)),
    )
  );
}

function isFixed(expression: Expression): boolean {
  switch (expression.k) {
    case "parameter":
    case "scalar":
    case "list":
      return false;
    case "call":
      return !VOLATILE.has(expression.fn) && expression.args.every(isFixed);
    case "property":
    case "cast":
      return isFixed(expression.of);
    case "element":
      return isFixed(expression.of) && isFixed(expression.by);
    default:
      return true;
  }
}

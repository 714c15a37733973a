import type { Needs } from "../plan/needs";
import type { Pipeline, Step } from "../plan/plan";
import type { Column } from "../types";
import type { Execution } from "./execution";
import type { Relation } from "./relation";
import type { Slices } from "./slices";

/** A step, ready to run on any relation of the columns that it was prepared for. */
export interface PreparedStep {
  /** The operator, for messages. */
  readonly name?: string;
  /** Output columns; undefined when they depend on the rows. */
  readonly columns: readonly Column[] | undefined;
  run(input: Relation): Relation;
  /** The rows may be handed in piece by piece: what it gives for one row does not depend on the others. */
  readonly piecewise?: boolean | undefined;
  /** Takes rows in piece by piece and gives its result at the end. */
  readonly gather?: (() => Gatherer) | undefined;
}

/** An operator that needs all rows, but not all at a time. */
export interface Gatherer {
  /** False when no further rows can change the result. */
  add(piece: Relation): boolean;
  finish(): Relation;
}

/** A step whose whole work is done by a gatherer. */
export function gathering(columns: readonly Column[], gather: () => Gatherer): PreparedStep {
  return {
    columns,
    gather,
    run: (input) => {
      const gatherer = gather();
      gatherer.add(input);
      return gatherer.finish();
    },
  };
}

/** Several steps, ready to run one after another. */
export interface PreparedSteps {
  /** Output columns; undefined when they depend on the rows. */
  readonly columns: readonly Column[] | undefined;
  run(input: Relation): Slices<Relation>;
}

export type Prepare = (steps: readonly Step[], columns: readonly Column[], toolkit: Toolkit) => Slices<PreparedSteps>;

/** What operators need beside their step: it keeps them from importing the pipeline that imports them. */
export interface Toolkit {
  readonly execution: Execution;
  /** Prepares steps of an inner pipeline that continues given rows. */
  readonly prepare: Prepare;
  /** Columns of the step's output that are needed further on. */
  readonly needs: Needs;
  /** Steps that follow the pipeline at hand: bounds that they set on time hold for its source too. */
  readonly following: readonly Step[];
  /** Runs another pipeline to its end; `needs` are the columns of its output that are needed. */
  readonly run: (pipeline: Pipeline, needs?: Needs, following?: readonly Step[]) => Slices<Relation>;
}

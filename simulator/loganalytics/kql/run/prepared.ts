import type { Pipeline, Step } from "../plan/plan";
import type { Column } from "../types";
import type { Execution } from "./execution";
import type { Relation } from "./relation";

/** A step, or several, ready to run on any relation of the columns that it was prepared for. */
export interface PreparedStep {
  /** Output columns; undefined when they depend on the rows. */
  readonly columns: readonly Column[] | undefined;
  run(input: Relation): Relation;
}

export type Prepare = (steps: readonly Step[], columns: readonly Column[], toolkit: Toolkit) => PreparedStep;

/** What operators need beside their step: it keeps them from importing the pipeline that imports them. */
export interface Toolkit {
  readonly execution: Execution;
  /** Prepares steps of an inner pipeline that continues given rows. */
  readonly prepare: Prepare;
  /** Runs another pipeline to its end. */
  readonly run: (pipeline: Pipeline) => Relation;
}

import type { Step } from "../../plan/plan";
import type { Column, Row } from "../../types";
import { gathering, type PreparedStep, type Toolkit } from "../prepared";
import { relationOf } from "../relation";
import { countOf } from "./sort";

/** Rows picked at random, by a sequence that is the same in every run. */
export function sample(
  step: Extract<Step, { op: "sample" }>,
  columns: readonly Column[],
  toolkit: Toolkit,
): PreparedStep {
  const size = countOf(step.count, "sample", columns, toolkit);
  const { execution } = toolkit;
  return gathering(columns, () => {
    const kept: Row[] = [];
    let seen = 0;
    return {
      add: (input) => {
        execution.touch(input);
        for (const row of input.rows) {
          execution.budget.step();
          seen++;
          // Each row so far is kept with the same chance.
          const place = kept.length < size ? kept.length : Math.floor(execution.random() * seen);
          if (place < size) kept[place] = row;
        }
        execution.budget.output(kept.length, columns.length);
        return size > 0;
      },
      finish: () => relationOf(columns, kept),
    };
  });
}

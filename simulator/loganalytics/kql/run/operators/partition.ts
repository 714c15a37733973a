import { KqlError } from "../../errors";
import type { Step } from "../../plan/plan";
import type { Column, Row } from "../../types";
import { keyOf } from "../../values/compare";
import { compile } from "../expression";
import type { PreparedStep, Toolkit } from "../prepared";
import { relationOf } from "../relation";
import { atOnce, type Slices } from "../slices";

/** Runs a subquery over the rows of each value by themselves, and puts the results together. */
export function* partition(
  step: Extract<Step, { op: "partition" }>,
  columns: readonly Column[],
  toolkit: Toolkit,
): Slices<PreparedStep> {
  const { execution } = toolkit;
  const scope = execution.scope(columns);
  const key = compile(step.by, scope).value;
  const body = yield* toolkit.prepare(step.body.steps, columns, { ...toolkit, needs: undefined, following: [] });
  const { columns: output } = body;
  if (!output) throw new KqlError("NotSupported", "an operator without fixed columns in 'partition' is not supported");
  return {
    columns: output,
    run: (input) => {
      execution.touch(input);
      scope.current = input;
      const groups = new Map<string, Row[]>();
      for (const [index, row] of input.rows.entries()) {
        execution.budget.step();
        const id = keyOf(key(row, index));
        const known = groups.get(id);
        if (known) known.push(row);
        else groups.set(id, [row]);
      }
      const rows: Row[] = [];
      for (const group of groups.values()) {
        for (const row of atOnce(body.run(relationOf(columns, group))).rows) rows.push(row);
        execution.budget.output(rows.length, output.length);
      }
      return relationOf(output, rows);
    },
  };
}

import type { Step } from "../../plan/plan";
import { referencesOf } from "../../plan/references";
import type { Column, Value } from "../../types";
import type { PreparedStep, Toolkit } from "../prepared";
import { ownedRelation } from "../relation";
import type { Slices } from "../slices";
import { joinedColumns } from "./join";
import { blankRow, indexRight, keyReader } from "./join-key";

/** Adds the columns of a dimension table; its key columns are left out. */
export function* lookup(
  step: Extract<Step, { op: "lookup" }>,
  columns: readonly Column[],
  toolkit: Toolkit,
): Slices<PreparedStep> {
  const { execution } = toolkit;
  const keyNames = referencesOf(step.on.map((key) => key.right)).names;
  const right = yield* toolkit.run(step.right, toolkit.needs && new Set([...toolkit.needs, ...keyNames]));
  const leftKey = keyReader(step.on, "left", columns, execution);
  const rightKey = keyReader(step.on, "right", right.columns, execution);
  const keys = new Set(step.on.flatMap((key) => (key.right.k === "column" ? [key.right.name] : [])));
  const kept = right.columns.flatMap((column, at) => (keys.has(column.name) ? [] : [at]));
  const added = kept.flatMap((at) => right.columns[at] ?? []);
  const output = joinedColumns(columns, added);
  const blank = blankRow(added);
  return {
    columns: output,
    run: (input) => {
      execution.touch(input);
      execution.touch(right);
      const partners = indexRight(right, step.on, rightKey, execution);
      const rows: Value[][] = [];
      for (const [index, row] of input.rows.entries()) {
        execution.budget.step();
        const key = leftKey(row, index);
        const positions = key === undefined ? undefined : partners.get(key);
        if (!positions) {
          if (step.kind === "leftouter") rows.push([...row, ...blank]);
          continue;
        }
        execution.budget.output(rows.length + positions.length, output.length);
        for (const position of positions) {
          const partner = right.rows[position] ?? [];
          rows.push([...row, ...kept.map((at) => partner[at] ?? null)]);
        }
      }
      return ownedRelation(output, rows);
    },
  };
}

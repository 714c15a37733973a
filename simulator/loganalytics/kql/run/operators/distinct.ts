import type { Step } from "../../plan/plan";
import type { Column, Row } from "../../types";
import { keyOf } from "../../values/compare";
import { gathering, type PreparedStep, type Toolkit } from "../prepared";
import { relationOf } from "../relation";
import { project } from "./extend";

/** A text that two rows share exactly when all their cells are equal. */
export function rowKey(values: readonly (Row[number] | undefined)[]): string {
  if (values.length === 1) return keyOf(values[0] ?? null);
  let key = "";
  for (const value of values) {
    const part = keyOf(value ?? null);
    key += `${part.length}:${part}`;
  }
  return key;
}

/** Rows without repeats, the first of each kept. */
export function distinct(
  step: Extract<Step, { op: "distinct" }>,
  columns: readonly Column[],
  toolkit: Toolkit,
): PreparedStep {
  // Every value tells rows apart, also where nobody reads it later.
  const narrowed =
    step.items === "*"
      ? undefined
      : project({ op: "project", items: step.items }, columns, { ...toolkit, needs: undefined });
  const { budget } = toolkit.execution;
  const output = narrowed?.columns ?? columns;
  return gathering(output, () => {
    const seen = new Set<string>();
    const rows: Row[] = [];
    let sortedBy: string | undefined;
    return {
      add: (input) => {
        if (!narrowed) toolkit.execution.touch(input);
        const given = narrowed?.run(input) ?? input;
        sortedBy = given.sortedBy;
        for (const row of given.rows) {
          budget.step();
          const size = seen.size;
          if (seen.add(rowKey(row)).size === size) continue;
          rows.push(row);
          budget.hold(output.length + 1);
        }
        return true;
      },
      finish: () => relationOf(output, rows, { sortedBy }),
    };
  });
}

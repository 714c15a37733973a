import { KqlError } from "../../errors";
import type { Expression, SortKey, Step } from "../../plan/plan";
import type { Column, Value } from "../../types";
import { compareValues } from "../../values/compare";
import { constantValue } from "../compiled";
import { compile } from "../expression";
import type { PreparedStep, Toolkit } from "../prepared";
import { keptIngestion, relationOf, sliceOf } from "../relation";

type Order = (left: readonly Value[], right: readonly Value[]) => number;

function orderOf(by: readonly SortKey[]): Order {
  return (left, right) => {
    for (const [at, key] of by.entries()) {
      const [a, b] = [left[at] ?? null, right[at] ?? null];
      if (a === null || b === null) {
        if (a === b) continue;
        return (a === null) === key.nullsFirst ? -1 : 1;
      }
      const order = compareValues(a, b);
      if (order !== 0) return key.descending ? -order : order;
    }
    return 0;
  };
}

/** Puts rows in order; rows that are equal by all keys stay as they came. */
export function sort(
  step: Extract<Step, { op: "sort" }>,
  columns: readonly Column[],
  { execution }: Toolkit,
): PreparedStep {
  const scope = execution.scope(columns);
  const keys = step.by.map((key) => compile(key.value, scope).value);
  const order = orderOf(step.by);
  const [first] = step.by;
  const rising = first && !first.descending && first.value.k === "column" ? first.value.name : undefined;
  const sortedBy = columns.find((column) => column.name === rising && column.type === "datetime")?.name;
  return {
    columns,
    run: (input) => {
      execution.touch(input);
      scope.current = input;
      const entries = input.rows.map((row, index) => {
        execution.budget.step();
        return { row, index, keys: keys.map((key) => key(row, index)) };
      });
      entries.sort((a, b) => order(a.keys, b.keys));
      const rows = entries.map((entry) => entry.row);
      return relationOf(columns, rows, {
        // Nulls in front would break the binary search that a sorted column allows.
        sortedBy: entries[0]?.keys[0] === null ? undefined : sortedBy,
        ingestedAt: keptIngestion(
          input,
          entries.map((entry) => entry.index),
        ),
      });
    },
  };
}

function countOf(expression: Expression, what: string, columns: readonly Column[], { execution }: Toolkit): number {
  const value = constantValue(compile(expression, execution.scope(columns)));
  if (typeof value === "number") return Math.max(0, Math.trunc(value));
  throw new KqlError("EvaluationFailed", `the number of rows of '${what}' is not a constant`);
}

/** The first rows as they come. */
export function take(step: Extract<Step, { op: "take" }>, columns: readonly Column[], toolkit: Toolkit): PreparedStep {
  const size = countOf(step.count, "take", columns, toolkit);
  return {
    columns,
    run: (input) => {
      const first = sliceOf(input, 0, Math.min(size, input.length));
      toolkit.execution.touch(first);
      return relationOf(columns, first.rows, { sortedBy: first.sortedBy, ingestedAt: first.ingestedAt });
    },
  };
}

/** The first rows in order. */
export function top(step: Extract<Step, { op: "top" }>, columns: readonly Column[], toolkit: Toolkit): PreparedStep {
  const size = countOf(step.count, "top", columns, toolkit);
  const sorted = sort({ op: "sort", by: step.by }, columns, toolkit);
  return {
    columns,
    run: (input) => {
      const all = sorted.run(input);
      return sliceOf(all, 0, Math.min(size, all.length));
    },
  };
}

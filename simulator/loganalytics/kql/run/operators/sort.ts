import { KqlError } from "../../errors";
import type { Expression, SortKey, Step } from "../../plan/plan";
import type { Column, Row, Value } from "../../types";
import { compareValues } from "../../values/compare";
import { constantValue } from "../compiled";
import { compile } from "../expression";
import { gathering, type PreparedStep, type Toolkit } from "../prepared";
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
      entries.sort((a, b) => {
        execution.budget.step();
        return order(a.keys, b.keys);
      });
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

/** The number of rows that `take` and its like are given; a constant. */
export function countOf(
  expression: Expression,
  what: string,
  columns: readonly Column[],
  { execution }: Toolkit,
): number {
  const value = constantValue(compile(expression, execution.scope(columns)));
  if (typeof value === "number") return Math.max(0, Math.trunc(value));
  throw new KqlError("EvaluationFailed", `the number of rows of '${what}' is not a constant`);
}

/** The first rows as they come. */
export function take(step: Extract<Step, { op: "take" }>, columns: readonly Column[], toolkit: Toolkit): PreparedStep {
  const size = countOf(step.count, "take", columns, toolkit);
  const { execution } = toolkit;
  return gathering(columns, () => {
    const rows: Row[] = [];
    const ingested: (number | null)[] = [];
    let tracked = false;
    let sortedBy: string | undefined;
    return {
      add: (input) => {
        const piece = sliceOf(input, 0, Math.min(size - rows.length, input.length));
        execution.touch(piece);
        sortedBy = piece.sortedBy;
        for (const [index, row] of piece.rows.entries()) {
          rows.push(row);
          if (piece.ingestedAt) ingested.push(piece.ingestedAt(index));
        }
        tracked ||= piece.ingestedAt !== undefined;
        execution.budget.output(rows.length, columns.length);
        return rows.length < size;
      },
      finish: () => {
        const ingestedAt = tracked ? (index: number) => ingested[index] ?? null : undefined;
        return relationOf(columns, rows, { sortedBy, ingestedAt });
      },
    };
  });
}

/** Rows that `top` holds beyond those it wants before it throws the worst away. */
const TOP_SLACK = 4096;

/** The first rows in order. */
export function top(step: Extract<Step, { op: "top" }>, columns: readonly Column[], toolkit: Toolkit): PreparedStep {
  const size = countOf(step.count, "top", columns, toolkit);
  const { execution } = toolkit;
  const scope = execution.scope(columns);
  const keys = step.by.map((key) => compile(key.value, scope).value);
  const order = orderOf(step.by);
  return gathering(columns, () => {
    let entries: { row: Row; keys: Value[]; ingested: number | null }[] = [];
    let tracked = false;
    const settle = () => {
      entries.sort((a, b) => {
        execution.budget.step();
        return order(a.keys, b.keys);
      });
      entries = entries.slice(0, size);
    };
    return {
      add: (input) => {
        execution.touch(input);
        scope.current = input;
        tracked ||= input.ingestedAt !== undefined;
        for (const [index, row] of input.rows.entries()) {
          execution.budget.step();
          entries.push({ row, keys: keys.map((key) => key(row, index)), ingested: input.ingestedAt?.(index) ?? null });
          if (entries.length >= 2 * size + TOP_SLACK) settle();
        }
        return size > 0;
      },
      finish: () => {
        settle();
        const kept = entries;
        const rows = kept.map((entry) => entry.row);
        return relationOf(columns, rows, {
          ingestedAt: tracked ? (index) => kept[index]?.ingested ?? null : undefined,
        });
      },
    };
  });
}

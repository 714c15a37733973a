import type { Expression, Step } from "../../plan/plan";
import { referencesOf } from "../../plan/references";
import type { Column, Row, Value } from "../../types";
import { boundsOf, windowOf } from "../bounds";
import { bool, type Evaluate } from "../compiled";
import type { Execution } from "../execution";
import { compile } from "../expression";
import type { PreparedStep, Toolkit } from "../prepared";
import { keptIngestion, LazyRelation, ownedRelation, type Relation, relationOf } from "../relation";

/** Keeps the rows for which the predicate is true; a null drops the row. */
export function where(
  step: Extract<Step, { op: "where" }>,
  columns: readonly Column[],
  { execution }: Toolkit,
): PreparedStep {
  const scope = execution.scope(columns);
  const predicate = bool(compile(step.predicate, scope));
  const named = columnPositions(step.predicate, columns);
  const bounds = boundsOf(step.predicate, execution);
  return {
    columns,
    piecewise: !referencesOf([step.predicate]).positional,
    run: (input) => {
      scope.current = input;
      const [from, to] = windowOf(input, bounds);
      execution.touch(input, to - from);
      if (input instanceof LazyRelation && named) return filterLazily(input, from, to, predicate, named, execution);
      const rows: Row[] = [];
      const kept: number[] = [];
      for (let index = from; index < to; index++) {
        execution.budget.step();
        const row = input.rows[index];
        if (!row || predicate(row, index) !== true) continue;
        rows.push(row);
        if (input.ingestedAt) kept.push(index);
      }
      return relationOf(columns, rows, { sortedBy: input.sortedBy, ingestedAt: keptIngestion(input, kept) });
    },
  };
}

/** Makes only the rows that pass, and of the others only the cells that the predicate names. */
function filterLazily(
  input: LazyRelation,
  from: number,
  to: number,
  predicate: Evaluate<boolean | null>,
  named: readonly number[],
  { budget }: Execution,
): Relation {
  const { columns, sortedBy } = input;
  const rows: Value[][] = [];
  const kept: number[] = [];
  const probe: Value[] = columns.map(() => null);
  for (let index = from; index < to; index++) {
    budget.step();
    input.fill(index, named, probe);
    if (predicate(probe, index) !== true) continue;
    rows.push(input.row(index));
    if (rows.length % 1024 === 0) budget.output(rows.length, columns.length);
    if (input.ingestedAt) kept.push(index);
  }
  return ownedRelation(columns, rows, { sortedBy, ingestedAt: keptIngestion(input, kept) });
}

/** Where the columns stand that a predicate reads; undefined when it may read them all, or other rows. */
function columnPositions(predicate: Expression, columns: readonly Column[]): number[] | undefined {
  const { names, all, positional } = referencesOf([predicate]);
  if (all || positional) return undefined;
  return columns.flatMap((column, at) => (names.has(column.name) ? [at] : []));
}

import type { Expression, Step } from "../../plan/plan";
import { referencesOf } from "../../plan/references";
import type { Column, Row, Value } from "../../types";
import { bool, type Compiled, constantValue, type Evaluate, type RowScope } from "../compiled";
import type { Execution } from "../execution";
import { compile } from "../expression";
import type { PreparedStep, Toolkit } from "../prepared";
import { keptIngestion, LazyRelation, lowerBound, ownedRelation, type Relation, relationOf } from "../relation";

/** A bound that a filter sets on a column: rows outside need not be looked at when the column is sorted. */
interface Bound {
  column: string;
  side: "low" | "high";
  value: number;
  /** The value itself is inside. */
  inclusive: boolean;
}

/** Keeps the rows for which the predicate is true; a null drops the row. */
export function where(
  step: Extract<Step, { op: "where" }>,
  columns: readonly Column[],
  { execution }: Toolkit,
): PreparedStep {
  const scope = execution.scope(columns);
  const predicate = bool(compile(step.predicate, scope));
  const named = columnPositions(step.predicate, columns);
  const bounds = boundsOf(step.predicate, scope);
  return {
    columns,
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

/** Positions between which every row lies that can pass, found by binary search on the sorted column. */
function windowOf(input: Relation, bounds: readonly Bound[]): [number, number] {
  let from = 0;
  let to = input.length;
  const position = input.columns.findIndex((column) => column.name === input.sortedBy);
  if (position < 0) return [from, to];
  for (const bound of bounds) {
    if (bound.column !== input.sortedBy) continue;
    if (bound.side === "low") from = Math.max(from, lowerBound(input, position, bound.value, !bound.inclusive));
    else to = Math.min(to, lowerBound(input, position, bound.value, bound.inclusive));
  }
  return [from, Math.max(from, to)];
}

const SIDES: Record<string, { side: Bound["side"]; inclusive: boolean }> = {
  ">": { side: "low", inclusive: false },
  ">=": { side: "low", inclusive: true },
  "<": { side: "high", inclusive: false },
  "<=": { side: "high", inclusive: true },
};

const MIRRORED: Record<string, string> = { ">": "<", ">=": "<=", "<": ">", "<=": ">=" };

/** Bounds on datetime columns among the conditions that must all hold. */
function boundsOf(predicate: Expression, scope: RowScope): Bound[] {
  if (predicate.k !== "call") return [];
  const { fn, args } = predicate;
  if (fn === "and") return args.flatMap((each) => boundsOf(each, scope));
  const [first, second, third] = args;
  if (!first || !second) return [];
  if (fn === "between" && third) return betweenBounds(first, compile(second, scope), compile(third, scope), scope);
  const direct = bound(first, fn, second, scope);
  return direct ? [direct] : [bound(second, MIRRORED[fn] ?? "", first, scope)].flatMap((each) => each ?? []);
}

function bound(column: Expression, operator: string, value: Expression, scope: RowScope): Bound | undefined {
  const side = SIDES[operator];
  if (!side || !isDatetimeColumn(column, scope)) return undefined;
  const fixed = constantValue(compile(value, scope));
  return typeof fixed === "number" ? { column: column.name, value: fixed, ...side } : undefined;
}

function betweenBounds(column: Expression, low: Compiled, high: Compiled, scope: RowScope): Bound[] {
  const bottom = constantValue(low);
  const top = constantValue(high);
  if (!isDatetimeColumn(column, scope) || typeof bottom !== "number" || typeof top !== "number") return [];
  const end = high.type === "timespan" ? bottom + top : top;
  return [
    { column: column.name, side: "low", inclusive: true, value: bottom },
    { column: column.name, side: "high", inclusive: true, value: end },
  ];
}

function isDatetimeColumn(expression: Expression, scope: RowScope): expression is Extract<Expression, { k: "column" }> {
  if (expression.k !== "column") return false;
  return scope.columns.some((column) => column.name === expression.name && column.type === "datetime");
}

/** Where the columns stand that a predicate reads; undefined when it may read them all, or other rows. */
function columnPositions(predicate: Expression, columns: readonly Column[]): number[] | undefined {
  const { names, all, positional } = referencesOf([predicate]);
  if (all || positional) return undefined;
  return columns.flatMap((column, at) => (names.has(column.name) ? [at] : []));
}

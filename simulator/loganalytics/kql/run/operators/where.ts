import type { Expression, Step } from "../../plan/plan";
import type { Column, Row } from "../../types";
import { bool, type Compiled, constantValue, type RowScope } from "../compiled";
import { compile } from "../expression";
import type { PreparedStep, Toolkit } from "../prepared";
import { keptIngestion, lowerBound, type Relation } from "../relation";

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
  const bounds = boundsOf(step.predicate, scope);
  return {
    columns,
    run: (input) => {
      scope.current = input;
      const [from, to] = windowOf(input, bounds);
      execution.touch(input, to - from);
      const rows: Row[] = [];
      const kept: number[] = [];
      for (let index = from; index < to; index++) {
        execution.budget.step();
        const row = input.rows[index];
        if (!row || predicate(row, index) !== true) continue;
        rows.push(row);
        if (input.ingestedAt) kept.push(index);
      }
      return { columns, rows, sortedBy: input.sortedBy, ingestedAt: keptIngestion(input, kept) };
    },
  };
}

/** Positions between which every row lies that can pass, found by binary search on the sorted column. */
function windowOf(input: Relation, bounds: readonly Bound[]): [number, number] {
  let from = 0;
  let to = input.rows.length;
  const position = input.columns.findIndex((column) => column.name === input.sortedBy);
  if (position < 0) return [from, to];
  for (const bound of bounds) {
    if (bound.column !== input.sortedBy) continue;
    if (bound.side === "low") from = Math.max(from, lowerBound(input.rows, position, bound.value, !bound.inclusive));
    else to = Math.min(to, lowerBound(input.rows, position, bound.value, bound.inclusive));
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

import type { Expression, Step } from "../plan/plan";
import { referencesOf } from "../plan/references";
import { expressionsOf } from "../plan/step-expressions";
import type { Table } from "../types";
import { type Compiled, constantValue } from "./compiled";
import type { Execution } from "./execution";
import { compile } from "./expression";
import { lowerBound, type Relation } from "./relation";

/** A bound that a filter sets on a column: rows outside need not be looked at when the column is sorted. */
export interface Bound {
  /** `ingestion_time()` stands for the time of ingestion, which is no column. */
  column: string;
  side: "low" | "high";
  value: number;
  /** The value itself is inside. */
  inclusive: boolean;
}

const INGESTION = "ingestion_time()";

const SIDES: Record<string, { side: Bound["side"]; inclusive: boolean }> = {
  ">": { side: "low", inclusive: false },
  ">=": { side: "low", inclusive: true },
  "<": { side: "high", inclusive: false },
  "<=": { side: "high", inclusive: true },
};

const MIRRORED: Record<string, string> = { ">": "<", ">=": "<=", "<": ">", "<=": ">=", "==": "==" };

/** Bounds on columns and on `ingestion_time()` among the conditions that must all hold. */
export function boundsOf(predicate: Expression, execution: Execution): Bound[] {
  if (predicate.k !== "call") return [];
  const { fn, args } = predicate;
  if (fn === "and") return args.flatMap((each) => boundsOf(each, execution));
  const [first, second, third] = args;
  if (!first || !second) return [];
  if (fn === "between") return third ? between(first, second, third, execution) : [];
  return [...compared(first, fn, second, execution), ...compared(second, MIRRORED[fn] ?? "", first, execution)];
}

function boundedName(expression: Expression): string | undefined {
  if (expression.k === "column") return expression.name;
  return expression.k === "call" && expression.fn === "ingestion_time" ? INGESTION : undefined;
}

/** The value of an expression that is the same for every row. */
function fixed(expression: Expression, execution: Execution): Compiled | undefined {
  const { names, all, positional, random } = referencesOf([expression]);
  if (names.size > 0 || all || positional || random) return undefined;
  return compile(expression, execution.scope([]));
}

function compared(column: Expression, operator: string, value: Expression, execution: Execution): Bound[] {
  const name = boundedName(column);
  const side = SIDES[operator];
  if (name === undefined || (!side && operator !== "==")) return [];
  const compiled = fixed(value, execution);
  const limit = constantValue(compiled);
  if (compiled?.type !== "datetime" || typeof limit !== "number") return [];
  if (side) return [{ column: name, value: limit, ...side }];
  return (["low", "high"] as const).map((end) => ({ column: name, value: limit, side: end, inclusive: true }));
}

function between(column: Expression, low: Expression, high: Expression, execution: Execution): Bound[] {
  const name = boundedName(column);
  if (name === undefined) return [];
  const [bottom, top] = [fixed(low, execution), fixed(high, execution)];
  const [from, to] = [constantValue(bottom), constantValue(top)];
  if (bottom?.type !== "datetime" || typeof from !== "number" || typeof to !== "number") return [];
  return [
    { column: name, side: "low", inclusive: true, value: from },
    { column: name, side: "high", inclusive: true, value: top?.type === "timespan" ? from + to : to },
  ];
}

/** Positions between which every row lies that can pass, found by binary search on the sorted column. */
export function windowOf(input: Relation, bounds: readonly Bound[]): [number, number] {
  let from = 0;
  let to = input.length;
  const position = input.columns.findIndex((column) => column.name === input.sortedBy);
  if (position < 0) return [from, to];
  for (const bound of bounds) {
    if (bound.column !== input.sortedBy) continue;
    if (bound.side === "low") from = Math.max(from, lowerBound(input, position, bound.value, !bound.inclusive));
    else to = Math.min(to, lowerBound(input, position, bound.value, bound.inclusive));
  }
  return [Math.min(from, to), to];
}

/** Bounds on the time of ingestion as bounds on the time column, by the delays that the table knows. */
export function onTimeColumn(bounds: readonly Bound[], table: Table): Bound[] {
  const { ingestionDelay, timeColumn = "" } = table;
  return bounds.flatMap((bound) => {
    if (bound.column !== INGESTION) return [{ ...bound, column: timeColumn }];
    if (!ingestionDelay) return [];
    const delay = bound.side === "low" ? ingestionDelay.greatest : ingestionDelay.least;
    return [{ ...bound, column: timeColumn, value: bound.value - delay, inclusive: true }];
  });
}

/** The column's name behind a step that only passes rows on; undefined where it may hold something else. */
function nameAfter(step: Step, name: string): string | undefined {
  if (referencesOf(expressionsOf(step)).positional) return undefined;
  switch (step.op) {
    case "where":
    case "sort":
    case "project-away":
    case "project-keep":
    case "project-reorder":
      return name;
    case "extend":
    case "serialize":
      return step.items.some((item) => item.name === name) ? undefined : name;
    case "project":
      return step.items.find((item) => item.value.k === "column" && item.value.name === name)?.name;
    case "project-rename":
      return step.renames.find((rename) => rename.from === name)?.to ?? name;
    case "mv-expand":
      return step.items.some((item) => item.name === name) || step.indexName === name ? undefined : name;
    case "parse":
      return step.parts.some((part) => part.k === "column" && part.name === name) ? undefined : name;
    case "lookup":
      return name;
    case "join":
      return ["inner", "leftouter", "leftsemi", "leftanti"].includes(step.kind) ? name : undefined;
    default:
      return undefined;
  }
}

/**
 * Bounds that the steps behind a source set on its time column, in the source's own terms: rows outside are dropped by
 * a later step in any case, so they need not be read.
 */
export function leadingBounds(steps: readonly Step[], timeColumn: string, execution: Execution): Bound[] {
  const bounds: Bound[] = [];
  let name: string | undefined = timeColumn;
  for (const step of steps) {
    const before: string = name;
    name = nameAfter(step, before);
    if (name === undefined) return bounds;
    if (step.op !== "where") continue;
    for (const bound of boundsOf(step.predicate, execution)) {
      if (bound.column === before) bounds.push({ ...bound, column: timeColumn });
      else if (bound.column === INGESTION) bounds.push(bound);
    }
  }
  return bounds;
}

import type { Step, TopNestedLevel } from "../../plan/plan";
import type { Column, Row, Value } from "../../types";
import { compareValues, keyOf } from "../../values/compare";
import type { Evaluate } from "../compiled";
import { compile } from "../expression";
import type { PreparedStep, Toolkit } from "../prepared";
import { ownedRelation, relationOf } from "../relation";
import { countOf } from "./sort";
import { summarize } from "./summarize";

interface Level {
  size: number;
  key: Evaluate;
  groups: PreparedStep;
  order: 1 | -1;
}

function prepareLevel(level: TopNestedLevel, columns: readonly Column[], toolkit: Toolkit): Level {
  const { of, aggregates, name, value } = level;
  return {
    size: level.count ? countOf(level.count, "top-nested", columns, toolkit) : Number.POSITIVE_INFINITY,
    key: compile(of.value, toolkit.execution.scope(columns)).value,
    groups: summarize({ op: "summarize", by: [of], aggregates, outputs: [{ name, value }] }, columns, toolkit),
    order: level.descending ? -1 : 1,
  };
}

/** The best values of one expression, of each of them the best of the next, and so on. */
export function topNested(
  step: Extract<Step, { op: "top-nested" }>,
  columns: readonly Column[],
  toolkit: Toolkit,
): PreparedStep {
  const { execution } = toolkit;
  const levels = step.levels.map((level) => prepareLevel(level, columns, toolkit));
  const output = levels.flatMap((level) => level.groups.columns ?? []);
  const nest = (rows: readonly Row[], depth: number): Value[][] => {
    const level = levels[depth];
    if (!level) return [[]];
    const byKey = new Map<string, Row[]>();
    for (const [index, row] of rows.entries()) {
      execution.budget.step();
      const key = keyOf(level.key(row, index));
      const known = byKey.get(key);
      if (known) known.push(row);
      else byKey.set(key, [row]);
    }
    const groups = [...level.groups.run(relationOf(columns, rows)).rows];
    groups.sort((a, b) => nullsLast(a[1] ?? null, b[1] ?? null, level.order));
    return groups.slice(0, level.size).flatMap((group) => {
      const inner = byKey.get(keyOf(group[0] ?? null)) ?? [];
      return nest(inner, depth + 1).map((rest) => [...group, ...rest]);
    });
  };
  return {
    columns: output,
    run: (input) => {
      execution.touch(input);
      return ownedRelation(output, nest(input.rows, 0));
    },
  };
}

function nullsLast(left: Value, right: Value, order: 1 | -1): number {
  if (left === null || right === null) return Number(left === null) - Number(right === null);
  return compareValues(left, right) * order;
}

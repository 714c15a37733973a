import { KqlError } from "../../errors";
import type { Step } from "../../plan/plan";
import type { Column, Value } from "../../types";
import { textOf } from "../../values/text";
import type { Accumulator } from "../aggregates/aggregate";
import type { PreparedStep, Toolkit } from "../prepared";
import { freeName, ownedRelation } from "../relation";
import { rowKey } from "./distinct";
import { prepareAggregate } from "./summarize";

/** Turns the values of one column into columns that hold an aggregate each. */
export function pivot(
  step: Extract<Step, { op: "pivot" }>,
  columns: readonly Column[],
  { execution }: Toolkit,
): PreparedStep {
  const scope = execution.scope(columns);
  const { prepared } = prepareAggregate(step.aggregate, [], 0, scope);
  const used = new Set(step.aggregate.args.flatMap((each) => (each.k === "column" ? [each.name] : [])));
  const pivotAt = columns.findIndex((column) => column.name === step.column);
  const names = step.by ?? columns.flatMap(({ name }) => (name === step.column || used.has(name) ? [] : [name]));
  const by = names.map((name) => columns.findIndex((column) => column.name === name));
  if (pivotAt < 0 || by.includes(-1))
    throw new KqlError("EvaluationFailed", "pivot() names a column that is not there");
  const pivotType = columns[pivotAt]?.type ?? "string";
  return {
    columns: undefined,
    run: (input) => {
      execution.touch(input);
      scope.current = input;
      const groups = new Map<string, { keys: Value[]; cells: Map<string, Accumulator> }>();
      const values = new Set<string>();
      for (const [index, row] of input.rows.entries()) {
        execution.budget.step();
        const keys = by.map((at) => row[at] ?? null);
        const id = rowKey(keys);
        const group = groups.get(id) ?? { keys, cells: new Map<string, Accumulator>() };
        groups.set(id, group);
        const value = textOf(row[pivotAt] ?? null, pivotType);
        values.add(value);
        const cell = group.cells.get(value) ?? prepared.begin();
        if (!group.cells.has(value)) execution.budget.hold(1);
        group.cells.set(value, cell);
        cell.add(row, index);
      }
      const fixed = by.flatMap((at) => columns[at] ?? []);
      const taken = new Set(fixed.map((column) => column.name));
      const found = [...values];
      const type = prepared.types[0] ?? "dynamic";
      const added = found.map((value): Column => {
        const name = freeName(value, taken);
        taken.add(name);
        return { name, type };
      });
      execution.budget.output(groups.size, fixed.length + added.length);
      const rows = [...groups.values()].map(({ keys, cells }) => [
        ...keys,
        ...found.map((value) => (cells.get(value) ?? prepared.begin()).results()[0] ?? null),
      ]);
      return ownedRelation([...fixed, ...added], rows);
    },
  };
}

const NARROW: readonly Column[] = [
  { name: "Row", type: "long" },
  { name: "Column", type: "string" },
  { name: "Value", type: "string" },
];

/** One row per cell. */
export function narrow(columns: readonly Column[], { execution }: Toolkit): PreparedStep {
  return {
    columns: NARROW,
    run: (input) => {
      execution.touch(input);
      execution.budget.output(input.length * columns.length, NARROW.length);
      const rows = input.rows.flatMap((row, index) => {
        execution.budget.step();
        return columns.map((column, at): Value[] => [index, column.name, textOf(row[at] ?? null, column.type)]);
      });
      return ownedRelation(NARROW, rows);
    },
  };
}

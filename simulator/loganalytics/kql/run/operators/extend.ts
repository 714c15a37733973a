import { neededTest } from "../../plan/needs";
import type { Item, Step } from "../../plan/plan";
import { referencesOf } from "../../plan/references";
import type { Column, Value } from "../../types";
import type { Compiled } from "../compiled";
import { compile } from "../expression";
import type { PreparedStep, Toolkit } from "../prepared";
import { ownedRelation, positionsOf } from "../relation";

/** Adds columns; one whose name is there already is replaced where it stands. */
export function extend(
  step: Extract<Step, { op: "extend" | "serialize" }>,
  columns: readonly Column[],
  { execution }: Toolkit,
): PreparedStep {
  const scope = execution.scope(columns);
  const output = [...columns];
  const targets: { at: number; value: Compiled["value"] }[] = [];
  for (const item of step.items) {
    if (isItself(item, columns)) continue;
    const compiled = compile(item.value, scope);
    const known = output.findIndex((column) => column.name === item.name);
    const at = known < 0 ? output.length : known;
    output[at] = { name: item.name, type: compiled.type };
    targets.push({ at, value: compiled.value });
  }
  if (targets.length === 0) return { columns, piecewise: true, run: (input) => input };
  const replaced = new Set(targets.map((target) => output[target.at]?.name));
  const { positional } = referencesOf(step.items.map((item) => item.value));
  return {
    columns: output,
    piecewise: !positional,
    run: (input) => {
      execution.touch(input);
      scope.current = input;
      const values: Value[] = targets.map(() => null);
      const width = columns.length;
      // Rows that nobody else has are widened where they are; not while other rows look back at them.
      const given = positional ? undefined : input.owned;
      const source = given ?? input.rows;
      const rows: Value[][] = given ?? [];
      for (let index = 0; index < source.length; index++) {
        execution.budget.step();
        const row = source[index] ?? [];
        // All values are taken before the first is put: they refer to the row as it came.
        for (let at = 0; at < targets.length; at++) values[at] = targets[at]?.value(row, index) ?? null;
        const wide = given?.[index] ?? row.slice(0, width);
        for (let at = 0; at < targets.length; at++) wide[targets[at]?.at ?? 0] = values[at] ?? null;
        if (!given) rows.push(wide);
      }
      const sortedBy = replaced.has(input.sortedBy) ? undefined : input.sortedBy;
      return ownedRelation(output, rows, { sortedBy, ingestedAt: input.ingestedAt });
    },
  };
}

/** `extend x = column_ifexists("x", ..)` and `extend x = x` change nothing where the column is there. */
function isItself(item: Item, columns: readonly Column[]): boolean {
  const { value } = item;
  if (!columns.some((column) => column.name === item.name)) return false;
  if (value.k === "column") return value.name === item.name;
  if (value.k !== "call" || !/^column_?ifexists$/.test(value.fn)) return false;
  const [name] = value.args;
  return name?.k === "literal" && name.value === item.name;
}

/** Makes rows of the named values only. What nobody needs further on keeps its place, and nothing is worked out for it. */
export function project(
  step: Extract<Step, { op: "project" }>,
  columns: readonly Column[],
  { execution, needs }: Toolkit,
): PreparedStep {
  const scope = execution.scope(columns);
  const compiled = step.items.map((item) => compile(item.value, scope));
  const output = step.items.map((item, at): Column => ({ name: item.name, type: compiled[at]?.type ?? "dynamic" }));
  const needed = neededTest(needs);
  const values = compiled.map(({ value }, at) => (!needed || needed(output[at]?.name ?? "") ? value : () => null));
  const sources = new Map(
    step.items.flatMap((item) => (item.value.k === "column" ? [[item.value.name, item.name] as const] : [])),
  );
  const known = positionsOf(columns);
  return {
    columns: output,
    piecewise: !referencesOf(step.items.map((item) => item.value)).positional,
    run: (input) => {
      execution.touch(input);
      scope.current = input;
      const rows = input.rows.map((row, index): Value[] => {
        execution.budget.step();
        return values.map((value) => value(row, index));
      });
      const sortedBy = input.sortedBy && known.has(input.sortedBy) ? sources.get(input.sortedBy) : undefined;
      return ownedRelation(output, rows, { sortedBy, ingestedAt: input.ingestedAt });
    },
  };
}

import type { Source } from "../../plan/plan";
import type { Column, KqlType, Row } from "../../types";
import type { Toolkit } from "../prepared";
import { type Relation, relationOf } from "../relation";
import type { Slices } from "../slices";

type UnionSource = Extract<Source, { op: "union" }>;

interface Layout {
  columns: Column[];
  /** Per input: the position of each output column there; -1 when it has none. */
  positions: number[][];
}

/** Columns of all inputs; one name with several types becomes `X_string`, `X_long`. */
function layoutOf(inputs: readonly Relation[], kind: UnionSource["kind"]): Layout {
  const types = new Map<string, Set<KqlType>>();
  for (const { columns } of inputs) {
    for (const { name, type } of columns) types.set(name, (types.get(name) ?? new Set()).add(type));
  }
  const names = [...types.keys()];
  const wanted = names.flatMap((name): { name: string; column: Column }[] => {
    const [only, ...others] = types.get(name) ?? [];
    if (only && others.length === 0) return [{ name, column: { name, type: only } }];
    return [...(types.get(name) ?? [])].map((type) => ({ name, column: { name: `${name}_${type}`, type } }));
  });
  const find = (input: Relation, name: string, type: KqlType) =>
    input.columns.findIndex((column) => column.name === name && column.type === type);
  const kept = wanted.filter(
    ({ name, column }) => kind === "outer" || inputs.every((input) => find(input, name, column.type) >= 0),
  );
  return {
    columns: kept.map(({ column }) => column),
    positions: inputs.map((input) => kept.map(({ name, column }) => find(input, name, column.type))),
  };
}

/** Rows of all inputs one after another; what an input lacks is "" for text and null otherwise. */
export function* union(source: UnionSource, toolkit: Toolkit): Slices<Relation> {
  const { execution } = toolkit;
  const inputs: Relation[] = [];
  for (const { pipeline } of source.inputs) inputs.push(yield* toolkit.run(pipeline, toolkit.needs, toolkit.following));
  const { columns, positions } = layoutOf(inputs, source.kind);
  const absent = columns.map((column) => (column.type === "string" ? "" : null));
  const withSource = source.withSource !== undefined;
  const rows: Row[] = [];
  const ingested: (number | null)[] = [];
  const tracked = inputs.some((input) => input.ingestedAt);
  for (const [at, input] of inputs.entries()) {
    if (execution.budget.isDue()) yield;
    execution.touch(input);
    const places = positions[at] ?? [];
    const name = source.inputs[at]?.name ?? "";
    const same = !withSource && places.length === input.columns.length && places.every((from, to) => from === to);
    for (const [index, row] of input.rows.entries()) {
      execution.budget.step();
      if (same) rows.push(row);
      else {
        const cells = places.map((from, to) => (from < 0 ? (absent[to] ?? null) : (row[from] ?? null)));
        rows.push(withSource ? [name, ...cells] : cells);
      }
      if (tracked) ingested.push(input.ingestedAt?.(index) ?? null);
    }
    execution.budget.output(rows.length, columns.length);
  }
  const named: Column[] = withSource ? [{ name: source.withSource ?? "", type: "string" }, ...columns] : columns;
  return relationOf(named, rows, { ingestedAt: tracked ? (index) => ingested[index] ?? null : undefined });
}

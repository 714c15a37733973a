import { KqlError } from "../../errors";
import type { JoinKey } from "../../plan/plan";
import type { Column, Row } from "../../types";
import type { Execution } from "../execution";
import { compile } from "../expression";
import type { Relation } from "../relation";
import { rowKey } from "./distinct";

/** Reads the key of a row; undefined when a part of it is null, which equals nothing. */
export type KeyReader = (row: Row, index: number) => string | undefined;

/** How rows of one side are keyed. Numbers of different types meet as numbers, all else by its text. */
export function keyReader(
  on: readonly JoinKey[],
  side: "left" | "right",
  columns: readonly Column[],
  execution: Execution,
): KeyReader {
  const scope = execution.scope(columns);
  const reads = on.map((key) => {
    const compiled = compile(key[side], scope);
    if (compiled.type === "dynamic") {
      const at = key[side].k === "column" ? key[side].at : undefined;
      throw new KqlError("NotSupported", "a join on a dynamic column is not supported: convert it first", at);
    }
    return compiled.value;
  });
  return (row, index) => {
    const values = reads.map((read) => read(row, index));
    return values.some((value) => value === null) ? undefined : rowKey(values);
  };
}

/** Positions of rows by key, in their order. */
export function indexRows(relation: Relation, read: KeyReader, execution: Execution): Map<string, number[]> {
  const positions = new Map<string, number[]>();
  for (const [index, row] of relation.rows.entries()) {
    execution.budget.step();
    const key = read(row, index);
    if (key === undefined) continue;
    const known = positions.get(key);
    if (known) known.push(index);
    else positions.set(key, [index]);
  }
  return positions;
}

/** The same for the right side of a join, which may have been indexed by an earlier run of the plan. */
export function indexRight(
  relation: Relation,
  on: readonly JoinKey[],
  read: KeyReader,
  execution: Execution,
): ReadonlyMap<string, readonly number[]> {
  const make = () => indexRows(relation, read, execution);
  return execution.reuse?.indexed(relation, on, make) ?? make();
}

/** A row of nothing: "" for text, null otherwise. */
export function blankRow(columns: readonly Column[]): Row {
  return columns.map((column) => (column.type === "string" ? "" : null));
}

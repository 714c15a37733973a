import type { Needs } from "../../plan/needs";
import type { Step } from "../../plan/plan";
import { referencesOf } from "../../plan/references";
import type { Column, Row } from "../../types";
import type { Execution } from "../execution";
import type { PreparedStep, Toolkit } from "../prepared";
import { freeName, type Relation, relationOf } from "../relation";
import type { Slices } from "../slices";
import { blankRow, indexRight, indexRows, type KeyReader, keyReader } from "./join-key";

/** Columns of both sides; a name that the left has already gets a number. */
export function joinedColumns(left: readonly Column[], right: readonly Column[]): Column[] {
  const taken = new Set(left.map((column) => column.name));
  const renamed = right.map((column): Column => {
    const name = freeName(column.name, taken);
    taken.add(name);
    return { name, type: column.type };
  });
  return [...left, ...renamed];
}

/** Combines rows of the left with rows of another pipeline that have the same key. */
export function* join(
  step: Extract<Step, { op: "join" }>,
  columns: readonly Column[],
  toolkit: Toolkit,
): Slices<PreparedStep> {
  const { execution } = toolkit;
  const right = yield* toolkit.run(step.right, rightNeeds(step, toolkit.needs));
  const leftKey = keyReader(step.on, "left", columns, execution);
  const rightKey = keyReader(step.on, "right", right.columns, execution);
  const { kind } = step;
  const output =
    kind === "leftanti" || kind === "leftsemi"
      ? columns
      : kind === "rightanti" || kind === "rightsemi"
        ? right.columns
        : joinedColumns(columns, right.columns);
  return {
    columns: output,
    run: (input) => {
      execution.touch(input);
      execution.touch(right);
      const rows =
        kind === "leftanti" || kind === "leftsemi"
          ? filtered(input, leftKey, right, rightKey, kind === "leftsemi", execution)
          : kind === "rightanti" || kind === "rightsemi"
            ? filtered(right, rightKey, input, leftKey, kind === "rightsemi", execution)
            : combined(input, leftKey, right, rightKey, step, execution);
      return relationOf(output, rows);
    },
  };
}

/** What is needed of the right side: what is needed further on, and the keys. */
function rightNeeds({ on, kind }: Extract<Step, { op: "join" }>, needs: Needs): Needs {
  const keys = referencesOf(on.map((key) => key.right)).names;
  if (kind === "leftanti" || kind === "leftsemi") return keys;
  return needs && new Set([...needs, ...keys]);
}

/** Rows of one side that have (or lack) a partner on the other. */
function filtered(
  kept: Relation,
  keptKey: KeyReader,
  other: Relation,
  otherKey: KeyReader,
  wanted: boolean,
  execution: Execution,
): Row[] {
  const keys = indexRows(other, otherKey, execution);
  return kept.rows.filter((row, index) => {
    execution.budget.step();
    const key = keptKey(row, index);
    return (key !== undefined && keys.has(key)) === wanted;
  });
}

function combined(
  left: Relation,
  leftKey: KeyReader,
  right: Relation,
  rightKey: KeyReader,
  { kind, on }: Extract<Step, { op: "join" }>,
  execution: Execution,
): Row[] {
  const partners = indexRight(right, on, rightKey, execution);
  const matched = new Set<string>();
  const seen = new Set<string>();
  const blankRight = blankRow(right.columns);
  const keepLeft = kind === "leftouter" || kind === "fullouter";
  const keepRight = kind === "rightouter" || kind === "fullouter";
  const width = left.columns.length + right.columns.length;
  const rows: Row[] = [];
  for (const [index, row] of left.rows.entries()) {
    execution.budget.step();
    const key = leftKey(row, index);
    if (kind === "innerunique" && key !== undefined) {
      // Any one row of the left stands for all of its key; the first is as good as another.
      if (seen.has(key)) continue;
      seen.add(key);
    }
    const positions = key === undefined ? undefined : partners.get(key);
    if (!positions) {
      if (keepLeft) rows.push([...row, ...blankRight]);
      continue;
    }
    if (keepRight && key !== undefined) matched.add(key);
    execution.budget.output(rows.length + positions.length, width);
    for (const position of positions) {
      execution.budget.step();
      rows.push([...row, ...(right.rows[position] ?? blankRight)]);
    }
  }
  if (keepRight) {
    const blankLeft = blankRow(left.columns);
    for (const [index, row] of right.rows.entries()) {
      const key = rightKey(row, index);
      if (key === undefined || !matched.has(key)) rows.push([...blankLeft, ...row]);
    }
  }
  return rows;
}

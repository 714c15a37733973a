import { KqlError } from "../../errors";
import type { Step } from "../../plan/plan";
import type { Column } from "../../types";
import type { PreparedStep, Toolkit } from "../prepared";
import { LazyRelation, ownedRelation, type Relation, relationOf } from "../relation";

type SelectStep = Extract<Step, { op: "project-away" | "project-keep" | "project-rename" | "project-reorder" }>;

/** Whether a name fits a pattern in which `*` stands for anything. */
function fits(name: string, pattern: string): boolean {
  const parts = pattern.split("*");
  if (parts.length === 1) return name === pattern;
  const first = parts.shift() ?? "";
  const last = parts.pop() ?? "";
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false;
  let at = first.length;
  for (const part of parts) {
    const found = name.indexOf(part, at);
    if (found < 0 || found + part.length > name.length - last.length) return false;
    at = found + part.length;
  }
  return true;
}

/** Positions of the columns to keep, in their new order. */
function selected(step: SelectStep, columns: readonly Column[]): number[] {
  const all = columns.map((_, at) => at);
  const nameAt = (at: number) => columns[at]?.name ?? "";
  if (step.op === "project-rename") return all;
  if (step.op === "project-reorder") return reordered(step, all, nameAt);
  const named = (at: number) => step.patterns.some((pattern) => fits(nameAt(at), pattern));
  return all.filter((at) => named(at) === (step.op === "project-keep"));
}

function reordered(
  step: Extract<Step, { op: "project-reorder" }>,
  all: readonly number[],
  nameAt: (at: number) => string,
): number[] {
  const front: number[] = [];
  for (const { pattern, order } of step.patterns) {
    const matching = all.filter((at) => fits(nameAt(at), pattern) && !front.includes(at));
    if (order !== "none") matching.sort((a, b) => (nameAt(a) < nameAt(b) ? -1 : 1) * (order === "asc" ? 1 : -1));
    front.push(...matching);
  }
  return [...front, ...all.filter((at) => !front.includes(at))];
}

/** Leaves out, keeps, renames or moves whole columns. */
export function selectColumns(step: SelectStep, columns: readonly Column[], { execution }: Toolkit): PreparedStep {
  const renames = new Map<string, string>();
  if (step.op === "project-rename") {
    for (const { from, to } of step.renames) {
      if (!columns.some((column) => column.name === from)) {
        throw new KqlError("EvaluationFailed", `there is no column '${from}' here`);
      }
      renames.set(from, to);
    }
  }
  const positions = selected(step, columns);
  const output = positions.flatMap((at): Column[] => {
    const column = columns[at];
    return column ? [{ name: renames.get(column.name) ?? column.name, type: column.type }] : [];
  });
  const same = positions.length === columns.length && positions.every((at, index) => at === index);
  return {
    columns: output,
    piecewise: true,
    run: (input) => {
      const { sortedBy } = input;
      const now = sortedBy === undefined ? undefined : (renames.get(sortedBy) ?? sortedBy);
      const kept = output.some((column) => column.name === now) ? now : undefined;
      if (input instanceof LazyRelation) return input.select(output, positions, kept);
      if (same) return renamed(input, output, kept);
      execution.touch(input);
      const rows = input.rows.map((row) => {
        execution.budget.step();
        return positions.map((at) => row[at] ?? null);
      });
      return ownedRelation(output, rows, { sortedBy: kept, ingestedAt: input.ingestedAt });
    },
  };
}

/** The same rows under other names. */
function renamed(input: Relation, columns: readonly Column[], sortedBy: string | undefined): Relation {
  const { rows, owned, ingestedAt, untouched = false } = input;
  const extras = { sortedBy, ingestedAt, untouched };
  return owned ? ownedRelation(columns, owned, extras) : relationOf(columns, rows, extras);
}

import { KqlError } from "../../errors";
import type { Expansion, Expression, Step } from "../../plan/plan";
import { referencesOf } from "../../plan/references";
import type { Column, Json, KqlType, Row, Value } from "../../types";
import { isArray, isBag } from "../../values/parse";
import { type Compiled, constantValue, type RowScope } from "../compiled";
import { compile } from "../expression";
import { convertValue } from "../functions/convert";
import type { PreparedStep, Toolkit } from "../prepared";
import { ownedRelation } from "../relation";
import { atOnce, type Slices } from "../slices";

/** The elements that a value spreads into: a null into one null, an empty array into none, a bag into one-key bags. */
function spread(value: Json, bags: "bag" | "array"): Json[] {
  if (isArray(value)) return [...value];
  if (!isBag(value)) return [value];
  return Object.entries(value).map(([name, each]) => (bags === "bag" ? { [name]: each } : [name, each]));
}

interface Spreading {
  columns: Column[];
  /** The rows that one row spreads into. */
  expand(row: Row, index: number): Value[][];
}

function limitOf(limit: Expression | undefined, scope: RowScope): number {
  if (!limit) return Number.POSITIVE_INFINITY;
  const value = constantValue(compile(limit, scope));
  if (typeof value !== "number") throw new KqlError("EvaluationFailed", "the row limit is not a constant");
  return Math.max(0, value);
}

/** Elements of one kind each, converted to the type asked for. */
function convertElement(element: Json, type: KqlType | undefined): Value {
  return type === undefined || type === "dynamic" ? element : convertValue(element, "dynamic", type);
}

function spreading(
  items: readonly Expansion[],
  bags: "bag" | "array",
  indexName: string | undefined,
  limit: Expression | undefined,
  scope: RowScope,
): Spreading {
  const columns = [...scope.columns];
  const place = (column: Column) => {
    const known = columns.findIndex((each) => each.name === column.name);
    if (known < 0) return columns.push(column) - 1;
    columns[known] = column;
    return known;
  };
  const most = limitOf(limit, scope);
  const targets = items.map((item) => {
    const compiled: Compiled = compile(item.value, scope);
    const at = place({ name: item.name, type: item.type ?? "dynamic" });
    return { at, value: compiled.value, type: item.type };
  });
  const indexAt = indexName === undefined ? -1 : place({ name: indexName, type: "long" });
  return {
    columns,
    expand: (row, index) => {
      const parts = targets.map((target) => spread(target.value(row, index), bags));
      const size = Math.min(most, Math.max(...parts.map((part) => part.length)));
      scope.execution.budget.output(size, columns.length);
      return Array.from({ length: size }, (_, element) => {
        const wide: Value[] = row.slice();
        for (const [at, target] of targets.entries()) {
          wide[target.at] = convertElement(parts[at]?.[element] ?? null, target.type);
        }
        if (indexAt >= 0) wide[indexAt] = element;
        return wide;
      });
    },
  };
}

/** One row per element of an array or property of a bag. */
export function mvExpand(
  step: Extract<Step, { op: "mv-expand" }>,
  columns: readonly Column[],
  { execution }: Toolkit,
): PreparedStep {
  const scope = execution.scope(columns);
  const { columns: output, expand } = spreading(step.items, step.bags, step.indexName, step.limit, scope);
  return {
    columns: output,
    piecewise: !referencesOf(step.items.map((item) => item.value)).positional,
    run: (input) => {
      execution.touch(input);
      scope.current = input;
      const rows: Value[][] = [];
      for (const [index, row] of input.rows.entries()) {
        for (const each of expand(row, index)) {
          execution.budget.step();
          rows.push(each);
        }
        execution.budget.output(rows.length, output.length);
      }
      return ownedRelation(output, rows);
    },
  };
}

/** Runs a subquery over the elements of each row. */
export function* mvApply(
  step: Extract<Step, { op: "mv-apply" }>,
  columns: readonly Column[],
  toolkit: Toolkit,
): Slices<PreparedStep> {
  const { execution } = toolkit;
  if (step.body.source.op !== "given") {
    throw new KqlError("NotSupported", "'mv-apply' with a query of its own is not supported by this engine");
  }
  const scope = execution.scope(columns);
  const { columns: spreadColumns, expand } = spreading(step.items, "bag", step.indexName, step.limit, scope);
  const body = yield* toolkit.prepare(step.body.steps, spreadColumns, { ...toolkit, needs: undefined, following: [] });
  if (!body.columns) throw new KqlError("NotSupported", "'bag_unpack' in 'mv-apply' is not supported by this engine");
  // A subquery that drops columns (summarize, project) gets those of the row back in front.
  const inner = body.columns;
  // Where an element takes the name of its array, the array is gone.
  const fresh = new Set([...inner.map((column) => column.name), ...step.items.map((item) => item.name)]);
  const own = columns.flatMap((column, at) => (fresh.has(column.name) ? [] : [at]));
  const output = [...own.flatMap((at) => columns[at] ?? []), ...inner];
  return {
    columns: output,
    piecewise: !referencesOf(step.items.map((item) => item.value)).positional,
    run: (input) => {
      execution.touch(input);
      scope.current = input;
      const rows: Value[][] = [];
      for (const [index, row] of input.rows.entries()) {
        execution.budget.step();
        const given = ownedRelation(spreadColumns, expand(row, index));
        for (const result of atOnce(body.run(given)).rows) rows.push([...own.map((at) => row[at] ?? null), ...result]);
        execution.budget.output(rows.length, output.length);
      }
      return ownedRelation(output, rows);
    },
  };
}

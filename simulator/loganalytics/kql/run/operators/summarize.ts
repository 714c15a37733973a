import { KqlError } from "../../errors";
import type { Aggregate, Item, Step, SummarizeOutput } from "../../plan/plan";
import type { Column, KqlType, Row, Value } from "../../types";
import type { Accumulator, PreparedAggregate } from "../aggregates/aggregate";
import { findAggregate } from "../aggregates/registry";
import type { Compiled, RowScope } from "../compiled";
import { compile } from "../expression";
import { gathering, type PreparedStep, type Toolkit } from "../prepared";
import { freeName, ownedRelation } from "../relation";
import { rowKey } from "./distinct";

/** An aggregate of a step, with the place of its results. */
export interface ReadyAggregate {
  prepared: PreparedAggregate;
  /** Where its first result stands in the row of results. */
  offset: number;
  /** Names of its results, when they are columns of their own. */
  names: string[];
}

/** Columns that `*` stands for: all that are neither a group key nor the value that decides. */
function starColumns(aggregate: Aggregate, by: readonly Item[], columns: readonly Column[]): string[] {
  const [key] = aggregate.args;
  const used = new Set(by.flatMap((item) => (item.value.k === "column" ? [item.value.name] : [])));
  if (key?.k === "column") used.add(key.name);
  return columns.map((column) => column.name).filter((name) => !used.has(name));
}

/**
 * Makes one aggregate of a step ready.
 * @throws KqlError `NotSupported` for arguments that it does not take.
 */
export function prepareAggregate(
  aggregate: Aggregate,
  by: readonly Item[],
  offset: number,
  scope: RowScope,
): ReadyAggregate {
  const { fn, at } = aggregate;
  const spec = findAggregate(fn);
  if (!spec) throw new KqlError("NotSupported", `aggregate '${fn}' is not supported by this engine`, at);
  const star = aggregate.star ? starColumns(aggregate, by, scope.columns) : [];
  const args = [...aggregate.args, ...star.map((name) => ({ k: "column" as const, name, at }))];
  if (args.length < spec.min || args.length > spec.max) {
    throw new KqlError("NotSupported", `'${fn}' with ${args.length} arguments is not supported by this engine`, at);
  }
  const prepared = spec.make(
    args.map((argument) => compile(argument, scope)),
    { scope, name: fn, at },
  );
  const prefix = fn.includes("min") ? "min_" : fn.includes("max") ? "max_" : `${fn}_`;
  return { prepared, offset, names: args.map((argument) => (argument.k === "column" ? argument.name : prefix)) };
}

/** Result columns: the group keys, then each output; values are read from the row of keys and aggregate results. */
function layOut(
  step: Extract<Step, { op: "summarize" }>,
  keys: readonly Compiled[],
  ready: readonly ReadyAggregate[],
  scope: RowScope,
) {
  const columns: Column[] = step.by.map((item, at) => ({ name: item.name, type: keys[at]?.type ?? "dynamic" }));
  const values: Compiled["value"][] = step.by.map((_, at) => (row) => row[at] ?? null);
  const taken = new Set(columns.map((column) => column.name));
  const push = (name: string, type: KqlType, value: Compiled["value"]) => {
    const free = freeName(name, taken);
    taken.add(free);
    columns.push({ name: free, type });
    values.push(value);
  };
  const inner: RowScope = {
    ...scope,
    columns: [],
    aggregates: ready.map(({ prepared, offset }) => ({
      type: prepared.types[0] ?? "dynamic",
      value: (row) => row[offset] ?? null,
      constant: false,
    })),
  };
  for (const output of step.outputs) {
    if ("value" in output) {
      const compiled = compile(output.value, inner);
      push(output.name, compiled.type, compiled.value);
      continue;
    }
    pushAll(output, ready[output.aggregate], push);
  }
  return { columns, values };
}

function pushAll(
  output: Extract<SummarizeOutput, { aggregate: number }>,
  ready: ReadyAggregate | undefined,
  push: (name: string, type: KqlType, value: Compiled["value"]) => void,
): void {
  if (!ready) throw new KqlError("ParserFailed", "an output of 'summarize' has no aggregate");
  const known = output.names?.length === ready.prepared.types.length ? output.names : undefined;
  for (const [at, type] of ready.prepared.types.entries()) {
    const own = at === 0 ? output.first : undefined;
    push(known?.[at] ?? own ?? ready.names[at] ?? "", type, (row) => row[ready.offset + at] ?? null);
  }
}

/** Groups rows by the values of `by`; without `by`, all rows are one group, even when there are none. */
export function summarize(
  step: Extract<Step, { op: "summarize" }>,
  columns: readonly Column[],
  { execution }: Toolkit,
): PreparedStep {
  const scope = execution.scope(columns);
  const keys = step.by.map((item) => compile(item.value, scope));
  const ready: ReadyAggregate[] = [];
  let offset = keys.length;
  for (const aggregate of step.aggregates) {
    const next = prepareAggregate(aggregate, step.by, offset, scope);
    ready.push(next);
    offset += next.prepared.types.length;
  }
  const output = layOut(step, keys, ready, scope);
  // A single key of a plain type needs no text made for it.
  const plain = keys.length === 1 && keys[0]?.type !== "dynamic";
  return gathering(output.columns, () => {
    const groups = new Map<Value, { keys: Value[]; accumulators: Accumulator[] }>();
    const begin = (values: Value[]) => ({
      keys: values,
      accumulators: ready.map(({ prepared }) => prepared.begin()),
    });
    if (keys.length === 0) groups.set("", begin([]));
    const groupOf = (row: Row, index: number) => {
      const values = keys.map((key) => key.value(row, index));
      const id = keys.length === 0 ? "" : plain ? (values[0] ?? null) : rowKey(values);
      const known = groups.get(id);
      if (known) return known;
      const group = begin(values);
      groups.set(id, group);
      execution.budget.hold(offset + 1);
      return group;
    };
    return {
      add: (input) => {
        execution.touch(input);
        scope.current = input;
        for (const [index, row] of input.rows.entries()) {
          execution.budget.step();
          for (const accumulator of groupOf(row, index).accumulators) accumulator.add(row, index);
        }
        return true;
      },
      finish: () => {
        const rows: Value[][] = [];
        for (const group of groups.values()) {
          const results = [...group.keys, ...group.accumulators.flatMap((accumulator) => accumulator.results())];
          for (const result of results) if (typeof result === "object") execution.budget.built(result);
          rows.push(output.values.map((value) => value(results, rows.length)));
        }
        return ownedRelation(output.columns, rows);
      },
    };
  });
}

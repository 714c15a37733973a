import { KqlError } from "../../errors";
import type { Expression, MakeSeriesStep } from "../../plan/plan";
import type { Column, Json, KqlType, Row, Value } from "../../types";
import { jsonOf } from "../../values/text";
import type { Accumulator } from "../aggregates/aggregate";
import { type Compiled, constantValue, number, type RowScope } from "../compiled";
import { compile } from "../expression";
import { originOf } from "../functions/bins";
import { gathering, type PreparedStep, type Toolkit } from "../prepared";
import { ownedRelation } from "../relation";
import { rowKey } from "./distinct";
import { prepareAggregate, type ReadyAggregate } from "./summarize";

/** Elements that one series may have; the service's own cap. */
const LENGTH_MAX = 1_048_576;

interface Range {
  from: number | undefined;
  /** First value beyond the series. */
  to: number | undefined;
  step: number;
  /** Where bins begin when no `from` says so. */
  origin: number;
}

/** The values of one group: results per bin, by the bin's number. */
interface Group {
  keys: Value[];
  bins: Map<number, Accumulator[]>;
}

function constantNumber(expression: Expression | undefined, scope: RowScope, what: string): number | undefined {
  if (!expression) return undefined;
  const value = constantValue(compile(expression, scope));
  if (typeof value === "number") return value;
  throw new KqlError("EvaluationFailed", `'${what}' of 'make-series' is not a constant`);
}

function rangeOf(step: MakeSeriesStep, type: KqlType, scope: RowScope): Range {
  const width = constantNumber(step.step, scope, "step");
  if (width === undefined || width <= 0)
    throw new KqlError("EvaluationFailed", "the step of 'make-series' is not positive");
  const from = constantNumber(step.from, scope, "from");
  const last = constantNumber(step.to, scope, "to");
  const to = last !== undefined && step.inclusive ? last + 1 : last;
  return { from, to, step: width, origin: from ?? originOf(type, width) };
}

/** The first and the count of a group's bins; what the query leaves open is where the group has rows. */
function extentOf(group: Group, { from, to, step, origin }: Range): { first: number; count: number } {
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  for (const bin of group.bins.keys()) {
    least = Math.min(least, bin);
    greatest = Math.max(greatest, bin);
  }
  const first = from !== undefined ? 0 : least;
  const end = to !== undefined ? Math.ceil((to - origin) / step) : greatest + 1;
  const count = Number.isFinite(first) && Number.isFinite(end) ? Math.max(0, end - first) : 0;
  if (count > LENGTH_MAX) {
    throw new KqlError("EvaluationFailed", `a series would have ${count} elements; at most ${LENGTH_MAX} are allowed`);
  }
  return { first, count };
}

/** Arrays of values at even steps, one per aggregate and group; steps without rows hold the default. */
export function makeSeries(step: MakeSeriesStep, columns: readonly Column[], { execution }: Toolkit): PreparedStep {
  const scope = execution.scope(columns);
  const { budget } = execution;
  const keys = step.by.map((item) => compile(item.value, scope));
  const on = compile(step.on.value, scope);
  const at = number(on);
  const range = rangeOf(step, on.type, scope);
  const ready: ReadyAggregate[] = [];
  let offset = 0;
  for (const aggregate of step.aggregates) {
    const next = prepareAggregate(aggregate, step.by, offset, scope);
    ready.push(next);
    offset += next.prepared.types.length;
  }
  const inner: RowScope = {
    ...scope,
    columns: [],
    aggregates: ready.map(({ prepared, offset: place }) => ({
      type: prepared.types[0] ?? "dynamic",
      value: (row: Row) => row[place] ?? null,
      constant: false,
    })),
  };
  const series = step.series.map(({ value, fallback }) => ({
    compiled: compile(value, inner),
    fallback: fallback ? defaultOf(compile(fallback, scope)) : 0,
  }));
  const output: Column[] = [
    ...step.by.map((item, index): Column => ({ name: item.name, type: keys[index]?.type ?? "dynamic" })),
    ...step.series.map(({ name }): Column => ({ name, type: "dynamic" })),
    { name: step.on.name, type: "dynamic" },
  ];
  const accumulators = () => ready.map(({ prepared }) => prepared.begin());

  const rowOf = (group: Group): Value[] => {
    const { first, count } = extentOf(group, range);
    budget.output(count, series.length + 1);
    budget.hold(count * (series.length + 1));
    const arrays: Json[][] = series.map(() => []);
    const axis: Json[] = [];
    for (let bin = first; bin < first + count; bin++) {
      budget.step();
      axis.push(jsonOf(range.origin + bin * range.step, on.type));
      const results = group.bins.get(bin)?.flatMap((accumulator) => accumulator.results());
      for (const [place, { compiled, fallback }] of series.entries()) {
        arrays[place]?.push(results ? jsonOf(compiled.value(results, bin), compiled.type) : fallback);
      }
    }
    return [...group.keys, ...arrays, axis];
  };

  return gathering(output, () => {
    const groups = new Map<string, Group>();
    if (step.evenEmpty && keys.length === 0) groups.set(rowKey([]), { keys: [], bins: new Map() });
    return {
      add: (input) => {
        execution.touch(input);
        scope.current = input;
        for (const [index, row] of input.rows.entries()) {
          budget.step();
          const value = at(row, index);
          if (value === null || (range.from !== undefined && value < range.from)) continue;
          if (range.to !== undefined && value >= range.to) continue;
          const values = keys.map((key) => key.value(row, index));
          const id = rowKey(values);
          let group = groups.get(id);
          if (!group) {
            group = { keys: values, bins: new Map() };
            groups.set(id, group);
          }
          const bin = Math.floor((value - range.origin) / range.step);
          let bins = group.bins.get(bin);
          if (!bins) {
            bins = accumulators();
            group.bins.set(bin, bins);
            budget.hold(offset + 1);
          }
          for (const accumulator of bins) accumulator.add(row, index);
        }
        return true;
      },
      finish: () => ownedRelation(output, [...groups.values()].map(rowOf)),
    };
  });
}

function defaultOf(compiled: Compiled): Json {
  const value = constantValue(compiled);
  return value === undefined ? 0 : jsonOf(value, compiled.type);
}

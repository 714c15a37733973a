import type { KqlType, Value } from "../../types";
import { compareValues } from "../../values/compare";
import { exactLong } from "../../values/parse";
import { bool, type Compiled, type Evaluate, number } from "../compiled";
import { type AggregateSpec, type AggregateTable, folding } from "./aggregate";

/** The condition that an `...if` aggregate has as its last argument; always true for the plain ones. */
function conditionOf(argument: Compiled | undefined): Evaluate<boolean> {
  if (!argument) return () => true;
  const read = bool(argument);
  return (row, index) => read(row, index) === true;
}

/** The type of a sum: spans stay spans, whole numbers whole. */
function sumType(type: KqlType | undefined): KqlType {
  if (type === "timespan" || type === "real" || type === "decimal") return type;
  return type === "dynamic" ? "real" : "long";
}

function meanType(type: KqlType | undefined): KqlType {
  return type === "timespan" || type === "datetime" || type === "decimal" ? type : "real";
}

/** Both forms of an aggregate over numbers: `sum(x)` and `sumif(x, condition)`. */
function both<S>(
  name: string,
  typeOf: (type: KqlType | undefined) => KqlType,
  begin: () => S,
  add: (state: S, value: number) => S,
  result: (state: S) => Value,
): Record<string, AggregateSpec> {
  const make = (args: readonly Compiled[], conditional: boolean) => {
    const read = number(args[0]);
    const wanted = conditionOf(conditional ? args[1] : undefined);
    const type = typeOf(args[0]?.type);
    return folding(
      type,
      begin,
      (state: S, row, index) => {
        if (!wanted(row, index)) return state;
        const value = read(row, index);
        return value === null ? state : add(state, value);
      },
      (state) => {
        const value = result(state);
        return type === "long" && typeof value === "number" ? exactLong(value) : value;
      },
    );
  };
  return {
    [name]: { min: 1, max: 1, make: (args) => make(args, false) },
    [`${name}if`]: { min: 2, max: 2, make: (args) => make(args, true) },
  };
}

interface Moments {
  count: number;
  mean: number;
  squares: number;
}

/** Welford's update: exact enough where sums of squares are not. */
function addMoment({ count, mean, squares }: Moments, value: number): Moments {
  const seen = count + 1;
  const delta = value - mean;
  const next = mean + delta / seen;
  return { count: seen, mean: next, squares: squares + delta * (value - next) };
}

function spread(name: string, sample: boolean, root: boolean): Record<string, AggregateSpec> {
  return both<Moments>(
    name,
    () => "real",
    () => ({ count: 0, mean: 0, squares: 0 }),
    addMoment,
    ({ count, squares }) => {
      // "Aggregates default values" of the page about summarize names the two of a sample only.
      if (count === 0) return sample ? 0 : null;
      const variance = sample ? (count < 2 ? 0 : squares / (count - 1)) : squares / count;
      return root ? Math.sqrt(variance) : variance;
    },
  );
}

/** `min` and `max`, of any type that has an order. */
function extreme(name: string, wanted: 1 | -1): Record<string, AggregateSpec> {
  const make = (args: readonly Compiled[], conditional: boolean) => {
    const [argument] = args;
    const wantedRow = conditionOf(conditional ? args[1] : undefined);
    const value: Evaluate = argument?.value ?? (() => null);
    return folding<Value>(
      argument?.type ?? "dynamic",
      () => null,
      (best, row, index) => {
        if (!wantedRow(row, index)) return best;
        const each = value(row, index);
        if (each === null) return best;
        return best === null || compareValues(each, best) * wanted > 0 ? each : best;
      },
      (best) => (best === null && argument?.type === "string" ? "" : best),
    );
  };
  return {
    [name]: { min: 1, max: 1, make: (args) => make(args, false) },
    [`${name}if`]: { min: 2, max: 2, make: (args) => make(args, true) },
  };
}

const count: AggregateSpec = {
  min: 0,
  max: 0,
  make: () =>
    folding(
      "long",
      () => 0,
      (seen) => seen + 1,
      (seen) => seen,
    ),
};

const countIf: AggregateSpec = {
  min: 1,
  max: 1,
  make: ([condition]) => {
    const wanted = conditionOf(condition);
    return folding(
      "long",
      () => 0,
      (seen: number, row, index) => (wanted(row, index) ? seen + 1 : seen),
      (seen) => seen,
    );
  },
};

export const NUMBER_AGGREGATES: AggregateTable = {
  count,
  countif: countIf,
  ...both<number>(
    "sum",
    sumType,
    () => 0,
    (sum, value) => sum + value,
    (sum) => sum,
  ),
  ...both<{ sum: number; count: number }>(
    "avg",
    meanType,
    () => ({ sum: 0, count: 0 }),
    ({ sum, count: seen }, value) => ({ sum: sum + value, count: seen + 1 }),
    ({ sum, count: seen }) => (seen === 0 ? null : sum / seen),
  ),
  ...extreme("min", -1),
  ...extreme("max", 1),
  ...spread("stdev", true, true),
  ...spread("variance", true, false),
  ...spread("stdevp", false, true),
  ...spread("variancep", false, false),
};

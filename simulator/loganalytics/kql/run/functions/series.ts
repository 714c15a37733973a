import type { Json, Value } from "../../types";
import { isArray } from "../../values/parse";
import { decompose, fillLinear, fitLine, outliers, type Series, statsOf, type Trend } from "../../values/series";
import { bool, type Compiled, json, number, otherwise, type Reader, raw } from "../compiled";
import { call1, call2, computed, type FunctionSpec, type FunctionTable } from "../function";

/** An array as a series; null for anything else. */
const series: Reader<Series> = (argument) => {
  const read = json(argument);
  return (row, index) => {
    const value = read(row, index);
    return isArray(value) ? value.map((each) => (typeof each === "number" ? each : null)) : null;
  };
};

/** A function of a series and some arguments that differ from row to row at most in theory. */
function ofSeries(
  min: number,
  max: number,
  apply: (values: Series, args: readonly Value[]) => Json,
  approximate = false,
): FunctionSpec {
  return {
    min,
    max,
    approximate,
    make: ([first, ...rest]) => {
      const read = series(first);
      const reads = rest.map((each) => raw(each));
      return computed("dynamic", (row, index) => {
        const values = read(row, index);
        return (
          values &&
          apply(
            values,
            reads.map((each) => each(row, index)),
          )
        );
      });
    },
  };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function each(apply: (value: number) => number): FunctionSpec {
  return call1("dynamic", series, (values) => values.map((value) => (value === null ? null : finite(apply(value)))));
}

/** A series, or one value that stands for as many as the other side has. */
function operand(argument: Compiled | undefined) {
  const read = json(argument);
  return (row: Parameters<typeof read>[0], index: number): Series | number | null => {
    const value = read(row, index);
    if (typeof value === "number") return value;
    return isArray(value) ? value.map((one) => (typeof one === "number" ? one : null)) : null;
  };
}

function pairwise(apply: (left: number, right: number) => number | boolean): FunctionSpec {
  return {
    min: 2,
    max: 2,
    make: ([left, right]) => {
      const [a, b] = [operand(left), operand(right)];
      return computed("dynamic", (row, index) => {
        const [first, second] = [a(row, index), b(row, index)];
        if (first === null || second === null) return null;
        const length = Math.max(
          typeof first === "number" ? 0 : first.length,
          typeof second === "number" ? 0 : second.length,
        );
        return Array.from({ length }, (_, at) => {
          const x = typeof first === "number" ? first : (first[at] ?? null);
          const y = typeof second === "number" ? second : (second[at] ?? null);
          if (x === null || y === null) return null;
          const result = apply(x, y);
          return typeof result === "number" ? finite(result) : result;
        });
      });
    },
  };
}

function products(left: Series, right: Series): number {
  return left.reduce<number>((sum, value, at) => sum + (value ?? 0) * (right[at] ?? 0), 0);
}

function correlation(left: Series, right: Series): number | null {
  const [a, b] = [statsOf(left), statsOf(right)];
  if (!a || !b || left.length !== right.length) return null;
  const x = left.map((value) => (value ?? 0) - a.avg);
  const y = right.map((value) => (value ?? 0) - b.avg);
  return finite(products(x, y) / Math.sqrt(products(x, x) * products(y, y)));
}

/** Runs through a series, filling gaps with the last value seen. */
function carried(values: readonly Json[], missing: Json): Json[] {
  let last: Json = missing;
  return values.map((value) => {
    if (value === missing) return last;
    last = value;
    return value;
  });
}

function filling(apply: (values: readonly Json[], missing: Json) => Json[]): FunctionSpec {
  return {
    min: 1,
    max: 2,
    make: ([list, missing]) => {
      const read = json(list);
      const placeholder = json(missing);
      return computed("dynamic", (row, index) => {
        const values = read(row, index);
        return isArray(values) ? apply(values, placeholder(row, index)) : null;
      });
    },
  };
}

const fillConst: FunctionSpec = {
  min: 2,
  max: 3,
  make: ([list, fallback, missing]) => {
    const [read, value, placeholder] = [json(list), json(fallback), json(missing)];
    return computed("dynamic", (row, index) => {
      const values = read(row, index);
      const gap = placeholder(row, index);
      return isArray(values) ? values.map((one) => (one === gap ? value(row, index) : one)) : null;
    });
  },
};

const linear: FunctionSpec = {
  min: 1,
  max: 4,
  make: ([list, missing, edges, fallback]) => {
    const read = json(list);
    const placeholder = json(missing);
    const fillEdges = otherwise(bool, true)(edges);
    const rest = otherwise(number, 0)(fallback);
    return computed("dynamic", (row, index) => {
      const values = read(row, index);
      if (!isArray(values)) return null;
      const gap = placeholder(row, index);
      const numbers = values.map((one) => (one === gap || typeof one !== "number" ? null : one));
      return fillLinear(numbers, fillEdges(row, index) !== false, rest(row, index) ?? 0);
    });
  },
};

function numberOr(value: Value | undefined, fallback: number): number {
  return typeof value === "number" ? value : fallback;
}

function trendOf(value: Value | undefined): Trend {
  return value === "linefit" || value === "none" ? value : "avg";
}

export const SERIES: FunctionTable = {
  series_fill_const: fillConst,
  series_fill_forward: filling(carried),
  series_fill_backward: filling((values, missing) => carried([...values].reverse(), missing).reverse()),
  series_fill_linear: linear,
  series_stats: ofSeries(1, 2, (values) => statsOf(values)),
  series_stats_dynamic: ofSeries(1, 2, (values) => statsOf(values)),
  series_fit_line: ofSeries(1, 1, (values) => fitLine(values)),
  series_fit_line_dynamic: ofSeries(1, 1, (values) => fitLine(values)),
  series_outliers: ofSeries(
    1,
    5,
    (values, [, ignored, low, high]) =>
      outliers(
        values.map((value) => (value === ignored ? null : value)),
        numberOr(low, 10),
        numberOr(high, 90),
      ),
    true,
  ),
  series_decompose: ofSeries(
    1,
    5,
    (values, [period, trend, points]) =>
      decompose(values, Math.max(0, numberOr(period, -1)), trendOf(trend), numberOr(points, 0)),
    true,
  ),
  series_decompose_anomalies: ofSeries(
    1,
    7,
    (values, [threshold, period, trend, points]) => {
      const { baseline, residual } = decompose(
        values,
        Math.max(0, numberOr(period, -1)),
        trendOf(trend),
        numberOr(points, 0),
      );
      const scores = outliers(residual);
      const limit = numberOr(threshold, 1.5);
      return {
        ad_flag: scores.map((score) => (Math.abs(score) > limit ? Math.sign(score) : 0)),
        ad_score: scores,
        baseline,
      };
    },
    true,
  ),
  series_sum: call1("real", series, (values) => values.reduce<number>((sum, value) => sum + (value ?? 0), 0)),
  series_product: call1("real", series, (values) => values.reduce<number>((all, value) => all * (value ?? 1), 1)),
  series_magnitude: call1("real", series, (values) => Math.sqrt(products(values, values))),
  series_dot_product: call2("real", [series, series], products),
  series_cosine_similarity: call2("real", [series, series], (left, right) =>
    finite(products(left, right) / Math.sqrt(products(left, left) * products(right, right))),
  ),
  series_pearson_correlation: call2("real", [series, series], correlation),
  series_add: pairwise((left, right) => left + right),
  series_subtract: pairwise((left, right) => left - right),
  series_multiply: pairwise((left, right) => left * right),
  series_divide: pairwise((left, right) => left / right),
  series_pow: pairwise((left, right) => left ** right),
  series_greater: pairwise((left, right) => left > right),
  series_greater_equals: pairwise((left, right) => left >= right),
  series_less: pairwise((left, right) => left < right),
  series_less_equals: pairwise((left, right) => left <= right),
  series_equals: pairwise((left, right) => left === right),
  series_not_equals: pairwise((left, right) => left !== right),
  series_abs: each(Math.abs),
  series_sign: each((value) => Math.sign(value) + 0),
  series_exp: each(Math.exp),
  series_log: each(Math.log),
  series_floor: each(Math.floor),
  series_ceiling: each((value) => Math.ceil(value) + 0),
  series_sin: each(Math.sin),
  series_cos: each(Math.cos),
  series_tan: each(Math.tan),
  series_asin: each(Math.asin),
  series_acos: each(Math.acos),
  series_atan: each(Math.atan),
};

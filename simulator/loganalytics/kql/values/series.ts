/*
 * Arithmetic on series: arrays of numbers, null where there is none. Decomposition and outliers are approximate: how the
 * service finds periods and calibrates its scores is not published in enough detail to be repeated.
 */

export type Series = readonly (number | null)[];

function present(series: Series): number[] {
  return series.filter((each): each is number => each !== null);
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, each) => sum + each, 0) / values.length;
}

/** The position and size of the least and greatest value, mean and spread of a sample. */
export function statsOf(series: Series) {
  const values = present(series);
  if (values.length === 0) return null;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const avg = mean(values);
  const squares = values.reduce((sum, each) => sum + (each - avg) ** 2, 0);
  const variance = values.length > 1 ? squares / (values.length - 1) : 0;
  return {
    min,
    min_idx: series.indexOf(min),
    max,
    max_idx: series.indexOf(max),
    avg,
    stdev: Math.sqrt(variance),
    variance,
  };
}

/** Least squares through a series whose positions are 0, 1, 2 and so on; gaps are left out. */
export function fitLine(series: Series) {
  const points = series.flatMap((y, x) => (y === null ? [] : [{ x, y }]));
  if (points.length === 0) return null;
  const meanX = mean(points.map(({ x }) => x));
  const meanY = mean(points.map(({ y }) => y));
  const sxx = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  const sxy = points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0);
  const syy = points.reduce((sum, { y }) => sum + (y - meanY) ** 2, 0);
  const slope = sxx === 0 ? 0 : sxy / sxx;
  const interception = meanY - slope * meanX;
  const rest = points.reduce((sum, { x, y }) => sum + (y - interception - slope * x) ** 2, 0);
  return {
    rsquare: syy === 0 ? 1 : 1 - rest / syy,
    slope,
    variance: syy / points.length,
    rvariance: rest / points.length,
    interception,
    line_fit: series.map((_, x) => interception + slope * x),
  };
}

/** Percentile of a sorted list, between its neighbours. */
function percentile(sorted: readonly number[], percent: number): number {
  const place = (percent / 100) * (sorted.length - 1);
  const low = sorted[Math.floor(place)] ?? 0;
  const high = sorted[Math.ceil(place)] ?? low;
  return low + (high - low) * (place - Math.floor(place));
}

/** How far each value lies beyond the span from one percentile to another, in widths of that span; 0 inside. */
export function outliers(series: Series, low = 10, high = 90): number[] {
  const sorted = present(series).sort((a, b) => a - b);
  const bottom = percentile(sorted, low);
  const top = percentile(sorted, high);
  const width = top - bottom;
  return series.map((value) => {
    if (value === null) return 0;
    const beyond = value > top ? value - top : value < bottom ? value - bottom : 0;
    if (beyond === 0) return 0;
    // Where nearly all values are equal, any other is as far off as can be told.
    return width === 0 ? Math.sign(beyond) * Number.MAX_SAFE_INTEGER : beyond / width;
  });
}

export type Trend = "avg" | "linefit" | "none";

/** A series whose outliers are brought to the edge of the others, so that one flood does not bend the line through all. */
function withoutOutliers(series: Series): Series {
  const sorted = present(series).sort((a, b) => a - b);
  const [bottom, top] = [percentile(sorted, 10), percentile(sorted, 90)];
  const reach = 1.5 * (top - bottom);
  return series.map((value) => (value === null ? null : Math.min(top + reach, Math.max(bottom - reach, value))));
}

/** Baseline, season, trend and rest. `period` is the length of the season in steps; 0 for none. */
export function decompose(series: Series, period: number, trendKind: Trend, testPoints = 0) {
  const learnt = series.slice(0, Math.max(0, series.length - testPoints));
  const line = trendKind === "linefit" ? fitLine(withoutOutliers(learnt)) : null;
  const level = trendKind === "avg" ? mean(present(learnt)) : 0;
  const trend = series.map((_, x) => (line ? line.interception + line.slope * x : level));
  const phases = Array.from({ length: Math.max(1, period) }, (): number[] => []);
  for (const [x, value] of learnt.entries()) {
    if (value !== null) phases[x % phases.length]?.push(value - (trend[x] ?? 0));
  }
  const means = phases.map((values) => (period > 1 ? mean(values) : 0));
  const seasonal = series.map((_, x) => means[x % means.length] ?? 0);
  const baseline = trend.map((value, x) => value + (seasonal[x] ?? 0));
  const residual = series.map((value, x) => (value ?? 0) - (baseline[x] ?? 0));
  return { baseline, seasonal, trend, residual };
}

/** Puts a value into every gap, by the neighbours on both sides; beyond the first and last value theirs. */
export function fillLinear(series: Series, fillEdges: boolean, fallback: number): (number | null)[] {
  const known = series.flatMap((value, at) => (value === null ? [] : [at]));
  if (known.length === 0) return series.map(() => fallback);
  let next = 0;
  return series.map((value, at) => {
    if (value !== null) return value;
    while (next < known.length && (known[next] ?? 0) < at) next++;
    const before = known[next - 1];
    const after = known[next];
    if (before === undefined || after === undefined) {
      const edge = before ?? after;
      return fillEdges && edge !== undefined ? (series[edge] ?? null) : null;
    }
    const [low, high] = [series[before] ?? 0, series[after] ?? 0];
    return low + ((high - low) * (at - before)) / (after - before);
  });
}

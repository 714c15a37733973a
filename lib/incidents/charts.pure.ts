import type { Range, Severity } from "./list.pure";
import type { Touch } from "./select.pure";

/** One bar over time: touches of each severity from `start`, milliseconds since 1970, to the next bar. */
export type TimeBar = { start: number } & Record<Severity, number>;

export interface RankBar {
  label: string;
  count: number;
}

/** The most frequent, most first, and how many others there are with how much together. */
export interface Ranking {
  bars: RankBar[];
  others: number;
  rest: number;
}

/** What the four charts show. */
export interface ChartFigures {
  overTime: { bars: TimeBar[]; unit: "hour" | "day" };
  /** Alerts, not touches: an alert that names several operations does not say how often it saw each. */
  operations: Ranking;
  callers: Ranking;
  vaults: Ranking;
}

const BARS_MAX = 10;
const HOUR_MS = 60 * 60 * 1000;

/**
 * Counts the touches behind the charts: over time in hours for one day and else in days, on the clock of whoever looks,
 * and by operation, caller and vault, most first and ten at most.
 * @param now milliseconds since 1970
 */
export function chartFigures(touches: readonly Touch[], range: Range, now: number): ChartFigures {
  return {
    overTime: overTime(touches, range, now),
    operations: ranked(
      touches,
      ({ operations }) => operations,
      () => 1,
    ),
    callers: ranked(touches, ({ callers }) => callers, countOf),
    vaults: ranked(touches, ({ vaults }) => vaults.map(({ name }) => name), countOf),
  };
}

const countOf = (touch: Touch): number => touch.touches;

function overTime(touches: readonly Touch[], range: Range, now: number): ChartFigures["overTime"] {
  const unit = range === "1" ? "hour" : "day";
  const starts = unit === "hour" ? hoursUntil(now) : daysUntil(now, Number(range));
  const bars = starts.map((start): TimeBar => ({ start, High: 0, Medium: 0, Low: 0, Informational: 0 }));
  let at = 0;
  // Alerts come oldest first, so the place only moves on.
  for (const touch of touches) {
    const time = Date.parse(touch.at);
    if (time < (starts[at] ?? 0)) at = 0;
    while (at + 1 < bars.length && (starts[at + 1] ?? 0) <= time) at++;
    const bar = bars[at];
    if (bar && time >= bar.start) bar[touch.severity] += touch.touches;
  }
  return { bars, unit };
}

function hoursUntil(now: number): number[] {
  const last = new Date(now).setMinutes(0, 0, 0);
  return Array.from({ length: 25 }, (_, index) => last - (24 - index) * HOUR_MS);
}

/** Beginnings of local days; a day may have 23 or 25 hours. */
function daysUntil(now: number, days: number): number[] {
  const today = new Date(now);
  return Array.from({ length: days + 1 }, (_, index) =>
    new Date(today.getFullYear(), today.getMonth(), today.getDate() - days + index).getTime(),
  );
}

function ranked(
  touches: readonly Touch[],
  labelsOf: (touch: Touch) => readonly string[],
  count: (touch: Touch) => number,
): Ranking {
  const totals = new Map<string, number>();
  for (const touch of touches)
    for (const label of labelsOf(touch)) totals.set(label, (totals.get(label) ?? 0) + count(touch));
  const all = [...totals]
    .map(([label, total]) => ({ label, count: total }))
    .filter((bar) => bar.count > 0)
    .toSorted((a, b) => b.count - a.count || (a.label < b.label ? -1 : 1));
  const others = all.slice(BARS_MAX);
  const rest = others.reduce((sum, bar) => sum + bar.count, 0);
  return { bars: all.slice(0, BARS_MAX), others: others.length, rest };
}

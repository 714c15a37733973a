import type { Delays } from "../../context";
import type { RuleProgress } from "../documents";
import type { RuleSettings } from "./rule-settings";

/**
 * One run of a rule, milliseconds since 1970. A near-real-time run reads the rows that arrived in `after < t <= until`; a
 * scheduled one those with `after <= TimeGenerated < until` that have arrived when it runs.
 */
export interface Run {
  at: number;
  after: number;
  until: number;
}

/**
 * The oldest events that a near-real-time rule is handed: sources that are further behind are not for such rules.
 * Source: Microsoft Learn, "Near-real-time analytics rules", considerations.
 */
export const NEAR_REAL_TIME_AGE_MAX_MS = 12 * 3_600_000;

/** How far apart the runs of a rule are, how far back each looks, and how long after the end of its window it runs. */
export function paceOf({ schedule }: RuleSettings, delays: Delays): { step: number; period: number; delay: number } {
  if (schedule) {
    return { step: schedule.queryFrequency, period: schedule.queryPeriod, delay: delays.scheduledDelay };
  }
  const { nearRealTimeCadence: step, nearRealTimeDelay: delay } = delays;
  return { step, period: step, delay };
}

/** The run after the last one. */
export function nextRun(settings: RuleSettings, { ranUntil }: Pick<RuleProgress, "ranUntil">, delays: Delays): Run {
  const { step, period, delay } = paceOf(settings, delays);
  const until = ranUntil + step;
  return { at: until + delay, after: until - period, until };
}

/**
 * Where a rule stands that is switched on at `enabledAt`. A scheduled one runs at once, or first at its start time; a
 * near-real-time one at the next full step, which covers what arrived since.
 */
export function beginning(settings: RuleSettings, enabledAt: number, delays: Delays): number {
  const { step, delay } = paceOf(settings, delays);
  if (!settings.schedule) return Math.floor((enabledAt - delay) / step) * step;
  const start = Date.parse(settings.schedule.startTimeUtc ?? "");
  // A start time that has passed still says at which moments the runs lie.
  const first = Number.isNaN(start) ? enabledAt : start + Math.max(0, Math.ceil((enabledAt - start) / step)) * step;
  return first - delay - step;
}

/** How many runs from the next one on are due by `until`. */
export function runsUntil(
  settings: RuleSettings,
  progress: Pick<RuleProgress, "ranUntil">,
  until: number,
  delays: Delays,
) {
  const { step } = paceOf(settings, delays);
  return Math.max(0, Math.floor((until - nextRun(settings, progress, delays).at) / step) + 1);
}

import type { Delays } from "./context";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** What Azure documents as its usual case, or the worst of it; sources in `Delays`. */
export const REAL_DELAYS: Readonly<Delays> = {
  ingestionMin: 3 * MINUTE,
  ingestionMax: 10 * MINUTE,
  ingestionLatePercent: 0,
  ingestionLateMax: 120 * MINUTE,
  watchlist: 5 * MINUTE,
  grant: 10 * MINUTE,
  diagnostics: 90 * MINUTE,
  resourceGraph: 30 * SECOND,
  nearRealTimeCadence: MINUTE,
  nearRealTimeDelay: 2 * MINUTE,
  scheduledDelay: 5 * MINUTE,
  incident: 30 * SECOND,
  defenderPortal: 5 * MINUTE,
  policy: 15 * MINUTE,
  roleScheduleMinimum: 5 * MINUTE,
};

/** Short enough to watch, long enough that a product which does not wait is caught. */
export const FAST_DELAYS: Readonly<Delays> = {
  ingestionMin: 2 * SECOND,
  ingestionMax: 4 * SECOND,
  ingestionLatePercent: 0,
  ingestionLateMax: 30 * SECOND,
  watchlist: 1.5 * SECOND,
  grant: SECOND,
  diagnostics: 3 * SECOND,
  resourceGraph: 0.5 * SECOND,
  nearRealTimeCadence: 5 * SECOND,
  nearRealTimeDelay: 2 * SECOND,
  scheduledDelay: 5 * SECOND,
  incident: SECOND,
  defenderPortal: 2 * SECOND,
  policy: 3 * SECOND,
  roleScheduleMinimum: 2 * SECOND,
};

import "server-only";

/** What "thirty days of rows" asks for. */
const DAYS_WANTED = 30;
/** A vault may rest: a week without a row is no gap in its log, more may be one. */
const REST_DAYS = 7;
/** Rows that are missing at the far end alone, as over a weekend, are not held against a vault. */
const FAR_END_DAYS = 3;

/**
 * Days up to now that a log covers, 30 at most, from the days on which it has rows (0 = the last 24 hours). Ends at the
 * first stretch of more than a week without one: logging may have been off.
 */
export function daysCovered(daysWithRows: readonly number[]): number {
  let reached = -1;
  for (const day of [...daysWithRows].sort((a, b) => a - b)) {
    if (day - reached > REST_DAYS + 1) break;
    reached = day;
  }
  const days = reached + 1;
  return days + FAR_END_DAYS >= DAYS_WANTED ? DAYS_WANTED : days;
}

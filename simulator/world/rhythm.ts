const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Monday to Friday, 06:00 to 17:00 UTC: when people in Europe are at work. */
export function isWorkTime(at: number): boolean {
  const hour = Math.floor((at % DAY) / HOUR);
  return !isWeekend(at) && hour >= 6 && hour < 17;
}

/** Saturday or Sunday, UTC. */
export function isWeekend(at: number): boolean {
  const weekday = (Math.floor(at / DAY) + 4) % 7; // 1 January 1970 was a Thursday; 0 is Sunday
  return weekday === 0 || weekday === 6;
}

/** How busy a vault is at a time, beside its busiest: machines work at night and on Sundays too, only less. */
export function activity(at: number): number {
  if (isWorkTime(at)) return 1;
  return isWeekend(at) ? 0.35 : 0.5;
}

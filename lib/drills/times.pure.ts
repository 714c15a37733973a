import type { StageTimes } from "./drills.pure";

/** When one drill reached its stages, by the service's clock; null = it did not. */
export interface StageRecord {
  touchedAt: Date;
  row: Date | null;
  alert: Date | null;
  incident: Date | null;
}

const STAGES = ["row", "alert", "incident"] as const;

/** Half and 95 of 100 of the durations after the touch, by stage, milliseconds; over the drills that reached it. */
export function stageTimes(records: readonly StageRecord[]): StageTimes[] {
  return STAGES.map((stage) => {
    const durations = records.flatMap((record) => {
      const at = record[stage];
      return at ? [Math.max(0, at.getTime() - record.touchedAt.getTime())] : [];
    });
    return { stage, count: durations.length, p50: percentile(durations, 50), p95: percentile(durations, 95) };
  });
}

/** The same for each day (UTC, as 2026-11-30) on which a drill touched, oldest first. */
export function timesByDay(records: readonly StageRecord[]): { day: string; times: StageTimes[] }[] {
  const byDay = new Map<string, StageRecord[]>();
  for (const record of records) {
    const day = record.touchedAt.toISOString().slice(0, 10);
    const found = byDay.get(day);
    if (found) found.push(record);
    else byDay.set(day, [record]);
  }
  return [...byDay].sort(([a], [b]) => a.localeCompare(b)).map(([day, of]) => ({ day, times: stageTimes(of) }));
}

/** The smallest value that so many of 100 do not exceed (nearest rank); null of none. */
export function percentile(values: readonly number[], percent: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? null;
}

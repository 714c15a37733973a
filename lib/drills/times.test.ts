import { expect, test } from "vitest";
import { percentile, stageTimes, timesByDay } from "./times.pure";

const at = (text: string) => new Date(`2026-11-${text}Z`);
const record = (day: string, seconds: number, incident = true) => {
  const touchedAt = at(`${day}T08:00:00`);
  const after = (factor: number) => new Date(touchedAt.getTime() + factor * seconds * 1_000);
  return { touchedAt, row: after(1), alert: after(2), incident: incident ? after(3) : null };
};

test("percentiles are values that occurred; of none there is none", () => {
  expect(percentile([], 50)).toBeNull();
  expect(percentile([7], 95)).toBe(7);
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect([percentile(hundred, 50), percentile(hundred, 95)]).toEqual([50, 95]);
});

test("a stage is counted over those that reached it only", () => {
  const times = stageTimes([record("20", 1), record("20", 3), record("20", 5, false)]);
  expect(times).toEqual([
    { stage: "row", count: 3, p50: 3_000, p95: 5_000 },
    { stage: "alert", count: 3, p50: 6_000, p95: 10_000 },
    { stage: "incident", count: 2, p50: 3_000, p95: 9_000 },
  ]);
});

test("days come in order, each with its own", () => {
  const days = timesByDay([record("21", 2), record("20", 1)]);
  expect(days.map(({ day, times }) => [day, times[0]?.p50])).toEqual([
    ["2026-11-20", 1_000],
    ["2026-11-21", 2_000],
  ]);
});

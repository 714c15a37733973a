import { expect, test } from "vitest";
import { ageOf, bothTimes } from "./age";

const NOW = Date.parse("2026-11-22T12:00:00Z");

test.each([
  ["2026-11-22T11:59:30Z", "just now"],
  ["2026-11-22T11:56:00Z", "4 min ago"],
  ["2026-11-22T09:30:00Z", "2 h ago"],
  ["2026-11-21T11:00:00Z", "1 day ago"],
  ["2026-11-12T12:00:00Z", "10 days ago"],
  ["2026-11-22T12:05:00Z", "just now"],
])("%s is %s", (at, words) => {
  expect(ageOf(at, NOW)).toBe(words);
});

test("the hover text has UTC, to compare with a log", () => {
  expect(bothTimes("2026-11-22T09:30:15.123Z")).toContain("2026-11-22 09:30:15 UTC");
});

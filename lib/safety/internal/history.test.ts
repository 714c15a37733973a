import fc from "fast-check";
import { expect, test } from "vitest";
import { daysCovered } from "./history";

const upTo = (last: number, step = 1) => Array.from({ length: Math.floor(last / step) + 1 }, (_, i) => i * step);

test.each([
  ["no row", [], 0],
  ["a row today", [0], 1],
  ["a row on every day of five weeks", upTo(36), 30],
  ["a row a week", upTo(35, 7), 30],
  ["rows since 26 days ago: the far weekend was quiet", upTo(26), 30],
  ["rows since 25 days ago", upTo(25), 26],
  ["logging since twelve days", upTo(11), 12],
  ["a gap of nine days after the last ten", [...upTo(9), ...upTo(36).filter((day) => day > 18)], 10],
  ["nothing within the last nine days", upTo(36).filter((day) => day > 8), 0],
])("with %s", (_, days, covered) => {
  expect(daysCovered(days)).toBe(covered);
});

test("is between 0 and 30, whatever the order, and never less with one more row", () => {
  const days = fc.array(fc.integer({ min: 0, max: 37 }), { maxLength: 40 });
  fc.assert(
    fc.property(days, fc.integer({ min: 0, max: 37 }), (list, more) => {
      const covered = daysCovered(list);
      expect(covered).toBeGreaterThanOrEqual(0);
      expect(covered).toBeLessThanOrEqual(30);
      expect(daysCovered([...list].reverse())).toBe(covered);
      expect(daysCovered([...list, more])).toBeGreaterThanOrEqual(covered);
    }),
  );
});

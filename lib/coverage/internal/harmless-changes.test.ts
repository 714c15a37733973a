import { expect, test } from "vitest";
import { harmlessChanges } from "./harmless-changes";

const at = (...hours: number[]) => hours.map((hour) => new Date(Date.UTC(2026, 10, 22, hour)));

test("one change between two checks that found the same interrupted nothing", () => {
  expect(harmlessChanges(at(3), at(1, 5))).toEqual(at(3));
  expect(harmlessChanges(at(3, 7), at(1, 5, 9))).toEqual(at(3, 7));
  expect(harmlessChanges(at(5), at(1, 5))).toEqual(at(5));
});

test("two changes may have switched the log off and on again", () => {
  expect(harmlessChanges(at(2, 3), at(1, 5))).toEqual([]);
  expect(harmlessChanges([...at(3), ...at(3)], at(1, 5))).toEqual([]);
  expect(harmlessChanges(at(2, 3, 7), at(1, 5, 9))).toEqual(at(7));
});

test("a change that no check stands before or after says nothing", () => {
  expect(harmlessChanges(at(3), at(5, 9))).toEqual([]);
  expect(harmlessChanges(at(3), at(1, 2))).toEqual([]);
  expect(harmlessChanges(at(3), [])).toEqual([]);
});

import { expect, test } from "vitest";
import { mostFrequent } from "./totals";

test("of thousands of different sentences a plan holds the most frequent, and says how many more there are", () => {
  const many = new Map(Array.from({ length: 5_000 }, (_, index) => [`An application (${index}) reads it.`, 1]));
  many.set("Its audit log is off.", 70);
  const shown = mostFrequent(many);
  expect(shown).toHaveLength(41);
  expect(shown[0]).toEqual({ sentence: "Its audit log is off.", vaults: 70 });
  expect(shown.at(-1)).toMatchObject({ vaults: 4_961 });
  expect(shown.reduce((sum, { vaults }) => sum + vaults, 0)).toBe(5_070);
});

test("a few are all told, the most frequent first", () => {
  const few = new Map([
    ["b", 1],
    ["a", 1],
    ["c", 2],
  ]);
  expect(mostFrequent(few).map(({ sentence }) => sentence)).toEqual(["c", "a", "b"]);
});

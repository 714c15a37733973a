import { expect, test } from "vitest";
import { knownVersions } from "./schemes";

test("of earlier versions the generator sees those that ninety days of log show", () => {
  expect(knownVersions([0, 50, 120], 130)).toEqual([50, 120]);
});

test("where the log shows none, it sees the current one, which the list tells", () => {
  expect(knownVersions([0, 10], 200)).toEqual([10]);
});

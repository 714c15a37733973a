import { expect, test } from "vitest";
import { plural, shownOf } from "./plural";

test("one thing has no s, and thousands are apart", () => {
  expect([0, 1, 2, 3214].map((count) => plural(count, "vault"))).toEqual([
    "0 vaults",
    "1 vault",
    "2 vaults",
    "3,214 vaults",
  ]);
});

test("how many of a list are shown is said without All where there is one or none", () => {
  expect(shownOf(3, 12, "vault")).toBe("3 vaults of 12");
  expect(shownOf(12, 12, "vault")).toBe("All 12 vaults");
  expect(shownOf(1, 1, "vault")).toBe("1 vault");
  expect(shownOf(0, 0, "vault")).toBe("0 vaults");
  expect(shownOf(0, 1200, "vault")).toBe("0 vaults of 1,200");
});

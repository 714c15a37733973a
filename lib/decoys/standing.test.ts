import { describe, expect, test } from "vitest";
import { standingAmong } from "./standing";

const LIVE = ["tide-seed-uat", "reef-seed-uat", "tide-pin-uat", "lagoon-pin-uat"];
const wordsOf = (name: string) => name.split("-");
const standing = standingAmong(LIVE, ["dune-seed", "dune-pin", "moor-pin"], wordsOf);

describe("a name stands beyond those of its vault", () => {
  test("in no regard where it is made as they are", () => {
    expect(standing("reef-pin-uat")).toBe(0);
  });

  test("by being longer or shorter than all of them", () => {
    expect(standing("lagoon-reef-pin-uat")).toBe(1);
    expect(standing("reef-uat")).toBe(1);
  });

  test("by letters and words of nobody else, at its beginning and at its end", () => {
    // Fewer letters, fewer words, the last word; its first word is as new as theirs are.
    expect(standing("dune-tickets")).toBe(3);
  });

  test("by a first word that fewer have, where all of theirs are shared", () => {
    const shared = standingAmong(["sea-tide-seed", "sea-reef-seed", "sea-cove-seed"], [], wordsOf);
    expect(shared("sea-dune-seed")).toBe(0);
    // Fewer words and fewer letters in common come with it.
    expect(shared("land-bay-seed")).toBe(3);
  });

  test("by words of which siblings use each", () => {
    const known = standingAmong(LIVE, ["tide-x", "tide-y", "seed-x", "uat-x"], wordsOf);
    expect(known("tide-seed-uat")).toBe(0);
    const often = standingAmong(LIVE, ["reef-x", "reef-y", "pin-x", "pin-y", "uat-x", "uat-y"], wordsOf);
    expect(often("reef-pin-uat")).toBe(1);
  });
});

test("a name without words, such as a number, is measured too", () => {
  const numbers = standingAmong(["2024", "2025"], [], () => []);
  expect(numbers("2026")).toBe(0);
  expect(numbers("1999")).toBe(1);
});

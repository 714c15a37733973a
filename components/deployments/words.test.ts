import { describe, expect, test } from "vitest";
import { counts, deployment, fleet } from "@/components/testing/samples";
import { askedFor, durationOf, retried, things, titleOf } from "./words";

test.each([
  [0, "no time"],
  [1, "1 s"],
  [59.2, "60 s"],
  [60, "1 min"],
  [61, "2 min"],
  [3_600, "1 h"],
  [5_000, "1 h 24 min"],
  [86_400, "24 h"],
  [172_800, "2 days"],
  [190_000, "2 days 4 h"],
])("%d seconds are said as %s", (seconds, words) => {
  expect(durationOf(seconds)).toBe(words);
});

describe("a deployment is called", () => {
  test("by what is planted in one vault, and by how many vaults else", () => {
    expect(titleOf(deployment(0))).toBe("1 secret in kv-orders");
    expect(titleOf(deployment(0, { count: null, kind: "auto" }))).toBe("Honeytokens for kv-orders");
    expect(titleOf(fleet())).toBe("Honeytokens for 240 vaults");
    expect(titleOf(fleet({ operation: "retire" }))).toBe("Removal from 240 vaults");
  });
});

test("what was asked for is said whole", () => {
  expect(askedFor({ kind: "key", count: 2, spreadHours: 0, history: false })).toBe(
    "Keys; 2 in each vault; as fast as Azure allows",
  );
  expect(askedFor({ kind: "auto", count: null, spreadHours: 1, history: true })).toMatch(
    /as the settings say; spread over 1 hour; further versions over time, at the rhythm of each vault$/,
  );
});

test("what there is none of is not said", () => {
  expect(things({ secrets: 1, keys: 0 })).toBe("1 secret");
  expect(things({ secrets: 2, keys: 1 })).toBe("2 secrets and 1 key");
  expect(things({ secrets: 0, keys: 0 })).toBe("nothing");
  expect(retried(counts({ failed: 3 }))).toBe("3 failed");
  expect(retried(counts({ failed: 3, cancelled: 2 }))).toBe("3 failed and 2 cancelled");
});

import { describe, expect, test } from "vitest";
import { counts, deployment, fleet } from "@/components/testing/samples";
import { askedFor, durationOf, retried, things, titleOf, vaultPlan } from "./words";

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
  expect(askedFor({ operation: "plant", kind: "key", count: 2, spreadHours: 0, history: false })).toBe(
    "Keys; 2 in each vault; as fast as Azure allows",
  );
  expect(askedFor({ operation: "plant", kind: "auto", count: null, spreadHours: 1, history: true })).toMatch(
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

test("a replacement is of the kind and number of what it replaces, unless another is asked for", () => {
  const asked = { operation: "replace" as const, count: null, spreadHours: 0, history: false };
  expect(askedFor({ ...asked, kind: "auto" })).toBe(
    "Of the kind of those that they replace; as many as there were; as fast as Azure allows",
  );
  expect(askedFor({ ...asked, kind: "key", count: 1 })).toBe("Keys; 1 in each vault; as fast as Azure allows");
});

test("the plan of one vault says what is registered, written, deleted, given and taken back", () => {
  const removes = { secrets: 2, keys: 1 };
  const plan = { grant: "vault_role" as const, warnings: [], reasons: [] };
  expect(vaultPlan("plant", { kind: "secret", count: 1, plan })).toBe(
    "Registers and writes 1 secret; role at the vault, taken back afterwards",
  );
  expect(vaultPlan("replace", { kind: "key", count: 2, plan: { ...plan, removes } })).toBe(
    "Registers and writes 2 keys under new names, then deletes 2 secrets and 1 key; role at the vault, taken back afterwards",
  );
  expect(vaultPlan("retire", { kind: "secret", count: 3, plan: { ...plan, grant: "none", removes } })).toBe(
    "Deletes 2 secrets and 1 key; no right needed",
  );
});

import { describe, expect, test } from "vitest";
import { type Permission, permits } from "./permits.pure";

const entry = (change: Partial<Permission>): Permission => ({
  actions: [],
  notActions: [],
  dataActions: [],
  notDataActions: [],
  ...change,
});
const WRITE = "Microsoft.KeyVault/vaults/secrets/write";

describe("an action is allowed", () => {
  test.each([
    ["*", WRITE],
    ["Microsoft.KeyVault/*", WRITE],
    ["microsoft.keyvault/VAULTS/secrets/WRITE", WRITE],
    ["*/write", WRITE],
    ["Microsoft.KeyVault/*/write", WRITE],
    ["*/vaults/*/write", WRITE],
    ["Microsoft.KeyVault/vaults/*", WRITE],
  ])("by %s", (pattern, action) => {
    expect(permits([entry({ actions: [pattern] })], action, "control")).toBe(true);
  });

  test.each([
    ["*/read", WRITE],
    ["Microsoft.KeyVault/vaults/write", WRITE],
    ["Microsoft.KeyVault/vaults/secrets", WRITE],
    ["Microsoft.KeyVault/vaults/secrets/write/*", WRITE],
    ["Microsoft.KeyVault/vaults/secrets/wri", WRITE],
    ["*write*write", "write"],
    ["ab*ba", "aba"],
    [".*", WRITE],
    ["", WRITE],
  ])("but not by %s", (pattern, action) => {
    expect(permits([entry({ actions: [pattern] })], action, "control")).toBe(false);
  });
});

test("an entry takes away from itself only: another role may still give it", () => {
  const contributor = entry({ actions: ["*"], notActions: ["Microsoft.KeyVault/vaults/*/write"] });
  expect(permits([contributor], WRITE, "control")).toBe(false);
  expect(permits([contributor, entry({ actions: [WRITE] })], WRITE, "control")).toBe(true);
});

test("the two planes do not help each other", () => {
  const set = "Microsoft.KeyVault/vaults/secrets/setSecret/action";
  expect(permits([entry({ actions: ["*"] })], set, "data")).toBe(false);
  expect(permits([entry({ dataActions: ["*"] })], set, "control")).toBe(false);
  expect(permits([entry({ dataActions: ["*"], notDataActions: [set] })], set, "data")).toBe(false);
});

test("no roles allow nothing", () => {
  expect(permits([], WRITE, "control")).toBe(false);
});

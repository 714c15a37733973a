import { describe, expect, test } from "vitest";
import { normaliseId, parseVaultId, vaultIdOf, vaultIdParts, vaultPath } from "./resource-id.pure";
import { parseScope, scopesOf } from "./scope.pure";

const SUBSCRIPTION = "/subscriptions/00000000-0000-4000-8000-000000000001";
const vaultIn = (group: string) =>
  `${SUBSCRIPTION}/resourceGroups/${group}/providers/Microsoft.KeyVault/vaults/kv-Shop`;

describe("a vault in a resource group", () => {
  test.each([
    ["rg-shop_1.(eu)", "rg-shop_1.(eu)"],
    ["rg-Größe", "rg-größe"],
    ["RG-GRÖßE", "rg-größe"],
    ["Группа-1", "группа-1"],
    ["リソース", "リソース"],
    ["rg-٣", "rg-٣"],
    // Letter by letter, as KQL's tolower has it.
    ["RG-ΛΌΓΟΣ", "rg-λόγοσ"],
  ])("%s is found under its name, page and scopes", (group, normal) => {
    const id = parseVaultId(vaultIn(group));
    if (!id) throw new Error("not taken for a vault id");
    expect(vaultIdParts(id)).toMatchObject({ resourceGroup: normal, name: "kv-shop" });
    expect(parseVaultId(id)).toBe(id);
    const [, subscriptionId = "", resourceGroup = "", name = ""] = vaultPath(id).slice(1).split("/");
    expect(vaultPath(id)).toMatch(/^[!-~]+$/);
    expect(vaultIdOf({ subscriptionId, resourceGroup: decodeURIComponent(resourceGroup), name })).toBe(id);
    const [, scope] = scopesOf(id);
    expect(parseScope(scope)).toEqual({ id: scope, level: "group" });
    expect(parseScope(id)?.level).toBe("vault");
  });

  test.each([
    "rg shop",
    "rg'",
    'rg"',
    "rg/x",
    "rg\\x",
    "rg?x",
    "rg#x",
    "rg%c3",
    "rg\u200b",
    "rg\u202e",
    "x²",
    "",
    "x".repeat(91),
  ])("%j is refused", (group) => {
    expect(parseVaultId(vaultIn(group))).toBeUndefined();
    expect(parseScope(`${SUBSCRIPTION}/resourceGroups/${group}`)?.level).not.toBe("group");
  });
});

test("what was normalised stays as it is", () => {
  for (const text of ["RG-ΛΌΓΟΣ", "İstanbul", "ẞ", "ǅ", "K"])
    expect(normaliseId(normaliseId(text))).toBe(normaliseId(text));
});

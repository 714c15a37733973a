import { describe, expect, test } from "vitest";
import { type Json, type JsonObject, policyRule } from "../json";
import { TemplateError } from "./errors";
import { compileRule, type ParameterDefinition } from "./rule";
import type { PolicyResource, Scope } from "./scope";

const NOW = Date.UTC(2026, 9, 1, 12);

function vault(
  more: { tags?: Record<string, string>; name?: string; properties?: JsonObject; type?: string } = {},
): PolicyResource {
  const { name = "kv-Payments-07", tags = {}, properties = {}, type = "Microsoft.KeyVault/vaults" } = more;
  const group = {
    id: "/subscriptions/s/resourceGroups/rg-app",
    name: "rg-app",
    location: "westeurope",
    tags: { team: "payments" },
  };
  return {
    id: `${group.id}/providers/${type}/${name}`,
    name,
    fullName: name,
    type,
    location: "westeurope",
    tags,
    properties: () => ({
      sku: { family: "A", name: "standard" },
      enableRbacAuthorization: true,
      softDeleteRetentionInDays: 90,
      networkAcls: {
        defaultAction: "Deny",
        bypass: "AzureServices",
        ipRules: [{ value: "198.51.100.1/32" }, { value: "203.0.113.0/24" }],
      },
      ...properties,
    }),
    subscription: { id: "/subscriptions/s", subscriptionId: "s", displayName: "Contoso" },
    resourceGroup: group,
  };
}

function scopeOf(resource: PolicyResource, parameters: Record<string, Json> = {}): Scope {
  const entries = Object.entries(parameters).map(([name, value]): [string, Json] => [name.toLowerCase(), value]);
  return { resource, parameters: new Map(entries), now: NOW, assignmentId: "", definitionId: "", elements: [] };
}

function compile(condition: Json, parameters: Record<string, ParameterDefinition> = {}, effect = "audit") {
  const declared = new Map(Object.entries(parameters).map(([name, value]) => [name.toLowerCase(), value]));
  return compileRule("p", policyRule(condition, { effect }), declared);
}

function holds(condition: Json, resource = vault()): boolean {
  return compile(condition).condition.test(scopeOf(resource));
}

/** Whether a condition holds for a value that an expression gives. */
function compares(left: Json, operator: string, right: Json): boolean {
  return holds({ value: left, [operator]: right });
}

describe("conditions", () => {
  test.each<[Json, string, Json, boolean]>([
    ["Reviewed", "equals", "reviewed", true],
    ["Reviewed", "equals", "Reviewed ", false],
    [true, "equals", "true", true],
    [90, "equals", "90", true],
    ["a", "notEquals", "A", false],
    ["kv-prod-1", "like", "KV-*", true],
    ["kv-prod-1", "like", "kv-*-1", true],
    ["kv-1", "like", "kv-1*-1", false],
    ["kv-prod-1", "notLike", "kv-*", false],
    ["kv-07", "match", "??-##", true],
    ["KV-07", "match", "kv-##", false],
    ["kv-7", "match", "??-##", false],
    ["KV-07", "matchInsensitively", "kv-##", true],
    ["kv/07", "match", "??.##", true],
    ["KV-07", "notMatch", "kv-##", true],
    ["KV-07", "notMatchInsensitively", "kv-##", false],
    ["Payments", "contains", "MENT", true],
    ["Payments", "notContains", "x", true],
    ["West", "in", ["east", "west"], true],
    ["West", "notIn", ["east", "west"], false],
    ["2026-10-01T12:00:00Z", "less", "2026-10-01T13:00:00+00:00", true],
    [5, "lessOrEquals", 5, true],
    [5, "greater", "4", true],
    ["b", "greaterOrEquals", "B", true],
  ])("%j %s %j is %j", (left, operator, right, expected) => {
    expect(compares(left, operator, right)).toBe(expected);
  });

  test("keys of an object, and what exists", () => {
    const tagged = vault({ tags: { Owner: "kim" } });
    expect(holds({ field: "tags", containsKey: "OWNER" }, tagged)).toBe(true);
    expect(holds({ field: "tags", notContainsKey: "owner" }, tagged)).toBe(false);
    expect(holds({ field: "tags['owner']", exists: "true" }, tagged)).toBe(true);
    expect(holds({ field: "tags['owner']", exists: false }, tagged)).toBe(false);
    expect(holds({ field: "tags", exists: true }, vault())).toBe(false);
  });

  test("what is absent is unequal to everything, and neither more nor less", () => {
    const absent = "Microsoft.KeyVault/vaults/enablePurgeProtection";
    expect(holds({ field: absent, notEquals: "true" })).toBe(true);
    expect(holds({ field: absent, notIn: ["true"] })).toBe(true);
    expect(holds({ field: absent, less: 5 })).toBe(false);
    expect(holds({ field: absent, greater: 5 })).toBe(false);
  });

  test("allOf, anyOf and not", () => {
    const yes = { value: 1, equals: 1 };
    const no = { value: 1, equals: 2 };
    expect(holds({ allOf: [yes, { anyOf: [no, yes] }, { not: no }] })).toBe(true);
    expect(holds({ allOf: [yes, no] })).toBe(false);
    expect(holds({ not: { anyOf: [no, no] } })).toBe(true);
  });
});

describe("fields", () => {
  test.each<[string, Json]>([
    ["name", "kv-Payments-07"],
    ["type", "microsoft.keyvault/VAULTS"],
    ["location", "westeurope"],
    ["tags.team", "x"],
    ["tags[team]", "x"],
    ["tags['TEAM']", "x"],
    ["tags['''quoted''']", "q"],
    ["Microsoft.KeyVault/vaults/sku.name", "Standard"],
    ["microsoft.keyvault/vaults/ENABLERBACAUTHORIZATION", "true"],
    ["Microsoft.KeyVault/vaults/networkAcls.defaultAction", "deny"],
  ])("%s equals %j", (field, value) => {
    expect(holds({ field, equals: value }, vault({ tags: { team: "x", "'quoted'": "q" } }))).toBe(true);
  });

  test("an alias of another type is absent", () => {
    const group = vault({ type: "Microsoft.Resources/subscriptions/resourceGroups" });
    expect(holds({ field: "Microsoft.KeyVault/vaults/sku.name", exists: "false" }, group)).toBe(true);
  });

  test("a list alias asks each member, and is met by none", () => {
    const rules = "Microsoft.KeyVault/vaults/networkAcls.ipRules[*].value";
    expect(holds({ field: rules, contains: "/" })).toBe(true);
    expect(holds({ field: rules, like: "198.*" })).toBe(false);
    expect(holds({ field: rules, equals: "x" }, vault({ properties: { networkAcls: { ipRules: [] } } }))).toBe(true);
  });

  test("count over an alias and over a value", () => {
    const rules = "Microsoft.KeyVault/vaults/networkAcls.ipRules[*]";
    expect(holds({ count: { field: rules }, equals: 2 })).toBe(true);
    expect(holds({ count: { field: rules, where: { field: `${rules}.value`, like: "198.*" } }, equals: 1 })).toBe(true);
    expect(holds({ count: { field: rules, where: { field: `${rules}.value`, equals: "none" } }, greater: 0 })).toBe(
      false,
    );
    expect(
      holds({ count: { field: rules, where: { value: `[current('${rules}').value]`, like: "203.*" } }, equals: 1 }),
    ).toBe(true);
    const named = {
      value: ["kv-", "sa-"],
      name: "prefix",
      where: { field: "name", like: "[concat(current('prefix'), '*')]" },
    };
    expect(holds({ count: named, equals: 1 })).toBe(true);
  });
});

describe("expressions", () => {
  test.each<[string, Json]>([
    ["[concat('a', 'b', 1)]", "ab1"],
    ["[toLower(field('name'))]", "kv-payments-07"],
    ["[if(greaterOrEquals(length('ab'), 3), substring('ab', 0, 3), 'short')]", "short"],
    ["[first(split('a,b;c', createArray(',', ';')))]", "a"],
    ["[replace('a-b-c', '-', '')]", "abc"],
    ["[string(not(equals('A', 'a')))]", "False"],
    ["[resourceGroup().tags['TEAM']]", "payments"],
    ["[resourceGroup().location]", "westeurope"],
    ["[subscription().displayName]", "Contoso"],
    ["[utcNow()]", "2026-10-01T12:00:00.000Z"],
    ["[addDays('2026-10-01T00:00:00Z', 3)]", "2026-10-04T00:00:00.000Z"],
    ["[length(field('Microsoft.KeyVault/vaults/networkAcls.ipRules[*].value'))]", 2],
    ["[contains(createArray('x', 'y'), 'Y')]", true],
    ["[empty(field('tags'))]", true],
    ["[coalesce(null(), 'z')]", "z"],
    ["[add(mul(2, 3), mod(7, 4))]", 9],
    ["[concat('it''s', '[x]')]", "it's[x]"],
    ["[[not an expression]", "[[not an expression]"],
  ])("%s is %j", (text, value) => {
    expect(compares(text, "equals", value)).toBe(true);
  });

  test("parameters fill fields, values and effects", () => {
    const rule = compileRule(
      "p",
      policyRule(
        { field: "[concat('tags[', parameters('tagName'), ']')]", equals: "[parameters('value')]" },
        { effect: "[parameters('Effect')]" },
      ),
      new Map([
        ["tagname", { type: "String" }],
        ["value", { type: "String" }],
        ["effect", { type: "String", allowedValues: ["Audit", "Deny"], defaultValue: "Audit" }],
      ]),
    );
    const scope = scopeOf(vault({ tags: { env: "prod" } }), { tagName: "env", value: "PROD", effect: "Deny" });
    expect(rule.condition.test(scope)).toBe(true);
    expect(rule.effect(scope)).toBe("Deny");
    expect(rule.effects).toEqual(["audit", "deny"]);
  });

  test.each(["[substring('ab', 0, 3)]", "[field('tags').x]", "[div(1, 0)]", "[int('x')]", "[first(3)]"])(
    "%s fails when it is worked out",
    (text) => {
      expect(() => compares(text, "equals", "x")).toThrow(TemplateError);
    },
  );
});

describe("rules that are refused", () => {
  test.each<[string, Json, string]>([
    ["an unknown condition", { field: "name", notExists: true }, "'notExists' is not a condition"],
    ["two comparisons", { field: "name", equals: "a", like: "b" }, "exactly one comparison"],
    ["two wildcards", { field: "name", like: "*a*" }, "one wildcard"],
    ["an unknown alias", { field: "Microsoft.KeyVault/vaults/nothing", exists: true }, "doesn't exist as an alias"],
    ["an unknown function", { value: "[reference('x')]", equals: 1 }, "'reference' is not supported"],
    ["a broken expression", { value: "[concat('a']", equals: 1 }, "is not valid"],
    ["a list where text belongs", { field: "name", in: "a" }, "takes a list"],
    ["nothing to compare", { equals: "a" }, "none of 'field'"],
    ["an undefined parameter", { field: "name", equals: "[parameters('p')]" }, "undefined parameter 'p'"],
    ["a prototype's name as a function", { value: "[constructor('x')]", equals: 1 }, "not supported"],
    ["a prototype's name as a condition", { field: "name", constructor: 1 }, "is not a condition"],
  ])("%s", (_, condition, message) => {
    expect(() => compile(condition)).toThrow(message);
  });

  test("an unused parameter, an unknown effect, one that this tenant does not act on", () => {
    const fine = { field: "name", equals: "a" };
    expect(() => compile(fine, { extra: { type: "String" } })).toThrow("defined parameters 'extra' which are not used");
    expect(() => compile(fine, {}, "explode")).toThrow("'explode' is invalid");
    expect(() => compile(fine, {}, "denyAction")).toThrow("does not act on the effect 'denyAction'");
  });

  test("modify without roles, on a field that cannot be changed, with an unknown operation", () => {
    const rule = (details: JsonObject) =>
      compileRule("p", policyRule({ field: "name", equals: "a" }, { effect: "modify", details }), new Map());
    const roleDefinitionIds = [
      "/providers/Microsoft.Authorization/roleDefinitions/4a9ae827-6dc8-4573-8ac7-8239d42aa03f",
    ];
    const operation = { operation: "add", field: "tags['a']", value: "b" };
    expect(() => rule({ operations: [operation] })).toThrow("roleDefinitionIds");
    expect(() =>
      rule({ roleDefinitionIds, operations: [{ ...operation, field: "Microsoft.KeyVault/vaults/sku.name" }] }),
    ).toThrow("not modifiable");
    expect(() => rule({ roleDefinitionIds, operations: [{ ...operation, operation: "swap" }] })).toThrow("'swap'");
    expect(rule({ roleDefinitionIds, operations: [operation] }).effects).toEqual(["modify"]);
  });
});

describe("what a rule speaks of", () => {
  const applies = (condition: Json, resource: PolicyResource) =>
    compile(condition).condition.applies(scopeOf(resource), false);
  const tagRule = {
    allOf: [
      { field: "type", equals: "Microsoft.KeyVault/vaults" },
      { field: "tags['x']", exists: true },
    ],
  };

  test("its type decides, its other conditions do not", () => {
    expect(applies(tagRule, vault())).toBe(true);
    expect(applies(tagRule, vault({ type: "Microsoft.OperationalInsights/workspaces" }))).toBe(false);
    expect(applies({ not: { field: "type", equals: "Microsoft.KeyVault/vaults" } }, vault())).toBe(false);
    expect(applies({ not: { field: "tags['x']", exists: true } }, vault())).toBe(true);
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Holds, holds } from "./policy-condition";
import { evaluate, type Names, UNKNOWN, type Value, valued } from "./policy-expression";

const FIELDS: Record<string, Value> = {
  type: valued("Microsoft.KeyVault.Data/vaults/keys"),
  size: valued(2048),
  missing: { is: "absent" },
  created: valued("2026-01-01T00:00:00.000Z"),
};
const PARAMETERS: Record<string, Value> = { sizes: valued([2048, 3072]), days: valued(90), text: valued("RSA") };
const names: Names = {
  now: new Date("2026-01-01T00:00:00Z"),
  field: (name) => FIELDS[name] ?? UNKNOWN,
  parameter: (name) => PARAMETERS[name] ?? UNKNOWN,
};

describe("an expression", () => {
  test.each<[unknown, Value]>([
    ["plain", valued("plain")],
    [5, valued(5)],
    ["[[not an expression]", valued("[not an expression]")],
    ["[parameters('text')]", valued("RSA")],
    ["[ addDays( utcNow(), parameters('days') ) ]", valued("2026-04-01T00:00:00.000Z")],
    ["[addDays(field('created'), -1)]", valued("2025-12-31T00:00:00.000Z")],
    ["[if(empty(field('missing')), field('created'), utcNow())]", FIELDS.created ?? UNKNOWN],
    ["[field('missing')]", { is: "absent" }],
    ["[addDays(field('missing'), 1)]", UNKNOWN],
    ["[concat('a', 'b')]", UNKNOWN],
    ["[parameters('nothing')]", UNKNOWN],
    ["[addDays(utcNow(), 1", UNKNOWN],
    ["[addDays(utcNow() 1 2)]", UNKNOWN],
    ["[utcNow()] ]", UNKNOWN],
    ["[addDays(utcNow(), 99999999999999)]", UNKNOWN],
  ])("%j", (raw, value) => {
    expect(evaluate(raw, names)).toEqual(value);
  });
});

describe("a condition", () => {
  test.each<[unknown, Holds]>([
    [{ field: "type", equals: "microsoft.keyvault.data/VAULTS/keys" }, true],
    [{ field: "missing", exists: false }, true],
    [{ field: "missing", exists: "false" }, true],
    [{ field: "size", exists: true }, true],
    [{ field: "missing", equals: "x" }, false],
    [{ field: "missing", notEquals: "x" }, true],
    [{ field: "size", in: "[parameters('sizes')]" }, true],
    [{ field: "size", notIn: [3072, 4096] }, true],
    [{ field: "size", less: 3072 }, true],
    [{ field: "size", greaterOrEquals: "2049" }, false],
    [{ field: "created", less: "[addDays(utcNow(), 1)]" }, true],
    [{ field: "missing", less: 3 }, "unknown"],
    [{ field: "type", like: "*Data*" }, "unknown"],
    [{ field: "type", like: "*/keys" }, true],
    [{ field: "type", notLike: "Microsoft.KeyVault/*" }, true],
    [{ field: "type", contains: "vaults" }, true],
    [{ field: "type", match: "?" }, "unknown"],
    [{ field: "name", like: "app-*" }, "unknown"],
    [{ value: "[parameters('days')]", greater: 30 }, true],
    [{ count: { field: "a[*]" }, greater: 0 }, "unknown"],
    [
      {
        allOf: [
          { field: "size", equals: 1 },
          { field: "name", equals: "x" },
        ],
      },
      false,
    ],
    [
      {
        allOf: [
          { field: "size", equals: 2048 },
          { field: "name", equals: "x" },
        ],
      },
      "unknown",
    ],
    [
      {
        anyOf: [
          { field: "size", equals: 2048 },
          { field: "name", equals: "x" },
        ],
      },
      true,
    ],
    [
      {
        anyOf: [
          { field: "size", equals: 1 },
          { field: "size", equals: 2 },
        ],
      },
      false,
    ],
    [{ not: { field: "size", equals: 1 } }, true],
    [{ not: { field: "name", equals: 1 } }, "unknown"],
    [{}, "unknown"],
    ["text", "unknown"],
    [null, "unknown"],
  ])("%j", (raw, expected) => {
    expect(holds(raw, names)).toBe(expected);
  });

  test("whatever it is, it gets an answer and never a fault, however deep", () => {
    const raw = fc.letrec((tie) => ({
      node: fc.oneof(
        { depthSize: "small" },
        fc.jsonValue(),
        fc.record({ allOf: fc.array(tie("node")) }),
        fc.record({ anyOf: fc.array(tie("node")) }),
        fc.record({ not: tie("node") }),
        fc.record({ field: fc.constantFrom("size", "missing", "name", "[x"), less: fc.jsonValue() }),
        fc.record({ value: fc.string(), in: fc.jsonValue() }),
      ),
    })).node;
    fc.assert(
      fc.property(raw, (condition) => {
        expect([true, false, "unknown"]).toContain(holds(condition, names));
      }),
    );
    let deep: unknown = { field: "size", equals: 2048 };
    for (let i = 0; i < 5_000; i++) deep = { not: deep };
    expect(holds(deep, names)).toBe("unknown");
  });
});

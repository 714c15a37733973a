import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Fields, orderFor, testFor } from "./fields";
import { parseFilter } from "./filter";
import { FilterError } from "./tokens";

interface Item {
  name: string;
  size?: number;
  at: number;
  tags: { label: string }[];
}

const FIELDS: Fields<Item> = new Map([
  ["properties/name", { type: "text", get: (item: Item) => item.name }],
  ["properties/size", { type: "number", get: (item: Item) => item.size }],
  ["properties/at", { type: "time", get: (item: Item) => item.at }],
  ["properties/tags", { type: "list", get: (item: Item) => item.tags, parts: ["label"] }],
]);

const NOON = Date.UTC(2026, 9, 1, 12);
const ITEMS: Item[] = [
  { name: "it's one", size: 1, at: NOON, tags: [{ label: "a" }] },
  { name: "two", at: NOON + 1000, tags: [] },
  { name: "three", size: 3, at: NOON + 2000, tags: [{ label: "a" }, { label: "b" }] },
];

function names(filter: string): string[] {
  return ITEMS.filter(testFor(parseFilter(filter), FIELDS)).map(({ name }) => name);
}

describe("OData filters", () => {
  test("comparisons, by the type of the property", () => {
    expect(names("properties/name eq 'it''s one'")).toEqual(["it's one"]);
    expect(names("properties/size ge 1")).toEqual(["it's one", "three"]);
    expect(names("properties/size eq null")).toEqual(["two"]);
    expect(names("properties/size ne 3")).toEqual(["it's one", "two"]);
    expect(names("properties/at gt 2026-10-01T12:00:00Z")).toEqual(["two", "three"]);
    expect(names("properties/at le 2026-10-01T14:00:01.0000000+02:00")).toEqual(["it's one", "two"]);
  });

  test("and binds more tightly than or; brackets and not turn that round", () => {
    const one = "properties/name eq 'two' or properties/size eq 3 and properties/name eq 'nobody'";
    expect(names(one)).toEqual(["two"]);
    expect(names("(properties/name eq 'two' or properties/size eq 3) and properties/size eq 3")).toEqual(["three"]);
    expect(names("not (properties/name eq 'two')")).toEqual(["it's one", "three"]);
  });

  test("text functions and any", () => {
    expect(names("contains(properties/name, 't') and startswith(properties/name,'t')")).toEqual(["two", "three"]);
    expect(names("properties/tags/any(t: t/label eq 'b')")).toEqual(["three"]);
  });

  test("what is not a filter of this list is refused", () => {
    const bad = [
      "",
      "properties/name",
      "properties/name eq",
      "properties/name eq two",
      "properties/name is 'two'",
      "properties/name eq 'two' properties/size eq 1",
      "properties/name eq 'two",
      "(properties/name eq 'two'",
      "properties/nobody eq 'two'",
      "__proto__ eq 'two'",
      "properties/size eq '1'",
      "properties/at gt '2026-10-01T12:00:00Z'",
      "properties/at gt 2026-13-41T12:00:00Z",
      "properties/tags eq 'a'",
      "properties/tags/all(t: t/label eq 'a')",
      "properties/tags/any(t: t/other eq 'a')",
      "contains(properties/name, 1)",
      "contains(properties/size, '1')",
      "properties/size add 1 eq 2",
      `${"(".repeat(100)}properties/size eq 1${")".repeat(100)}`,
      `${"not ".repeat(100)}properties/size eq 1`,
      "x".repeat(9000),
    ];
    for (const filter of bad) expect(() => names(filter), filter.slice(0, 80)).toThrow(FilterError);
  });

  test("any text is read or refused, and never breaks the reader", () => {
    const piece = fc.constantFrom(
      "properties/name",
      " eq ",
      "'x'",
      "(",
      ")",
      " and ",
      " or ",
      "not ",
      "/any(",
      ":",
      "1",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((parts) => parts.join("")),
        ),
        (text) => {
          try {
            parseFilter(text);
          } catch (error) {
            expect(error).toBeInstanceOf(FilterError);
          }
        },
      ),
    );
  });

  test("an order names one property", () => {
    expect(orderFor("properties/at desc", FIELDS)).toEqual({ path: "properties/at", descending: true });
    expect(orderFor("properties/name", FIELDS)).toEqual({ path: "properties/name", descending: false });
    for (const order of ["", "properties/tags", "properties/at down", "properties/at,properties/name", "constructor"]) {
      expect(() => orderFor(order, FIELDS), order).toThrow(FilterError);
    }
  });
});

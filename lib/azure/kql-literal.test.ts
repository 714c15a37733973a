import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { analyse } from "@/lib/detection/testing/parser";
import { kqlLiteral, letPrologue } from "./kql-literal.pure";

/**
 * Reads one KQL string literal from the start of `text`, by the language's own rules: double or single quotes,
 * `\t \n \r \\ \" \'` and `\uXXXX`. Returns the value and what follows the closing quote.
 */
function readString(text: string): { value: string; rest: string } {
  const quote = text[0];
  if (quote !== '"' && quote !== "'") throw new Error("no string starts here");
  const simple: Record<string, string> = { t: "\t", n: "\n", r: "\r", "\\": "\\", '"': '"', "'": "'" };
  let value = "";
  for (let i = 1; i < text.length; i++) {
    const sign = text[i] ?? "";
    if (sign === quote) return { value, rest: text.slice(i + 1) };
    if (sign === "\n" || sign === "\r") throw new Error("a line end inside a string");
    if (sign !== "\\") {
      value += sign;
      continue;
    }
    const code = text[++i] ?? "";
    if (code === "u") {
      const hex = text.slice(i + 1, i + 5);
      if (!/^[0-9a-f]{4}$/i.test(hex)) throw new Error("a broken escape");
      value += String.fromCharCode(Number.parseInt(hex, 16));
      i += 4;
    } else if (code in simple) value += simple[code];
    else throw new Error(`an unknown escape ${code}`);
  }
  throw new Error("the string never ends");
}

const HOSTILE = [
  `"; AzureDiagnostics | take 1 //`,
  `'); drop`,
  "\\",
  '\\"',
  '\\\\" | union *',
  "a\nb\r\nc",
  "\u0000\u0008\u001b",
  "\u2028\u2029\u0085",
  "```multi```",
  "@'verbatim'",
  'h"hidden"',
  "\ud800",
  "\udfff\ud83d",
  "😀 ü 中",
  "]) | extend x = dynamic([",
  "// comment",
  "",
];

const anyString = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({
    unit: fc.constantFrom(
      '"',
      "'",
      "\\",
      "\n",
      "\r",
      "u",
      "0",
      "`",
      "@",
      "h",
      "]",
      ")",
      ";",
      "|",
      "/",
      "\u2028",
      "\ud800",
    ),
  }),
  fc.constantFrom(...HOSTILE),
);

describe("a string can never leave its literal", () => {
  test.each(HOSTILE.map((text) => [text]))("%j", (text) => {
    expect(readString(kqlLiteral(text))).toEqual({ value: text, rest: "" });
  });

  test("any string reads back as itself, and nothing follows it", () => {
    fc.assert(
      fc.property(anyString, (text) => {
        const literal = kqlLiteral(text);
        expect(readString(literal)).toEqual({ value: text, rest: "" });
        // Also for a reader with other rules: no line end, and no quote but the two outer ones.
        expect(literal.slice(1, -1)).toMatch(/^[\x20-\x21\x23-\x26\x28-\x7e]*$/);
      }),
      { numRuns: 2000 },
    );
  });

  test("any list reads back as itself, in KQL and in JSON, which dynamic() is", () => {
    fc.assert(
      fc.property(fc.array(anyString, { maxLength: 5 }), (texts) => {
        const literal = kqlLiteral(texts);
        const inner = /^dynamic\((.*)\)$/s.exec(literal)?.[1] ?? "";
        expect(JSON.parse(inner)).toEqual(texts);
        let rest = inner.slice(1);
        for (const text of texts) {
          const read = readString(rest);
          expect(read.value).toBe(text);
          rest = read.rest.replace(/^,/, "");
        }
        expect(rest).toBe("]");
      }),
    );
  });
});

describe("other types", () => {
  test.each([
    [true, "true"],
    [false, "false"],
    [0, "long(0)"],
    [-42, "long(-42)"],
    [new Date("2026-11-22T03:27:00.123Z"), "datetime(2026-11-22T03:27:00.123Z)"],
    [[], "dynamic([])"],
  ])("%s is %s", (value, literal) => {
    expect(kqlLiteral(value)).toBe(literal);
  });

  test.each([1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])("%d is refused", (value) => {
    expect(() => kqlLiteral(value)).toThrow();
  });

  test("an invalid date is refused", () => {
    expect(() => kqlLiteral(new Date("never"))).toThrow();
  });
});

describe("the prologue", () => {
  test("is one let per parameter, one a line", () => {
    expect(letPrologue({ vault: "kv-1", since: new Date(0), names: ["a"] })).toBe(
      'let vault = "kv-1";\nlet since = datetime(1970-01-01T00:00:00.000Z);\nlet names = dynamic(["a"]);\n',
    );
  });

  test("is good KQL to Microsoft's parser, whatever the strings hold", () => {
    const prologue = letPrologue({ text: HOSTILE.join(""), list: HOSTILE, since: new Date(0), most: 5, on: true });
    const { problems } = analyse(`${prologue}AzureDiagnostics | where Resource == text or Resource in (list)
      | where TimeGenerated > since and DurationMs < most and on | take 1`);
    expect(problems).toEqual([]);
  });

  test.each(["a b", "a;b", "1a", "", "a=1", "ä"])("refuses %j as a name", (name) => {
    expect(() => letPrologue({ [name]: "x" })).toThrow();
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CsvError, readCsv } from "./csv";

function write(rows: string[][]): string {
  return rows.map((cells) => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(",")).join("\r\n");
}

describe("reading CSV", () => {
  test("quotes, doubled quotes and line breaks inside quotes", () => {
    const { headers, rows } = readCsv('name,note\r\na,"one, ""two""\nthree"\n\nb,\nc');
    expect(headers).toEqual(["name", "note"]);
    expect(rows).toEqual([
      { name: "a", note: 'one, "two"\nthree' },
      { name: "b", note: "" },
      { name: "c", note: "" },
    ]);
  });

  test("lines before the header are skipped, and so is a byte order mark", () => {
    expect(readCsv("\uFEFFmade by hand\na\n1", 1).rows).toEqual([{ a: "1" }]);
  });

  test("what cannot be read says why", () => {
    for (const text of ["", 'a\n"open', 'a\n"x"y', "a,a\n1,2", "a,\n1,2", "a\n1,2", `a\n${"x".repeat(10_241)}`]) {
      expect(() => readCsv(text), JSON.stringify(text.slice(0, 20))).toThrow(CsvError);
    }
  });

  test("any cells come back as they were written", () => {
    const cell = fc.string({ maxLength: 40 });
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { maxLength: 20 }), (cells) => {
        const { rows } = readCsv(write([["a", "b"], ...cells]));
        expect(rows.map(({ a, b }) => [a, b])).toEqual(cells);
      }),
    );
  });

  test("any text is read or refused, never anything else", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('"', ",", "\n", "\r", "a") }), (text) => {
        try {
          readCsv(text);
        } catch (error) {
          expect(error).toBeInstanceOf(CsvError);
        }
      }),
    );
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toCsv } from "./csv.pure";

/** Reads RFC 4180 one character at a time, as strictly as the RFC says it. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at] ?? "";
    if (quoted) {
      if (letter !== '"') cell += letter;
      else if (text[at + 1] === '"') {
        cell += letter;
        at++;
      } else quoted = false;
    } else if (letter === '"' && cell === "") quoted = true;
    else if (letter === ",") {
      row.push(cell);
      cell = "";
    } else if (letter === "\r" && text[at + 1] === "\n") {
      rows.push([...row, cell]);
      row = [];
      cell = "";
      at++;
    } else if (/["\r\n]/.test(letter)) throw new Error(`A bare ${JSON.stringify(letter)} at ${at}`);
    else cell += letter;
  }
  if (quoted || cell !== "" || row.length > 0) throw new Error("The last line does not end");
  return rows;
}

const SIGNS = ["=", "+", "-", "@", "＝", "＋", "－", "＠"];
const BREAKS = ["\t", "\r", "\n"];
const FORMULA = [...SIGNS, ...BREAKS];
const runs = (cell: string) =>
  BREAKS.some((mark) => cell.startsWith(mark)) || SIGNS.some((mark) => cell.trimStart().startsWith(mark));
const guarded = (cell: string) => (runs(cell) ? `'${cell}` : cell);

// Marks that matter come often; any other text comes too.
const Cell = fc.oneof(
  fc.string({ unit: fc.constantFrom(...FORMULA, '"', ",", "\n", "'", " ", "a", "é", "😀") }),
  fc.string(),
);

describe("a table as CSV", () => {
  test("comes back as it went in, but for the apostrophe", () => {
    const table = fc
      .integer({ min: 1, max: 5 })
      .chain((width) => fc.array(fc.array(Cell, { minLength: width, maxLength: width }), { minLength: 1 }));
    fc.assert(
      fc.property(table, ([header = [], ...rows]) => {
        expect(parseCsv(toCsv(header, rows))).toEqual([header, ...rows].map((row) => row.map(guarded)));
      }),
    );
  });

  test("holds no cell that a spreadsheet would run", () => {
    fc.assert(
      fc.property(fc.constantFrom(...FORMULA), Cell, (mark, rest) => {
        const [[cell = ""] = []] = parseCsv(toCsv([mark + rest], []));
        expect(cell).toBe(`'${mark}${rest}`);
      }),
    );
  });

  test("is written as the RFC writes it", () => {
    expect(toCsv(["vault", "reason"], [["kv-a", 'He said "no", twice.\nThen left.']])).toBe(
      'vault,reason\r\nkv-a,"He said ""no"", twice.\nThen left."\r\n',
    );
    expect(toCsv(["a"], [["=1+1"], ["-1"], ["2-1"]])).toBe("a\r\n'=1+1\r\n'-1\r\n2-1\r\n");
  });
});

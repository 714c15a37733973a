import fc from "fast-check";
import { expect, test } from "vitest";
import { toCsv } from "./csv.pure";

/** A reader of RFC 4180 of its own, so that what is written is also what another program reads. */
function parse(text: string): string[][] {
  const rows: string[][] = [];
  for (let at = 0; at < text.length; ) {
    const row: string[] = [];
    for (;;) {
      const end = /^"((?:[^"]|"")*)"(,|\r\n)/.exec(text.slice(at));
      if (!end) throw new Error(`no field at ${at}`);
      row.push((end[1] ?? "").replaceAll('""', '"'));
      at += end[0].length;
      if (end[2] !== ",") break;
    }
    rows.push(row);
  }
  return rows;
}

test("quotes, commas and line ends stay what they are", () => {
  expect(toCsv(["a", 'b "quoted"'], [["1, 2", "x\r\ny"]])).toBe('"a","b ""quoted"""\r\n"1, 2","x\r\ny"\r\n');
});

test("whatever is written can be read again, and nothing in it is a formula", () => {
  const rows = fc.array(fc.array(fc.string({ unit: "grapheme" }), { minLength: 2, maxLength: 2 }));
  fc.assert(
    fc.property(rows, (written) => {
      const read = parse(toCsv(["a", "b"], written)).slice(1);
      expect(read.map((row) => row.map((text) => text.replace(/^'(?=[=+\-@\t\r\n＝＋－＠])/, "")))).toEqual(written);
      for (const text of read.flat()) expect(text).not.toMatch(/^[=+\-@\t\r\n]/);
    }),
  );
});

test.each(["=1+1", "+1", "-1", "@sum(a1)", "\t=1", "\r=1", "＝1"])("%j opens as text", (text) => {
  expect(parse(toCsv(["a"], [[text]]))[1]).toEqual([`'${text}`]);
});

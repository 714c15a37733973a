/** Spreadsheets run a cell that begins like this, some also after blanks or with the wide forms of these signs. */
const RUNS_AS_FORMULA = /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/;
const NEEDS_QUOTES = /[",\r\n]/;

/**
 * A table as RFC 4180 text: lines end in CR LF, the first line is `header`. A cell that a spreadsheet would run gets an
 * apostrophe in front, which spreadsheets take as "this is text".
 */
export function toCsv(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return [header, ...rows].map((row) => `${row.map(cellOf).join(",")}\r\n`).join("");
}

function cellOf(text: string): string {
  const safe = RUNS_AS_FORMULA.test(text) ? `'${text}` : text;
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

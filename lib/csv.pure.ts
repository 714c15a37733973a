/**
 * A CSV text after RFC 4180: every field quoted, lines ended by CR LF, the names of the columns first. A field that a
 * spreadsheet would take for a formula begins with an apostrophe, because such a file is opened with a double click.
 */
export function toCsv(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  return [columns, ...rows].map((row) => `${row.map(field).join(",")}\r\n`).join("");
}

const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

function field(text: string): string {
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return `"${harmless.replaceAll('"', '""')}"`;
}

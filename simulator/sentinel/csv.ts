/** A CSV that cannot be read; the message says where. */
export class CsvError extends Error {}

/** Characters of one line at most. Source: Sentinel service limits. */
const LINE_MAX = 10_240;

/**
 * Reads CSV (RFC 4180: quotes, doubled quotes, line breaks inside quotes): the header names and each row as a map by
 * header. Empty lines are passed over; missing cells at the end of a row are empty text.
 * @throws CsvError for an open quote, text after a closing quote, too many cells, an unnamed or repeated header, or a
 * record longer than 10,240 characters.
 */
export function readCsv(text: string, skipLines = 0): { headers: string[]; rows: Record<string, string>[] } {
  let rest = text.startsWith("\uFEFF") ? text.slice(1) : text;
  for (let i = 0; i < skipLines; i++) {
    const end = rest.indexOf("\n");
    rest = end < 0 ? "" : rest.slice(end + 1);
  }
  const [headers, ...records] = readRecords(rest);
  if (!headers) throw new CsvError("The content has no header line.");
  if (headers.some((name) => name.trim() === "")) throw new CsvError("A column of the header line has no name.");
  if (new Set(headers.map((name) => name.toLowerCase())).size < headers.length) {
    throw new CsvError("A column name is used twice in the header line.");
  }
  const rows = records.map((cells, index) => {
    if (cells.length > headers.length) throw new CsvError(`Row ${index + 1} has more cells than the header line.`);
    return Object.fromEntries(headers.map((name, column) => [name, cells[column] ?? ""]));
  });
  return { headers, rows };
}

function readRecords(text: string): string[][] {
  const records: string[][] = [];
  let at = 0;
  while (at < text.length) {
    const start = at;
    const cells: string[] = [];
    for (;;) {
      const cell = readCell(text, at);
      cells.push(cell.value);
      at = cell.end;
      if (text[at] !== ",") break;
      at++;
    }
    if (at - start > LINE_MAX) throw new CsvError(`Line ${records.length + 1} is longer than ${LINE_MAX} characters.`);
    if (text[at] === "\r") at++;
    if (text[at] === "\n") at++;
    if (cells.length > 1 || cells[0] !== "") records.push(cells);
  }
  return records;
}

function readCell(text: string, start: number): { value: string; end: number } {
  if (text[start] !== '"') {
    const border = /[,\r\n]/g;
    border.lastIndex = start;
    const end = border.exec(text)?.index ?? text.length;
    return { value: text.slice(start, end), end };
  }
  let value = "";
  let at = start + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) throw new CsvError("A quoted cell is not closed.");
    value += text.slice(at, quote);
    at = quote + 1;
    if (text[at] !== '"') break;
    value += '"';
    at++;
  }
  if (at < text.length && !/[,\r\n]/.test(text[at] ?? "")) throw new CsvError("There is text after a closing quote.");
  return { value, end: at };
}

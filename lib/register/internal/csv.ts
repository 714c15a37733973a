import "server-only";
import { COLUMNS, type Fields } from "./fields";

/**
 * Bytes of one upload at most. Sentinel takes 3.8 MB of `rawContent` and 10,240 characters a line (service limits,
 * learn.microsoft.com/azure/sentinel/sentinel-service-limits); a little is left for how either side counts.
 */
export const UPLOAD_MAX_BYTES = 3_700_000;

/** A cell of RFC 4180: quoted when it holds a comma, a quote, a line break or a blank at its ends. */
function cell(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const line = (cells: readonly string[]): string => `${cells.map(cell).join(",")}\r\n`;
const HEADER = line(COLUMNS);

/** The rows as CSV texts with a header each, none above `maxBytes`; every row is in exactly one of them. */
export function csvUploads<T extends { fields: Fields }>(
  rows: readonly T[],
  maxBytes = UPLOAD_MAX_BYTES,
): { csv: string; rows: T[] }[] {
  const uploads: { csv: string; rows: T[]; bytes: number }[] = [];
  for (const row of rows) {
    const text = line(COLUMNS.map((column) => row.fields[column]));
    const bytes = Buffer.byteLength(text);
    const last = uploads.at(-1);
    if (last && last.bytes + bytes <= maxBytes) {
      last.csv += text;
      last.rows.push(row);
      last.bytes += bytes;
    } else uploads.push({ csv: HEADER + text, rows: [row], bytes: Buffer.byteLength(HEADER) + bytes });
  }
  return uploads.map(({ csv, rows: own }) => ({ csv, rows: own }));
}

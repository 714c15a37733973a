import fc from "fast-check";
import { expect, test } from "vitest";
import { parseCsv } from "../testing/fake-watchlist";
import { csvUploads, UPLOAD_MAX_BYTES } from "./csv";
import { COLUMNS, type Fields, ownColumns } from "./fields";

const cell = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('"', ",", "\n", "\r", " ", "a", "é", "=") }));
const row = fc.tuple(...COLUMNS.map(() => cell)).map((cells): { fields: Fields } => ({
  fields: ownColumns(Object.fromEntries(COLUMNS.map((column, at) => [column, cells[at] ?? ""]))),
}));

test("any text comes out of an upload as it went in, each row once", () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 12 }), fc.integer({ min: 1, max: 600 }), (rows, maxBytes) => {
      const uploads = csvUploads(rows, maxBytes);
      expect(uploads.flatMap(({ csv }) => parseCsv(csv))).toEqual(rows.map(({ fields }) => fields));
      expect(uploads.flatMap((upload) => upload.rows)).toEqual(rows);
    }),
  );
});

test("thousands of rows make uploads below the size that Sentinel takes, and no more of them than needed", () => {
  const long = Object.fromEntries(COLUMNS.map((column) => [column, "x".repeat(60)]));
  const uploads = csvUploads(Array.from({ length: 20_000 }, () => ({ fields: ownColumns(long) })));
  for (const { csv } of uploads) expect(Buffer.byteLength(csv)).toBeLessThanOrEqual(UPLOAD_MAX_BYTES);
  expect(uploads).toHaveLength(3);
});

import { type AuditRow, CSV_COLUMNS, csvFields } from "@/lib/audit/audit.pure";
import { toCsv } from "@/lib/csv.pure";
import { visibleJson, visibleText } from "@/lib/outside-text.pure";

export type Format = "csv" | "json";

interface FormatWriter {
  title: string;
  type: string;
  /** What the file begins with, what stands between two pages of rows, and what ends it. */
  begin: string;
  between: string;
  end: string;
  rows(rows: readonly AuditRow[]): string;
}

const HEAD = toCsv(CSV_COLUMNS, []);

/** The file formats of an export, written page by page. */
export const FORMATS: Record<Format, FormatWriter> = {
  csv: {
    title: "Export as CSV",
    type: "text/csv;charset=utf-8",
    begin: HEAD,
    between: "",
    end: "",
    rows: (rows) =>
      toCsv(
        CSV_COLUMNS,
        rows.map((row) => csvFields(row).map(visibleText)),
      ).slice(HEAD.length),
  },
  json: {
    title: "Export as JSON",
    type: "application/json",
    begin: "[\n",
    between: ",\n",
    end: "\n]\n",
    rows: (rows) => rows.map(visibleJson).join(",\n"),
  },
};

import type { Column, ResultTable, Value } from "./kql/types";
import { formatDatetime, formatTimespan } from "./kql/values/time";

/** Rows that one answer may hold (service limits of the query API). */
export const ROWS_MAX = 500_000;
/** Characters that the cells of one answer may have: the query engine's documented limit of 64 MB. */
const CHARACTERS_MAX = 64 * 1024 * 1024;

/** The body of a successful query: one table `PrimaryResult`, rows as arrays in the order of the columns. */
export function resultBody(result: ResultTable, wants: { statistics: boolean; visualization: boolean }) {
  const { columns } = result;
  const rows: unknown[][] = [];
  let characters = 0;
  for (const row of result.rows) {
    const cells = columns.map((column, i) => cellOf(column, row[i] ?? null));
    for (const cell of cells) characters += typeof cell === "string" ? cell.length : SCALAR_CHARACTERS;
    if (rows.length === ROWS_MAX || characters > CHARACTERS_MAX) break;
    rows.push(cells);
  }
  return {
    tables: [{ name: "PrimaryResult", columns: columns.map(({ name, type }) => ({ name, type })), rows }],
    ...(wants.statistics && { statistics: statisticsOf(result) }),
    ...(wants.visualization && { render: { visualization: null } }),
    ...(rows.length < result.rows.length && { error: tooLarge(rows.length, result.rows.length) }),
  };
}

/** Dates and spans are text, dynamic values are JSON as text (a dynamic text as it is), numbers that JSON lacks are named. */
function cellOf(column: Column, value: Value): unknown {
  if (value === null) return null;
  switch (column.type) {
    case "datetime":
      return typeof value === "number" ? formatDatetime(value).replace(/\.?0+Z$/, "Z") : null;
    case "timespan":
      return typeof value === "number" ? formatTimespan(value) : null;
    case "dynamic":
      return typeof value === "string" ? value : JSON.stringify(value);
    case "decimal":
      return String(value);
    default:
      return typeof value === "number" && !Number.isFinite(value) ? nameOf(value) : value;
  }
}

/** What a number or the like counts for. */
const SCALAR_CHARACTERS = 8;

function nameOf(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  return value > 0 ? "Infinity" : "-Infinity";
}

function statisticsOf(result: ResultTable) {
  const seconds = result.stats.runMilliseconds / 1000;
  return {
    query: {
      executionTime: seconds,
      resourceUsage: { cpu: { totalCpu: formatTimespan(Math.round(seconds * 1_000_000)) } },
      inputDatasetStatistics: { rowsScanned: result.stats.rowsTouched },
      datasetStatistics: [{ tableRowCount: Math.min(result.rows.length, ROWS_MAX), tableSize: 0 }],
    },
  };
}

/** Source of both sentences: "Query limits" of Microsoft's Kusto documentation. */
function tooLarge(kept: number, found: number) {
  const limit =
    kept === ROWS_MAX
      ? `record count limit ${ROWS_MAX} (${found} found)`
      : `data size limit ${CHARACTERS_MAX} (E_QUERY_RESULT_SET_TOO_LARGE)`;
  return {
    code: "PartialError",
    message: "There were some errors when processing your query.",
    details: [
      {
        code: "EngineError",
        message: `Query result set has exceeded the internal ${limit}.`,
        innererror: { code: "-2133196797", message: "E_QUERY_RESULT_SET_TOO_LARGE" },
      },
    ],
  };
}

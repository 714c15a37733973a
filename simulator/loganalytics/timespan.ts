import { badArgument } from "./logs-errors";

/** Half-open, milliseconds since 1970. */
export interface Timespan {
  start: number;
  end: number;
}

const DURATION =
  /^P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;
/** Milliseconds of years, months, weeks, days, hours, minutes, seconds; years and months as the service counts them. */
const UNITS = [365 * 86_400_000, 30 * 86_400_000, 7 * 86_400_000, 86_400_000, 3_600_000, 60_000, 1000];

/**
 * Reads the `timespan` of a request: a duration back from now (`PT12H`), or an interval of two of start, end and
 * duration (ISO 8601).
 * @throws AzureError 400 `BadArgumentError` when it is neither.
 */
export function parseTimespan(text: string, now: number): Timespan {
  const parts = text.split("/");
  const [first = "", second] = parts;
  if (parts.length === 1) {
    const duration = parseDuration(first);
    // Rows of this very moment belong to it.
    if (duration !== undefined) return { start: now - duration, end: now + 1 };
  }
  if (parts.length === 2 && second !== undefined) {
    const start = parseInstant(first);
    const end = parseInstant(second);
    if (start !== undefined && end !== undefined) return { start, end };
    const before = parseDuration(first);
    if (before !== undefined && end !== undefined) return { start: end - before, end };
    const after = parseDuration(second);
    if (start !== undefined && after !== undefined) return { start, end: start + after };
  }
  throw badArgument(`Failed parsing timespan: ${text}`);
}

function parseDuration(text: string): number | undefined {
  const match = DURATION.exec(text.toUpperCase());
  return match ? UNITS.reduce((sum, unit, index) => sum + unit * Number(match[index + 1] ?? 0), 0) : undefined;
}

function parseInstant(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}/.test(text)) return undefined;
  const hasZone = /(?:Z|[+-]\d{2}:?\d{2})$/i.test(text);
  const time = Date.parse(hasZone || !text.includes("T") ? text : `${text}Z`);
  return Number.isNaN(time) ? undefined : time;
}

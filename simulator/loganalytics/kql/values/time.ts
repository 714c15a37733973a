/*
 * Dates and spans as numbers of microseconds. Dates count from 1970-01-01 UTC and are exact until the year 2255;
 * the calendar is the proleptic Gregorian one of JavaScript's own Date.
 *
 * Azure counts ticks of a tenth of a microsecond. A double of this size holds quarters, so of the ten ticks of a
 * microsecond four are told apart: the whole, the first, the middle and the last one, which is how `endofday()` and
 * its like end. Other ticks are cut to the next lower of these.
 */

export const MICROSECOND = 1;
export const MILLISECOND = 1000;
export const SECOND = 1_000_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Ticks of a microsecond that can be held, and the fraction that stands for each; from the last on. */
const HELD_TICKS = [
  { tick: 9, fraction: 0.75 },
  { tick: 5, fraction: 0.5 },
  { tick: 1, fraction: 0.25 },
] as const;

/** The fraction of a microsecond that stands for so many ticks (0-9), or for the next lower that can be held. */
function fractionOfTicks(ticks: number): number {
  return HELD_TICKS.find(({ tick }) => ticks >= tick)?.fraction ?? 0;
}

/** The seventh digit of a second: which tick of its microsecond a date or span is. */
function tickOf(value: number): number {
  const fraction = value - Math.floor(value);
  return HELD_TICKS.find((held) => fraction >= held.fraction)?.tick ?? 0;
}

/** Fraction of a second, microseconds -> seven digits. */
export function fractionDigits(fraction: number): string {
  return `${pad(Math.trunc(fraction), 6)}${tickOf(fraction)}`;
}

/** The last tick before a moment. */
export function lastTickBefore(moment: number): number {
  const last = moment - 0.25;
  // Beyond 2041 a double of this size holds halves only: the middle tick is the last that there is.
  return moment - last === 0.25 ? last : moment - 0.5;
}

/** Milliseconds since 1970 -> a datetime of the engine. */
export function fromMilliseconds(milliseconds: number): number {
  return Math.round(milliseconds * MILLISECOND);
}

/** Calendar parts of a datetime, UTC; `month` is 1-12, `weekday` 0 for Sunday. */
export function partsOf(datetime: number) {
  // To whole microseconds first: the quotient of a fraction may be rounded up to the next millisecond.
  const whole = Math.floor(datetime);
  const date = new Date(Math.floor(whole / MILLISECOND));
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    /** Microseconds within the second, with the fraction that stands for a tick. */
    fraction: datetime - Math.floor(whole / SECOND) * SECOND,
    weekday: date.getUTCDay(),
  };
}

/** Microseconds since 1970 of a calendar date; parts beyond their range carry over. Null when no date can hold it. */
export function makeDatetime(year: number, month: number, day: number, hour = 0, minute = 0, seconds = 0) {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, 0, 0);
  const start = date.getTime() * MILLISECOND;
  return Number.isNaN(start) ? null : start + Math.round(seconds * SECOND);
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

const ISO = /^([+-]?\d{4})(?:-(\d{1,2})(?:-(\d{1,2})(?:[T ]\s*(.+))?)?)?$/i;
const SLASHED = /^(\d{1,2})\/(\d{1,2})\/(\d{4})(?:\s+(.+))?$/;
const RFC = /^(?:[a-z]{3,9},?\s+)?(\d{1,2})[ -]([a-z]{3})[a-z]*[ -](\d{4}|\d{2})(?:\s+(.+))?$/i;
const CLOCK = /^(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d{1,9})?))?\s*(am|pm)?\s*(z|utc|gmt|[+-]\d{2}:?\d{2})?$/i;

/** Reads a date as `todatetime()` and datetime literals do: ISO 8601, RFC 822, month/day/year. Null when it is none. */
export function parseDatetime(text: string): number | null {
  const trimmed = text.trim();
  if (trimmed.length === 0 || trimmed.length > 64) return null;
  const iso = ISO.exec(trimmed);
  if (iso) return assemble(Number(iso[1]), Number(iso[2] ?? 1), Number(iso[3] ?? 1), iso[4]);
  const slashed = SLASHED.exec(trimmed);
  if (slashed) return assemble(Number(slashed[3]), Number(slashed[1]), Number(slashed[2]), slashed[4]);
  const rfc = RFC.exec(trimmed);
  if (!rfc) return null;
  const month = MONTHS.indexOf((rfc[2] ?? "").toLowerCase()) + 1;
  const year = Number(rfc[3]);
  return assemble(year < 50 ? 2000 + year : year < 100 ? 1900 + year : year, month, Number(rfc[1]), rfc[4]);
}

function assemble(year: number, month: number, day: number, clock: string | undefined): number | null {
  const lastDay = new Date(Date.UTC(2000, month, 0)).getUTCDate();
  const days = month === 2 && !isLeap(year) ? 28 : lastDay;
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > days) return null;
  if (clock === undefined) return makeDatetime(year, month, day);
  const match = CLOCK.exec(clock.trim());
  if (!match) return null;
  const [, hourText, minuteText, secondText = "0", half, zone] = match;
  let hour = Number(hourText);
  if (half) {
    if (hour < 1 || hour > 12) return null;
    hour = (hour % 12) + (half.toLowerCase() === "pm" ? 12 : 0);
  }
  const minute = Number(minuteText);
  const seconds = secondsOf(secondText);
  if (hour > 23 || minute > 59 || seconds >= MINUTE) return null;
  const local = makeDatetime(year, month, day, hour, minute);
  return local === null ? null : local + seconds - offsetOf(zone);
}

/** `2.1234567` -> microseconds, further digits cut; digit by digit, since a product of doubles would miss the last. */
function secondsOf(text: string): number {
  const [whole = "0", fraction = ""] = text.split(".");
  const digits = fraction.padEnd(7, "0");
  return Number(whole) * SECOND + Number(digits.slice(0, 6)) + fractionOfTicks(Number(digits[6]));
}

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

function offsetOf(zone: string | undefined): number {
  const match = /^([+-])(\d{2}):?(\d{2})$/.exec(zone ?? "");
  if (!match) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return (match[1] === "-" ? -minutes : minutes) * MINUTE;
}

const UNITS: readonly [RegExp, number][] = [
  [/^d(ays?)?$/i, DAY],
  [/^h(ours?|rs?)?$/i, HOUR],
  [/^m(in(utes?)?)?$/i, MINUTE],
  [/^s(ec(onds?)?)?$/i, SECOND],
  [/^m(illi)?s(ec(onds?)?)?$/i, MILLISECOND],
  [/^micro(s(ec(onds?)?)?)?$/i, MICROSECOND],
];

const WITH_UNIT = /^([+-]?\d+(?:\.\d+)?)\s*([a-z]+)$/i;
const CLOCK_SPAN = /^(-)?(?:(\d{1,8})[.:](?=\d{1,2}:\d{1,2}:))?(\d{1,2}):(\d{1,2})(?::(\d{1,2}(?:\.\d{1,7})?))?$/;

/** Reads a span as `totimespan()` and timespan literals do: `1.5h`, `30 minutes`, `1.02:03:04.5`, `5` (days). */
export function parseTimespan(text: string): number | null {
  const trimmed = text.trim();
  if (trimmed.length === 0 || trimmed.length > 48) return null;
  if (/^[+-]?\d{1,8}$/.test(trimmed)) return Number(trimmed) * DAY;
  const withUnit = WITH_UNIT.exec(trimmed);
  if (withUnit) {
    if (/^ticks?$/i.test(withUnit[2] ?? "")) return spanOfTicks(Math.trunc(Number(withUnit[1])));
    const unit = UNITS.find(([pattern]) => pattern.test(withUnit[2] ?? ""));
    return unit ? Math.round(Number(withUnit[1]) * unit[1]) : null;
  }
  const match = CLOCK_SPAN.exec(trimmed);
  if (!match) return null;
  const [, minus, days = "0", hours, minutes, seconds = "0"] = match;
  const fine = secondsOf(seconds);
  if (Number(hours) > 23 || Number(minutes) > 59 || fine >= MINUTE) return null;
  const size = Number(days) * DAY + Number(hours) * HOUR + Number(minutes) * MINUTE + fine;
  return minus ? -size : size;
}

/** A span as a number of ticks. */
export function ticksOfSpan(timespan: number): number {
  const size = Math.abs(timespan);
  const ticks = Math.floor(size) * 10 + tickOf(size);
  return timespan < 0 ? -ticks : ticks;
}

/** So many ticks as a span. */
export function spanOfTicks(ticks: number): number {
  const size = Math.abs(ticks);
  const span = Math.floor(size / 10) + fractionOfTicks(size % 10);
  return ticks < 0 ? -span : span;
}

export function pad(value: number, width: number): string {
  return String(value).padStart(width, "0");
}

/** `2026-09-01T10:15:02.1234560Z`: always seven digits, as `tostring()` gives. */
export function formatDatetime(datetime: number): string {
  const { year, month, day, hour, minute, second, fraction } = partsOf(datetime);
  const clock = `${pad(hour, 2)}:${pad(minute, 2)}:${pad(second, 2)}.${fractionDigits(fraction)}Z`;
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}T${clock}`;
}

/** `1.02:03:04.5000000`; days and fraction are left out when zero, as `tostring()` gives. */
export function formatTimespan(timespan: number): string {
  const size = Math.abs(timespan);
  const days = Math.floor(size / DAY);
  const digits = fractionDigits(size % SECOND);
  const clock = [HOUR, MINUTE, SECOND].map((unit, index) => pad(Math.floor(size / unit) % (index === 0 ? 24 : 60), 2));
  return `${timespan < 0 ? "-" : ""}${days ? `${days}.` : ""}${clock.join(":")}${Number(digits) > 0 ? `.${digits}` : ""}`;
}

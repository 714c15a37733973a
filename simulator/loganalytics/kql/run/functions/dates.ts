import { KqlError } from "../../errors";
import {
  DAY,
  fromMilliseconds,
  HOUR,
  lastTickBefore,
  MICROSECOND,
  MILLISECOND,
  MINUTE,
  makeDatetime,
  partsOf,
  SECOND,
} from "../../values/time";
import { formatPattern, formatSpanPattern } from "../../values/time-format";
import { constantValue, datetime, number, otherwise, text, timespan } from "../compiled";
import { call1, call2, call3, computed, type FunctionSpec, type FunctionTable } from "../function";

type Unit = "day" | "week" | "month" | "year";

/** The first moment of the day, week (from Sunday), month or year that holds a moment, `offset` of them later. */
function startOf(moment: number, unit: Unit, offset = 0): number | null {
  const { year, month, day, weekday } = partsOf(moment);
  if (unit === "day") return makeDatetime(year, month, day + offset);
  if (unit === "week") return makeDatetime(year, month, day - weekday + 7 * offset);
  return unit === "month" ? makeDatetime(year, month + offset, 1) : makeDatetime(year + offset, 1, 1);
}

function starting(unit: Unit): FunctionSpec {
  return call2("datetime", [datetime, otherwise(number, 0)], (moment, offset) => startOf(moment, unit, offset), 1);
}

/** The last tick of the day, week, month or year. */
function ending(unit: Unit): FunctionSpec {
  return call2(
    "datetime",
    [datetime, otherwise(number, 0)],
    (moment, offset) => {
      const next = startOf(moment, unit, offset + 1);
      return next === null ? null : lastTickBefore(next);
    },
    1,
  );
}

function part(pick: (parts: ReturnType<typeof partsOf>) => number): FunctionSpec {
  return call1("int", datetime, (moment) => pick(partsOf(moment)));
}

const UNITS: Record<string, number> = {
  week: 7 * DAY,
  day: DAY,
  hour: HOUR,
  minute: MINUTE,
  second: SECOND,
  millisecond: MILLISECOND,
  microsecond: MICROSECOND,
  nanosecond: MICROSECOND / 1000,
};

const MONTHS: Record<string, number> = { year: 12, quarter: 3, month: 1 };

/** How often the border of `unit` lies between two moments. */
function difference(unit: string, end: number, start: number): number | null {
  const months = MONTHS[unit];
  if (months !== undefined) {
    const count = (moment: number) => {
      const { year, month } = partsOf(moment);
      return Math.floor((year * 12 + month - 1) / months);
    };
    return count(end) - count(start);
  }
  const size = UNITS[unit];
  if (size === undefined) return null;
  if (unit === "week") {
    return Math.round(((startOf(end, "week") ?? 0) - (startOf(start, "week") ?? 0)) / size);
  }
  return Math.floor(Math.floor(end) / size) - Math.floor(Math.floor(start) / size);
}

/** Moves a moment by whole units; a day that the month lacks becomes its last. */
function add(unit: string, amount: number, moment: number): number | null {
  const months = MONTHS[unit];
  if (months === undefined) {
    const size = UNITS[unit];
    return size === undefined ? null : moment + size * Math.trunc(amount);
  }
  const { year, month, day } = partsOf(moment);
  const first = makeDatetime(year, month + months * Math.trunc(amount), 1);
  if (first === null) return null;
  const start = partsOf(first);
  const lastDay = partsOf((makeDatetime(start.year, start.month + 1, 1) ?? 0) - 1).day;
  const midnight = startOf(moment, "day") ?? moment;
  return first + (Math.min(day, lastDay) - 1) * DAY + (moment - midnight);
}

function extracted(unit: string, moment: number): number | null {
  const parts = partsOf(moment);
  const start = startOf(moment, "year") ?? 0;
  switch (unit) {
    case "year":
      return parts.year;
    case "quarter":
      return Math.ceil(parts.month / 3);
    case "month":
      return parts.month;
    case "week_of_year":
    case "weekofyear":
      return isoWeek(moment);
    case "day":
      return parts.day;
    case "dayofyear":
      return Math.floor((moment - start) / DAY) + 1;
    case "hour":
      return parts.hour;
    case "minute":
      return parts.minute;
    case "second":
      return parts.second;
    case "millisecond":
      return Math.trunc(parts.fraction / MILLISECOND);
    case "microsecond":
      return Math.trunc(parts.fraction);
    default:
      return null;
  }
}

/** Week of the year as ISO 8601 counts: weeks begin on Monday, the first holds the year's first Thursday. */
function isoWeek(moment: number): number {
  const weekday = (partsOf(moment).weekday + 6) % 7;
  const thursday = (startOf(moment, "day") ?? 0) + (3 - weekday) * DAY;
  const year = startOf(thursday, "year") ?? 0;
  return Math.floor((thursday - year) / (7 * DAY)) + 1;
}

/** `now()` is one moment for the whole query. */
const now: FunctionSpec = {
  min: 0,
  max: 1,
  make: ([offset], { scope }) => {
    const moment = scope.execution.now;
    const read = otherwise(timespan, 0)(offset);
    return computed("datetime", (row, index) => {
      const each = read(row, index);
      return each === null ? null : moment + each;
    });
  },
};

const ago: FunctionSpec = {
  min: 1,
  max: 1,
  make: (args, { scope }) => {
    const moment = scope.execution.now;
    const read = timespan(args[0]);
    return computed("datetime", (row, index) => {
      const each = read(row, index);
      return each === null ? null : moment - each;
    });
  },
};

/** Checks a constant unit before the query runs: a misspelt one would silently give null. */
function withUnit(spec: FunctionSpec, known: (unit: string) => boolean): FunctionSpec {
  return {
    ...spec,
    make: (args, site) => {
      const unit = constantValue(args[0]);
      if (typeof unit === "string" && !known(unit.toLowerCase())) {
        throw new KqlError("EvaluationFailed", `'${unit}' is not a unit that ${site.name}() knows`, site.at);
      }
      return spec.make(args, site);
    },
  };
}

const isUnit = (unit: string) => unit in UNITS || unit in MONTHS;

export const DATES: FunctionTable = {
  now,
  ago,
  startofday: starting("day"),
  startofweek: starting("week"),
  startofmonth: starting("month"),
  startofyear: starting("year"),
  endofday: ending("day"),
  endofweek: ending("week"),
  endofmonth: ending("month"),
  endofyear: ending("year"),
  dayofweek: call1("timespan", datetime, (moment) => partsOf(moment).weekday * DAY),
  dayofmonth: part((parts) => parts.day),
  dayofyear: call1("int", datetime, (moment) => extracted("dayofyear", moment)),
  hourofday: part((parts) => parts.hour),
  monthofyear: part((parts) => parts.month),
  getmonth: part((parts) => parts.month),
  getyear: part((parts) => parts.year),
  week_of_year: call1("int", datetime, isoWeek),
  weekofyear: call1("int", datetime, isoWeek),
  datetime_part: withUnit(
    call2("int", [text, datetime], (unit, moment) => extracted(unit.toLowerCase(), moment)),
    (unit) => extracted(unit, 0) !== null,
  ),
  datetime_diff: withUnit(
    call3("long", [text, datetime, datetime], (unit, end, start) => difference(unit.toLowerCase(), end, start)),
    isUnit,
  ),
  datetime_add: withUnit(
    call3("datetime", [text, number, datetime], (unit, amount, moment) => add(unit.toLowerCase(), amount, moment)),
    isUnit,
  ),
  make_datetime: {
    min: 3,
    max: 6,
    make: (args) => {
      const reads = args.map(number);
      return computed("datetime", (row, index) => {
        const [year, month, day, hour = 0, minute = 0, second = 0] = reads.map((read) => read(row, index));
        if (!year || !month || !day || hour === null || minute === null || second === null) return null;
        return makeDatetime(year, month, day, hour, minute, second);
      });
    },
  },
  make_timespan: {
    min: 2,
    max: 4,
    make: (args) => {
      const reads = args.map(number);
      return computed("timespan", (row, index) => {
        const values = reads.map((read) => read(row, index));
        const [days, hours, minutes, seconds] =
          values.length === 4 ? values : values.length === 3 ? [0, ...values] : [0, ...values, 0];
        if (days == null || hours == null || minutes == null || seconds == null) return null;
        return days * DAY + hours * HOUR + minutes * MINUTE + Math.round(seconds * SECOND);
      });
    },
  },
  format_datetime: call2("string", [datetime, text], formatPattern),
  format_timespan: call2("string", [timespan, text], formatSpanPattern),
  unixtime_nanoseconds_todatetime: call1("datetime", number, (nanoseconds) => Math.floor(nanoseconds / 1000)),
  unixtime_seconds_todatetime: call1("datetime", number, (seconds) => Math.round(seconds * SECOND)),
  unixtime_milliseconds_todatetime: call1("datetime", number, fromMilliseconds),
  unixtime_microseconds_todatetime: call1("datetime", number, Math.round),
};

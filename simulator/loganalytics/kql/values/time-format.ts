import { DAY, fractionDigits, HOUR, MINUTE, pad, partsOf, SECOND } from "./time";

const TOKENS = /yyyy|yy|MM|M|dd|d|HH|H|hh|h|mm|m|ss|s|tt|f{1,7}|F{1,7}/g;

function fractionText(fraction: number, token: string): string {
  const digits = fractionDigits(fraction).slice(0, token.length);
  return token.startsWith("F") ? digits.replace(/0+$/, "") : digits;
}

/** A date by the tokens of `format_datetime()`; other characters stand as they are. */
export function formatPattern(datetime: number, pattern: string): string {
  const { year, month, day, hour, minute, second, fraction } = partsOf(datetime);
  const half = hour % 12 === 0 ? 12 : hour % 12;
  return pattern.replace(TOKENS, (token) => {
    switch (token) {
      case "yyyy":
        return pad(year, 4);
      case "yy":
        return pad(year % 100, 2);
      case "tt":
        return hour < 12 ? "AM" : "PM";
      default:
        break;
    }
    const value = { M: month, d: day, H: hour, h: half, m: minute, s: second }[token[0] ?? ""];
    return value === undefined ? fractionText(fraction, token) : pad(value, token.length);
  });
}

/** A span by the tokens of `format_timespan()`; repeated `d` pads the days. */
export function formatSpanPattern(timespan: number, pattern: string): string {
  const size = Math.abs(timespan);
  return pattern.replace(/d{1,8}|HH|H|hh|h|mm|m|ss|s|f{1,7}|F{1,7}/g, (token) => {
    const letter = token[0] ?? "";
    if (letter === "d") return pad(Math.floor(size / DAY), token.length);
    if (letter === "f" || letter === "F") return fractionText(size % SECOND, token);
    const value = {
      H: Math.floor(size / HOUR) % 24,
      h: Math.floor(size / HOUR) % 24,
      m: Math.floor(size / MINUTE) % 60,
      s: Math.floor(size / SECOND) % 60,
    }[letter];
    return pad(value ?? 0, token.length);
  });
}

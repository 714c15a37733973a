import { expect, test } from "vitest";
import { parseTimespan } from "./timespan";

const NOW = Date.UTC(2026, 9, 1, 12);
const HOUR = 3_600_000;

test.each([
  ["PT12H", NOW - 12 * HOUR, NOW + 1],
  ["P1D", NOW - 24 * HOUR, NOW + 1],
  ["P1DT1H30M", NOW - 25.5 * HOUR, NOW + 1],
  ["P1W", NOW - 7 * 24 * HOUR, NOW + 1],
  ["PT0.5S", NOW - 500, NOW + 1],
  ["2026-10-01T00:00:00Z/2026-10-01T06:00:00Z", NOW - 12 * HOUR, NOW - 6 * HOUR],
  ["2026-10-01T00:00:00/PT6H", NOW - 12 * HOUR, NOW - 6 * HOUR],
  ["PT6H/2026-10-01T06:00:00Z", NOW - 12 * HOUR, NOW - 6 * HOUR],
  ["2026-10-01/2026-10-02", NOW - 12 * HOUR, NOW + 12 * HOUR],
  ["2026-10-01T02:00:00+02:00/PT6H", NOW - 12 * HOUR, NOW - 6 * HOUR],
])("%s", (text, start, end) => {
  expect(parseTimespan(text, NOW)).toEqual({ start, end });
});

test.each([["yesterday"], ["P"], ["PT"], ["P1D/P2D"], ["2026-10-01"], ["2026-10-01/now"], ["a/b/c"], ["/"]])(
  "%s is refused",
  (text) => {
    expect(() => parseTimespan(text, NOW)).toThrow(expect.objectContaining({ status: 400, code: "BadArgumentError" }));
  },
);

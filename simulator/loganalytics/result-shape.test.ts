import { expect, test } from "vitest";
import type { KqlType, ResultTable, Value } from "./kql/types";
import { ROWS_MAX, resultBody } from "./result-shape";

const stats = { rowsTouched: 3, approximate: [], plan: "memory" as const, planMilliseconds: 1, runMilliseconds: 250 };
const one = (type: KqlType, value: Value): ResultTable => ({ columns: [{ name: "x", type }], rows: [[value]], stats });
const cell = (type: KqlType, value: Value) =>
  resultBody(one(type, value), { statistics: false, visualization: false }).tables[0]?.rows[0]?.[0];

test.each<[KqlType, Value, unknown]>([
  ["datetime", Date.UTC(2026, 8, 1, 10, 15, 2) * 1000 + 123_456, "2026-09-01T10:15:02.123456Z"],
  ["datetime", Date.UTC(2026, 8, 1) * 1000, "2026-09-01T00:00:00Z"],
  ["timespan", 90_061_000_000, "1.01:01:01"],
  ["dynamic", { a: [1, null] }, '{"a":[1,null]}'],
  ["dynamic", "text", "text"],
  ["dynamic", 5, "5"],
  ["long", 7, 7],
  ["real", Number.NaN, "NaN"],
  ["real", Number.NEGATIVE_INFINITY, "-Infinity"],
  ["bool", false, false],
  ["string", "", ""],
  ["guid", null, null],
])("%s %j goes out as %j", (type, value, sent) => {
  expect(cell(type, value)).toEqual(sent);
});

test("statistics and the render hint come only when asked for", () => {
  const plain = resultBody(one("long", 1), { statistics: false, visualization: false });
  expect(Object.keys(plain)).toEqual(["tables"]);
  const full = resultBody(one("long", 1), { statistics: true, visualization: true });
  expect(full).toMatchObject({ statistics: { query: { executionTime: 0.25 } }, render: { visualization: null } });
});

test("so is one of too many characters", () => {
  const rows = Array.from({ length: 100 }, () => ["x".repeat(1024 * 1024)]);
  const body = resultBody(
    { columns: [{ name: "x", type: "string" }], rows, stats },
    { statistics: false, visualization: false },
  );
  expect(body.tables[0]?.rows).toHaveLength(64);
  expect(body.error).toMatchObject({ details: [{ message: expect.stringContaining("data size limit 67108864") }] });
});

test("an answer is cut at the service's limit and says so", () => {
  const rows = Array.from({ length: ROWS_MAX + 1 }, () => [1]);
  const body = resultBody(
    { columns: [{ name: "x", type: "long" }], rows, stats },
    { statistics: false, visualization: false },
  );
  expect(body.tables[0]?.rows).toHaveLength(ROWS_MAX);
  expect(body.error).toMatchObject({ code: "PartialError" });
});

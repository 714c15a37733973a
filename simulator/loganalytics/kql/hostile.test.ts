import { afterAll, describe, expect, it } from "vitest";
import { KqlEngine } from "./engine";
import { ask, database, NOW, table } from "./testing/harness";
import type { Limits } from "./types";

const few = database([table("T", "TimeGenerated:datetime n:long", [[NOW * 1000, 1]], { timeColumn: "TimeGenerated" })]);
const limits = { milliseconds: 60_000, rows: 100_000, cells: 200_000, characters: 5_000_000 };

/** Whichever of the two budgets is met first. */
const GREW = /^(?:Row|Memory)LimitExceeded$/;

const stopped = async (query: string, more: Partial<Limits> = {}) => {
  const failed = await ask(query, few, { ...limits, ...more }).catch((error: unknown) => error);
  return failed instanceof Error && "code" in failed ? failed.code : "answered";
};

describe("a query that would take all memory or time", () => {
  it("is stopped at the operator that grows", async () => {
    const spread = (name: string) => `extend ${name} = range(1, 1000) | mv-expand ${name}`;
    expect(await stopped(`T | ${spread("a")} | ${spread("b")} | ${spread("c")}`)).toMatch(
      /^(?:Row|Memory)LimitExceeded$/,
    );
    const thousand = "(range y from 1 to 1000 step 1 | extend k = 1)";
    expect(await stopped(`${thousand} | join kind=inner ${thousand} on k`)).toMatch(GREW);
    expect(await stopped("range x from 1 to 1000000000000 step 1 | sort by x")).toMatch(GREW);
    expect(await stopped("range x from 1 to 1000000000000 step 1")).toMatch(GREW);
    expect(await stopped("range x from 1 to 1000000000000 step 1 | summarize make_set(x)")).toMatch(GREW);
    expect(await stopped("range x from 1 to 1000000000000 step 1 | summarize count() by x")).toMatch(GREW);
    expect(await stopped("range x from 1 to 1000000000000 step 1 | where x < 0", { milliseconds: 300 })).toBe(
      "TimeLimitExceeded",
    );
    expect(await stopped("T | make-series count() on TimeGenerated from datetime(1900-01-01) to now(1h) step 1s")).toBe(
      "EvaluationFailed",
    );
  });

  it("cannot double its way to a value without end", async () => {
    const text = `extend s = strcat(s, s)`;
    expect(await stopped(`T | extend s = tostring(n) | ${Array(40).fill(text).join(" | ")}`)).toMatch(GREW);
    const list = "extend s = pack_array(s, s)";
    expect(await stopped(`T | extend s = pack_array(n) | ${Array(40).fill(list).join(" | ")}`)).toMatch(GREW);
    expect(await stopped("print strrep(strrep(strrep(strrep('aaaa', 1000), 1000), 1000), 1000)")).toMatch(GREW);
    expect(
      await stopped(
        "T | extend r = replace_string(strrep('a', 1000), 'a', strrep('b', 1000)) | extend r = replace_string(r, 'b', r)",
      ),
    ).toMatch(GREW);
    expect(await stopped("print range(1, 1000000000)")).toBe("EvaluationFailed");
  });

  it("may have no end when only its beginning is asked for", async () => {
    const { rows } = await ask(
      "range x from 1 to 1000000000000 step 1 | where x % 2 == 0 | extend y = -x | take 2",
      few,
      limits,
    );
    expect(rows).toEqual([
      [2, -2],
      [4, -4],
    ]);
  });
});

describe("a text that would take the parser's stack or time", () => {
  const own = new KqlEngine();
  afterAll(() => own.close());

  it("is refused, and the parser goes on", async () => {
    const refusal = (text: string) =>
      own
        .query(text, few, { now: NOW })
        .catch((error: unknown) => (error instanceof Error && "code" in error ? error.code : error));
    const nested = (open: string, close: string) => open.repeat(10_000) + close.repeat(10_000);
    expect(await refusal(`print x = ${nested("(", ")")}`)).toBe("QueryTooComplex");
    expect(await refusal(`print x = dynamic(${nested("[", "]")})`)).toBe("QueryTooComplex");
    expect(await refusal(`print x = 1${" + 1".repeat(2000)}`)).toMatch(/^(?:KS245|QueryTooComplex)$/);
    expect(await refusal(`T${" | where true".repeat(2000)}`)).toMatch(/^(?:KS245|QueryTooComplex)$/);
    expect(await refusal(`print x = '${"a".repeat(2_000_000)}'`)).toBe("QueryTooComplex");
    expect(await own.query("print 1 + 1", few, { now: NOW })).toMatchObject({ rows: [[2]] });
  }, 120_000);
});

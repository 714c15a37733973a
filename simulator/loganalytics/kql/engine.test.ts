import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { KqlEngine } from "./engine";
import { ask, at, columnsOf, database, engine, NOW, rowsOf, table } from "./testing/harness";
import type { Row, TabularFunction } from "./types";
import { MINUTE } from "./values/time";

const noon = at("2026-09-15T12:00:00Z");
const minutely: Row[] = Array.from({ length: 10_000 }, (_, index) => [
  noon - (10_000 - index) * MINUTE,
  index % 7,
  `r${index}`,
]);
const log = database([
  table("Log", "TimeGenerated:datetime kind:long name:string", minutely, { timeColumn: "TimeGenerated" }),
]);

describe("a filter on the time column of a sorted table", () => {
  const touched = async (query: string) => {
    const { rows, stats } = await ask(`${query} | count`, log);
    return [rows[0]?.[0], stats.rowsTouched];
  };

  it("is a search, not a scan, in every form", async () => {
    expect(await touched("Log | where TimeGenerated >= ago(1h)")).toEqual([60, 60]);
    expect(await touched("Log | where TimeGenerated > ago(1h) and kind == 3")).toEqual([9, 59]);
    expect(await touched("Log | where kind == 3 and ago(1h) < TimeGenerated")).toEqual([9, 59]);
    expect(await touched("Log | where TimeGenerated between (ago(2h) .. ago(1h))")).toEqual([61, 61]);
    expect(await touched("Log | where TimeGenerated between (ago(2h) .. 30m)")).toEqual([31, 31]);
    expect(await touched("let since = ago(1h); let t = Log; t | where TimeGenerated >= since")).toEqual([60, 60]);
    expect(await touched("Log | where TimeGenerated < datetime(2000-01-01)")).toEqual([0, 0]);
    expect(await touched("Log | where TimeGenerated > ago(1h) | where TimeGenerated > ago(5m)")).toEqual([4, 4]);
  });

  it("scans where the answer could not be found otherwise", async () => {
    expect(await touched("Log | where TimeGenerated > ago(1h) or kind == 3")).toEqual([1479, 10_000]);
    expect(await touched("Log | extend TimeGenerated = TimeGenerated + 1d | where TimeGenerated > ago(1h)")).toEqual([
      1499, 10_000,
    ]);
  });

  it("stays right after rows were moved or renamed", async () => {
    expect(
      await rowsOf(
        "Log | take 100 | sort by TimeGenerated desc | where TimeGenerated < datetime(2026-09-08 13:30) | count",
        log,
      ),
    ).toEqual([[10]]);
    expect(await rowsOf("Log | project t = TimeGenerated | where t >= ago(3m) | count", log)).toEqual([[3]]);
  });

  it("is narrowed further by the time range of the request", async () => {
    const timespan = { start: NOW - 10 * 60_000, end: NOW - 5 * 60_000 };
    const { rows, stats } = await engine.query("Log | where TimeGenerated > ago(8m) | count", log, {
      now: NOW,
      timespan,
    });
    expect(rows).toEqual([[2]]);
    expect(stats.rowsTouched).toBe(2);
  });
});

describe("ingestion time", () => {
  it("stays with its row through filters and order, and is lost by grouping", async () => {
    const late = database([
      table(
        "Log",
        "TimeGenerated:datetime n:long",
        [
          [noon - 3 * MINUTE, 1],
          [noon - 2 * MINUTE, 2],
          [noon - MINUTE, 3],
        ],
        {
          timeColumn: "TimeGenerated",
          ingestedAt: (index) => noon - index * MINUTE,
        },
      ),
      table("Other", "TimeGenerated:datetime n:long", [[noon, 9]]),
    ]);
    expect(await rowsOf("Log | where n >= 2 | extend i = ingestion_time() | project n, i", late)).toEqual([
      [2, noon - MINUTE],
      [3, noon - 2 * MINUTE],
    ]);
    expect(await rowsOf("Log | sort by n desc | where ingestion_time() >= ago(1m) | project n", late)).toEqual([
      [2],
      [1],
    ]);
    expect(await rowsOf("union Log, Other | project n, i = ingestion_time() | where n in (1, 9)", late)).toEqual([
      [1, noon],
      [9, null],
    ]);
    expect(await rowsOf("Log | summarize by n | extend i = ingestion_time() | project i", late)).toEqual([
      [null],
      [null],
      [null],
    ]);
    const timespan = { start: NOW - 2 * 60_000, end: NOW };
    const { rows } = await engine.query("Log | project n, ingestion_time()", late, { now: NOW, timespan });
    expect(rows).toEqual([
      [2, noon - MINUTE],
      [3, noon - 2 * MINUTE],
    ]);
  });
});

describe("budgets", () => {
  it("stop a query that asks for too much, each by its name", async () => {
    await expect(ask("range i from 1 to 1000000000 step 1", log, { rows: 5000 })).rejects.toMatchObject({
      code: "RowLimitExceeded",
    });
    await expect(
      ask("Log | extend k = 1 | join kind=inner (Log | extend k = 1) on k", log, { rows: 50_000 }),
    ).rejects.toMatchObject({ code: "RowLimitExceeded" });
    await expect(ask("Log | mv-expand x = range(1, 100)", log, { rows: 50_000 })).rejects.toMatchObject({
      code: "RowLimitExceeded",
      message: expect.stringContaining("mv-expand"),
    });
    await expect(ask("Log | summarize make_list(name)", log, { cells: 5000 })).rejects.toMatchObject({
      code: "MemoryLimitExceeded",
    });
    await expect(
      ask("Log | extend k = 1 | join kind=inner (Log | extend k = 1) on k | count", log, {
        milliseconds: 20,
        rows: 1e9,
        cells: 1e9,
      }),
    ).rejects.toMatchObject({ code: "TimeLimitExceeded" });
  });
});

describe("plans", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "kql-plans-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("are kept in memory and in the folder, so that a restart skips the parser", async () => {
    const first = new KqlEngine({ planFolder: folder });
    const query = "Log | where kind == 2 | count";
    const sources = [];
    for (let round = 0; round < 2; round++) sources.push((await first.query(query, log, { now: NOW })).stats.plan);
    await first.close();
    const again = await new KqlEngine({ planFolder: folder }).query(query, log, { now: NOW });
    expect([...sources, again.stats.plan]).toEqual(["parser", "memory", "folder"]);
    expect(again.rows).toEqual([[1429]]);
  });

  it("are made anew when the schema changes, also that of a function", async () => {
    let columns = "SearchKey:string Old:string";
    const list: TabularFunction = {
      parameters: [{ name: "alias", type: "string" }],
      schemaOf: () => columnsOf(columns),
      call: () => table("list", columns, [["k", "v"]]),
    };
    const from = database([], { _GetWatchlist: list });
    expect(await rowsOf("_GetWatchlist('a') | project Old", from)).toEqual([["v"]]);
    columns = "SearchKey:string New:string";
    await expect(rowsOf("_GetWatchlist('a') | project Old", from)).rejects.toMatchObject({ code: "KS142" });
    expect(await rowsOf("let alias = 'a'; _GetWatchlist(alias) | project New", from)).toEqual([["v"]]);
  });
});

describe("the parser's thread", () => {
  it("fails the queries that wait when it is stopped, starts anew, and never holds up the event loop", async () => {
    const own = new KqlEngine();
    const failed = expect(own.query("print 1", log, { now: NOW })).rejects.toMatchObject({ code: "ParserFailed" });
    await own.close();
    await failed;
    let ticks = 0;
    const timer = setInterval(() => ticks++, 20);
    const answers = await Promise.all([1, 2, 3, 4].map((n) => own.query(`print ${n} * ${n}`, log, { now: NOW })));
    clearInterval(timer);
    expect(answers.map((answer) => answer.rows)).toEqual([[[1]], [[4]], [[9]], [[16]]]);
    expect(ticks).toBeGreaterThan(5);
    await own.close();
  });
});

import { describe, expect, it } from "vitest";
import { ask, at, columnsOf, database, engine, NOW } from "./testing/harness";
import type { RowSource, Table, Value } from "./types";
import { MINUTE } from "./values/time";

const noon = at("2026-09-15T12:00:00Z");
const COLUMNS = columnsOf("TimeGenerated:datetime kind:long name:string unused:string d:dynamic");

/** A table by columns that notes which columns are read, one row a minute until the clock of the tests. */
function watched(name: string, length = 10_000) {
  const read = new Set<string>();
  const cellOf = (column: string, row: number): Value => {
    read.add(column);
    if (column === "TimeGenerated") return noon - (length - row) * MINUTE;
    if (column === "kind") return row % 7;
    if (column === "d") return { row };
    return column === "name" ? `r${row}` : null;
  };
  const rows: RowSource = {
    length,
    column: (position) => (row) => cellOf(COLUMNS[position]?.name ?? "", row),
  };
  const table: Table = {
    name,
    columns: COLUMNS,
    rows,
    timeColumn: "TimeGenerated",
    ingestedAt: (row) => noon - (length - row) * MINUTE + 3 * MINUTE,
    ingestionDelay: { least: 2 * MINUTE, greatest: 5 * MINUTE },
  };
  return { table, read };
}

async function looked(query: string) {
  const tables = [watched("A"), watched("B", 5000)];
  const { rows, stats } = await ask(query, database(tables.map((each) => each.table)));
  return { answer: rows[0]?.[0], touched: stats.rowsTouched, read: [...(tables[0]?.read ?? [])].sort() };
}

describe("a filter on time", () => {
  it("reaches the table through whatever leaves the column alone", async () => {
    const last = { answer: 59, touched: 59 };
    expect(await looked("A | extend x = kind + 1 | where TimeGenerated > ago(1h) | count")).toMatchObject(last);
    expect(await looked("A | project t = TimeGenerated, kind | where t > ago(1h) | count")).toMatchObject(last);
    expect(
      await looked("A | project-rename t = TimeGenerated | where kind >= 0 | where t > ago(1h) | count"),
    ).toMatchObject(last);
    expect(
      await looked("let w = 1h; let T = A | where kind >= 0; T | where TimeGenerated > ago(w) | count"),
    ).toMatchObject(last);
    expect(
      await looked("let T = materialize(A | where kind >= 0); T | where TimeGenerated > ago(1h) | count"),
    ).toMatchObject(last);
    expect(
      await looked(
        "let f = (t: (TimeGenerated: datetime), s: datetime) { t | where TimeGenerated > s }; f(A, ago(1h)) | count",
      ),
    ).toMatchObject(last);
    expect(await looked("let s = toscalar(print ago(1h)); A | where TimeGenerated > s | count")).toMatchObject(last);
    expect(await looked("A | where TimeGenerated == datetime(2026-09-15 11:30) | count")).toMatchObject({
      answer: 1,
      touched: 1,
    });
  });

  it("reaches every leg of a union, and each use of a shared table", async () => {
    expect(await looked("union A, (B | extend x = 1) | where TimeGenerated >= ago(10m) | count")).toMatchObject({
      answer: 20,
      touched: 20,
    });
    expect(
      await looked(
        "union isfuzzy=true (A | where TimeGenerated >= ago(5m)), (B | where TimeGenerated >= ago(10m)), Missing | count",
      ),
    ).toMatchObject({ answer: 15, touched: 15 });
    const twice =
      "let T = A | where kind >= 0; T | where TimeGenerated >= ago(10m) | join kind=leftanti (T | where TimeGenerated between (ago(30m) .. ago(20m))) on name | count";
    expect(await looked(twice)).toMatchObject({ answer: 10, touched: 21 });
  });

  it("on the time of ingestion skips what came too early to matter", async () => {
    // Rows came in three minutes after their time; the table itself says two to five.
    expect(await looked("A | where ingestion_time() > ago(1h) | count")).toMatchObject({ answer: 62, touched: 65 });
    expect(await looked("A | where ingestion_time() between (ago(1h) .. ago(30m)) | count")).toMatchObject({
      answer: 31,
      touched: 34,
    });
  });

  it("does not reach through what looks at other rows or makes the column anew", async () => {
    expect(
      await looked(
        "A | sort by TimeGenerated asc | extend gap = TimeGenerated - prev(TimeGenerated) | where TimeGenerated >= ago(1m) | where gap == 1m | count",
      ),
    ).toMatchObject({ answer: 1, touched: 10_000 });
    expect(await looked("A | take 100 | where TimeGenerated >= ago(1h) | count")).toMatchObject({
      answer: 0,
      touched: 100,
    });
    expect(await looked("A | extend TimeGenerated = now() | where TimeGenerated >= ago(1m) | count")).toMatchObject({
      answer: 10_000,
      touched: 10_000,
    });
  });

  it("meets the time range of the request", async () => {
    const timespan = { start: NOW - 20 * 60_000, end: NOW - 10 * 60_000 };
    const { table } = watched("A");
    const { rows, stats } = await engine.query("A | where TimeGenerated >= ago(15m) | count", database([table]), {
      now: NOW,
      timespan,
    });
    expect([rows, stats.rowsTouched]).toEqual([[[5]], 5]);
  });
});

describe("a table by columns", () => {
  it("is read only where the query names a column", async () => {
    expect((await looked("A | count")).read).toEqual([]);
    expect((await looked("A | summarize count() by kind")).read).toEqual(["kind"]);
    expect((await looked("A | where kind == 3 | project name | take 1")).read).toEqual(["kind", "name"]);
    expect((await looked("A | extend x = column_ifexists('name', '') | project x | take 1")).read).toEqual(["name"]);
    expect(
      (await looked("A | where kind == 1 | join kind=inner (B | project name, kind) on name | project kind1 | take 1"))
        .read,
    ).toEqual(["kind", "name"]);
    expect((await looked("union A, B | where TimeGenerated > ago(5m) | summarize by name")).read).toEqual([
      "TimeGenerated",
      "name",
    ]);
    expect((await looked("A | summarize arg_max(TimeGenerated, *) by kind | project kind, name | count")).read).toEqual(
      ["TimeGenerated", "kind", "name"],
    );
    expect((await looked("A | take 1")).read).toEqual(["TimeGenerated", "d", "kind", "name", "unused"]);
    expect((await looked("A | where * has 'r17' | count")).read).toContain("unused");
    expect((await looked("A | take 1 | extend b = pack_all()")).read).toContain("unused");
  });

  it("keeps its rows as they are, whoever extends them", async () => {
    const twice = "let T = A | where kind == 3; union (T | extend name = 'x' | take 1), (T | take 1) | project name";
    const { table } = watched("A");
    const { rows } = await ask(twice, database([table]));
    expect(rows).toEqual([["x"], ["r3"]]);
    const swapped = "A | where kind == 3 | take 1 | project a = 1, b = 2 | extend a = b, b = a";
    expect((await ask(swapped, database([table]))).rows).toEqual([[2, 1]]);
  });

  it("goes through in pieces without losing or doubling rows", async () => {
    const long = watched("A", 30_000).table;
    const one = async (query: string) => (await ask(query, database([long]))).rows[0];
    expect(await one("A | extend x = kind * 2 | where x > 4 | summarize count(), sum(x), min(name)")).toEqual([
      17_142,
      154_274,
      "r10",
    ]);
    expect(await one("A | where kind == 1 | distinct kind | count")).toEqual([1]);
    expect(await one("A | mv-expand v = dynamic([1, 2]) | count")).toEqual([60_000]);
    expect(await one("A | where kind >= 0 | top 1 by TimeGenerated asc | project name")).toEqual(["r0"]);
    expect(await one("A | extend i = ingestion_time() | where i > ago(1m) | count")).toEqual([3]);
    expect(await one("A | where kind == 2 | extend r = row_number() | summarize max(r)")).toEqual([4286]);
  });
});

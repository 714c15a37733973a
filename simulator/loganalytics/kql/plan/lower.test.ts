import { describe, expect, it } from "vitest";
import { ask, database, engine, NOW, rowsOf, table } from "../testing/harness";

const from = database([
  table("T", "a:string n:long d:dynamic", [
    ["x", 1, { k: 1 }],
    ["y", 2, { k: 2 }],
    ["z", 3, { k: 3 }],
  ]),
]);

describe("let", () => {
  it("names values, tables and functions", async () => {
    expect(
      await rowsOf(
        `let least = 2;
         let some = T | where n >= least;
         let twice = (v: long, factor: long = 2) { v * factor };
         let above = (rows: (n: long, a: string), limit: long) { rows | where n > limit | project a };
         let fixed = () { T | where n == 1 };
         some | extend m = twice(n), k = twice(n, 10) | union (fixed()) | where a in (above(T, 1)) or n == 1 | project a, m, k`,
        from,
      ),
    ).toEqual([
      ["y", 4, 20],
      ["z", 6, 30],
      ["x", null, null],
    ]);
  });

  it("lets a name that is bound again refer to its previous self", async () => {
    expect(await rowsOf("let T = T | where n > 1; T | where n < 3 | project n", from)).toEqual([[2]]);
  });

  it("keeps the names of a function apart from those of its caller", async () => {
    expect(await rowsOf("let x = 1; let f = (y: long) { let x = 100; x + y }; print f(x), y = x")).toEqual([[101, 1]]);
  });

  it("converts an argument to the declared type", async () => {
    expect(await rowsOf("let half = (v: real) { v / 2 }; print half(3)")).toEqual([[1.5]]);
  });

  it("evaluates a table once, however often it is named", async () => {
    const { stats } = await ask(
      "let big = materialize(T | where n > 0); big | join kind=inner big on a | join kind=inner big on a | count",
      from,
    );
    expect(stats.rowsTouched).toBe(3);
  });

  it("gives a function to invoke on the rows of a pipe", async () => {
    const query =
      "let above = (rows: (n: long, a: string), least: long) { rows | where n >= least | project a }; T | invoke above(2)";
    expect(await rowsOf(query, from)).toEqual([["y"], ["z"]]);
  });

  it("is also given within a pipe", async () => {
    expect(
      await rowsOf(
        "T | where n > 1 | as big | where n in (toscalar(big | summarize make_set(n)), 1) | union big | count",
        from,
      ),
    ).toEqual([[4]]);
  });

  it("passes tables through functions that ask for nothing of them", async () => {
    expect(await rowsOf("let all = (rows: (*)) { rows | count }; all(T)", from)).toEqual([[3]]);
    expect(await rowsOf("T | where n in (T | where a == 'y' | project n) | project a", from)).toEqual([["y"]]);
  });
});

describe("what is not there is refused by name, before anything runs", () => {
  const refused: Record<string, RegExp> = {
    "find where a == 'x'": /'find'/,
    "T | evaluate autocluster()": /plugin 'autocluster'/,
    "T | evaluate basket()": /plugin 'basket'/,
    "externaldata(x: string) ['https://x.test/y.csv']": /'externaldata'/,
    "T | scan with (step s: true => a = a;)": /operator 'scan'/,
    "T | summarize hll(a)": /aggregate 'hll'/,
    "T | reduce by a": /operator 'reduce'/,
  };

  for (const [query, message] of Object.entries(refused)) {
    it(query, async () => {
      await expect(engine.query(query, from, { now: NOW })).rejects.toMatchObject({
        code: "NotSupported",
        message: expect.stringMatching(message),
      });
    });
  }

  it("even where no row would ever reach it", async () => {
    await expect(rowsOf("T | where false | extend x = series_fir(d, d)", from)).rejects.toThrow(/series_fir/);
  });
});

describe("what the parser finds wrong", () => {
  it("is told with its code and position", async () => {
    await expect(rowsOf("T | where nope == 1", from)).rejects.toMatchObject({ code: "KS142", position: 10 });
    await expect(rowsOf("T | sumarize count()", from)).rejects.toMatchObject({ code: "KS176" });
    await expect(rowsOf("Tee | count", from)).rejects.toMatchObject({ code: "KS204", position: 0 });
    await expect(rowsOf("T | where a > ", from)).rejects.toMatchObject({ code: "KS006" });
  });
});

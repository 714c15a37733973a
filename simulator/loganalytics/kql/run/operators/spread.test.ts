import { describe, expect, it } from "vitest";
import { ask, at, database, rowsOf, table } from "../../testing/harness";
import { peopleAndTeams } from "./people";

describe("dynamic rows", () => {
  const bags = database([
    table("B", "id:long d:dynamic", [
      [1, ["a", "b"]],
      [2, []],
      [3, null],
      [4, { k: 1, l: "x" }],
    ]),
  ]);

  it("spread: null gives a null row, an empty array none, a bag one row per property", async () => {
    expect(await rowsOf("B | mv-expand d", bags)).toEqual([
      [1, "a"],
      [1, "b"],
      [3, null],
      [4, { k: 1 }],
      [4, { l: "x" }],
    ]);
    expect(
      await rowsOf("B | where id == 1 | mv-expand with_itemindex=i e = d to typeof(string) limit 1", bags),
    ).toEqual([[1, ["a", "b"], "a", 0]]);
    expect(await rowsOf("B | where id == 4 | mv-expand kind=array d", bags)).toEqual([
      [4, ["k", 1]],
      [4, ["l", "x"]],
    ]);
    expect(await rowsOf("print a = dynamic([1,2,3]), b = dynamic(['x']) | mv-expand a, b", bags)).toEqual([
      [1, "x"],
      [2, null],
      [3, null],
    ]);
  });

  it("run a subquery for each row", async () => {
    expect(
      await rowsOf(
        "datatable(id: long, v: dynamic) [1, dynamic([3, 1, 2]), 2, dynamic([9])] | mv-apply x = v to typeof(long) on (top 2 by x | summarize best = make_list(x), s = sum(x))",
      ),
    ).toEqual([
      [1, [3, 1, 2], [3, 2], 5],
      [2, [9], [9], 9],
    ]);
    expect(
      await rowsOf("B | where id == 1 | mv-apply e = d on (where e == 'b' | project hit = e, n = 1)", bags),
    ).toEqual([[1, ["a", "b"], "b", 1]]);
  });

  it("unpack into columns of the types found", async () => {
    const { columns, rows } = await ask(
      "datatable(id: long, d: dynamic) [1, dynamic({'n': 1, 's': 'x'}), 2, dynamic({'n': 2.5, 't': '2026-01-01T00:00:00Z'})] | evaluate bag_unpack(d, 'p_') | where p_n > 0",
    );
    expect(columns).toEqual([
      { name: "id", type: "long" },
      { name: "p_n", type: "real" },
      { name: "p_s", type: "string" },
      { name: "p_t", type: "datetime" },
    ]);
    expect(rows).toEqual([
      [1, 1, "x", null],
      [2, 2.5, "", at("2026-01-01")],
    ]);
  });
});

describe("parse", () => {
  const parsed = (text: string, pattern: string) =>
    rowsOf(`print t = '${text}' | parse t with ${pattern} | project-away t`);

  it("is anchored, and a column reaches to the next literal", async () => {
    expect(await parsed("name=ann, age=30 end", "'name=' name ', age=' age:long ' ' *")).toEqual([["ann", 30]]);
    expect(await parsed("xname=ann", "'name=' name")).toEqual([[""]]);
    expect(await parsed("xname=ann", "* 'name=' name")).toEqual([["ann"]]);
  });

  it("gives nothing at all when one typed column does not fit, unless relaxed", async () => {
    expect(await parsed("a=1 b=x", "'a=' a:long ' b=' b:long")).toEqual([[null, null]]);
    expect(
      await rowsOf("print t = 'a=1 b=x' | parse kind=relaxed t with 'a=' a:long ' b=' b:long | project a, b"),
    ).toEqual([[1, null]]);
    expect(await rowsOf("print t = 'nothing' | parse-where t with 'a=' a:long")).toEqual([]);
  });

  it("takes patterns in regex mode, greedy unless told otherwise", async () => {
    expect(await rowsOf("print t = 'a1,b2,c' | parse kind=regex t with x '[,]' y | project x, y")).toEqual([
      ["a1,b2", "c"],
    ]);
    expect(await rowsOf("print t = 'A1,b2,c' | parse kind=regex flags=Ui t with 'a' x ',' y | project x, y")).toEqual([
      ["1", "b2,c"],
    ]);
  });
});

describe("sources", () => {
  it("make rows of their own", async () => {
    expect(await rowsOf("range i from 1 to 7 step 3")).toEqual([[1], [4], [7]]);
    expect(await rowsOf("range d from datetime(2026-01-01) to datetime(2026-01-02) step 12h | count")).toEqual([[3]]);
    expect(
      await rowsOf("datatable(a: string, b: datetime, c: dynamic) ['x', datetime(2026-01-01), dynamic({'k': 1})]"),
    ).toEqual([["x", at("2026-01-01"), { k: 1 }]]);
    expect(
      await rowsOf("print x = toscalar(People | summarize max(age)), y = toscalar(print 'a')", peopleAndTeams),
    ).toEqual([[41, "a"]]);
  });
});

import { describe, expect, it } from "vitest";
import { ask, at, database, engine, NOW, rowsOf, table } from "../../testing/harness";

const people = table("People", "name:string team:string age:long", [
  ["ann", "red", 30],
  ["bob", "blue", 25],
  ["cid", "red", null],
  ["dee", "", 41],
]);
const teams = table("Teams", "team:string boss:string name:string", [
  ["red", "rosa", "Reds"],
  ["blue", "ben", "Blues"],
  ["green", "gus", "Greens"],
]);
const from = database([people, teams]);

async function names(query: string) {
  return (await ask(query, from)).columns.map((column) => column.name);
}

describe("columns", () => {
  it("are named as the parser names them", async () => {
    expect(await names("People | project age + 1, name, strcat(name, team)")).toEqual(["Column1", "name", "Column2"]);
    expect(await names("People | extend age + 1, x = 1, strlen(name)")).toEqual([
      "name",
      "team",
      "age",
      "Column1",
      "x",
      "strlen_name",
    ]);
    expect(
      await names("People | summarize count(), max(age), dcount(name), make_set(name) by team, b = bin(age, 10)"),
    ).toEqual(["team", "b", "count_", "max_age", "dcount_name", "set_name"]);
    expect(await names("People | summarize arg_max(age, *), take_any(name) by team")).toEqual([
      "team",
      "age",
      "name",
      "name1",
    ]);
    expect(await names("People | join Teams on team")).toEqual(["name", "team", "age", "team1", "boss", "name1"]);
    expect(await names("print 1, x = 2, 'a'")).toEqual(["print_0", "x", "print_2"]);
  });

  it("are left out, kept, renamed and moved", async () => {
    expect(await names("People | project-away a*")).toEqual(["name", "team"]);
    expect(await names("People | project-keep *e, team")).toEqual(["name", "team", "age"]);
    expect(await rowsOf("People | project-rename years = age | where years > 40", from)).toEqual([["dee", "", 41]]);
    expect(await names("People | project-reorder age, t*")).toEqual(["age", "team", "name"]);
    expect(await names("People | project-reorder * asc")).toEqual(["age", "name", "team"]);
  });

  it("of an extend replace what is there, from the old values", async () => {
    expect(await rowsOf("People | take 1 | extend name = team, team = name", from)).toEqual([["red", "ann", 30]]);
  });

  it("describe themselves", async () => {
    expect(await rowsOf("People | getschema | project ColumnName, ColumnType", from)).toEqual([
      ["name", "string"],
      ["team", "string"],
      ["age", "long"],
    ]);
  });
});

describe("summarize", () => {
  it("without groups gives one row even of nothing, with groups none", async () => {
    expect(
      await rowsOf("People | where age > 100 | summarize count(), sum(age), max(age), avg(age), make_list(name)", from),
    ).toEqual([[0, 0, null, null, []]]);
    expect(await rowsOf("People | where age > 100 | summarize count() by team", from)).toEqual([]);
  });

  it("aggregates within expressions", async () => {
    expect(
      await rowsOf(
        "People | summarize n = count(), half = count() / 2, share = round(100.0 * countif(age > 26) / count(), 1), top = make_set(name)[0]",
        from,
      ),
    ).toEqual([[4, 2, 50, "ann"]]);
  });

  it("counts, sums and measures", async () => {
    const row = await rowsOf(
      `People | summarize countif(age > 26), sum(age), sumif(age, team == 'red'), min(age), max(name), avg(age), avgif(age, age > 26),
         dcount(team), dcountif(team, age > 0), round(stdev(age), 3), percentile(age, 50), percentiles(age, 10, 90)`,
      from,
    );
    expect(row).toEqual([[2, 96, 30, 25, "dee", 32, 35.5, 3, 3, 8.185, 30, 25, 41]]);
  });

  it("collects lists, sets and bags, nulls left out, up to a size", async () => {
    expect(
      await rowsOf(
        `People | summarize make_list(age), make_list(name, 2), make_set(team), make_set_if(name, age > 26), make_bag(pack(name, age)),
           make_list_with_nulls(age)`,
        from,
      ),
    ).toEqual([
      [
        [30, 25, 41],
        ["ann", "bob"],
        ["red", "blue", ""],
        ["ann", "dee"],
        { ann: 30, bob: 25, cid: null, dee: 41 },
        [30, 25, null, 41],
      ],
    ]);
  });

  it("takes the row of the greatest value; null never wins, but a group of nulls is kept", async () => {
    const rows = database([
      table("T", "g:string n:long s:string", [
        ["a", null, "first"],
        ["a", 2, "two"],
        ["a", 1, "one"],
        ["b", null, "only"],
      ]),
    ]);
    expect(await rowsOf("T | summarize arg_max(n, s) by g", rows)).toEqual([
      ["a", 2, "two"],
      ["b", null, "only"],
    ]);
    expect(await rowsOf("T | summarize arg_min(n, *) by g", rows)).toEqual([
      ["a", 1, "one"],
      ["b", null, "only"],
    ]);
    expect(await rowsOf("T | summarize take_any(s) by g", rows)).toEqual([
      ["a", "first"],
      ["b", "only"],
    ]);
  });

  it("groups by bins and by null", async () => {
    expect(await rowsOf("People | summarize count() by bin(age, 20) | order by age asc", from)).toEqual([
      [null, 1],
      [20, 2],
      [40, 1],
    ]);
  });
});

describe("order", () => {
  it("falls by default with nulls last; rising, nulls come first", async () => {
    expect(await rowsOf("People | sort by age | project age", from)).toEqual([[41], [30], [25], [null]]);
    expect(await rowsOf("People | sort by age asc | project age", from)).toEqual([[null], [25], [30], [41]]);
    expect(await rowsOf("People | sort by age asc nulls last | project age", from)).toEqual([[25], [30], [41], [null]]);
    expect(await rowsOf("People | order by team asc, name desc | project name", from)).toEqual([
      ["dee"],
      ["bob"],
      ["cid"],
      ["ann"],
    ]);
  });

  it("takes the top, and any few", async () => {
    expect(await rowsOf("People | top 2 by age | project name", from)).toEqual([["dee"], ["ann"]]);
    expect(await rowsOf("People | take 2 | count", from)).toEqual([[2]]);
    expect(await rowsOf("People | distinct team | count", from)).toEqual([[3]]);
    expect(await rowsOf("People | count", from)).toEqual([[4]]);
  });
});

describe("joins", () => {
  const left = table("L", "k:string a:long", [
    ["x", 1],
    ["x", 2],
    ["y", 3],
    ["", 4],
  ]);
  const right = table("R", "k:string b:long", [
    ["x", 10],
    ["x", 20],
    ["z", 30],
  ]);
  const sides = database([left, right]);
  const joined = (kind: string) => rowsOf(`L | join kind=${kind} R on k | order by a asc, b asc`, sides);

  it("of every kind keep the rows they should", async () => {
    expect(await rowsOf("L | join R on k", sides)).toHaveLength(2);
    expect(await joined("inner")).toEqual([
      ["x", 1, "x", 10],
      ["x", 1, "x", 20],
      ["x", 2, "x", 10],
      ["x", 2, "x", 20],
    ]);
    expect(await joined("leftouter")).toEqual([
      ["x", 1, "x", 10],
      ["x", 1, "x", 20],
      ["x", 2, "x", 10],
      ["x", 2, "x", 20],
      ["y", 3, "", null],
      ["", 4, "", null],
    ]);
    expect(await joined("rightouter")).toEqual([
      ["", null, "z", 30],
      ["x", 1, "x", 10],
      ["x", 1, "x", 20],
      ["x", 2, "x", 10],
      ["x", 2, "x", 20],
    ]);
    expect(await joined("fullouter")).toHaveLength(7);
    expect(await rowsOf("L | join kind=leftanti R on k", sides)).toEqual([
      ["y", 3],
      ["", 4],
    ]);
    expect(await rowsOf("L | join kind=leftantisemi R on k", sides)).toEqual([
      ["y", 3],
      ["", 4],
    ]);
    expect(await rowsOf("L | join kind=leftsemi R on k", sides)).toEqual([
      ["x", 1],
      ["x", 2],
    ]);
    expect(await rowsOf("L | join kind=rightanti R on k", sides)).toEqual([["z", 30]]);
    expect(await rowsOf("L | join kind=rightsemi R on k", sides)).toEqual([
      ["x", 10],
      ["x", 20],
    ]);
  });

  it("match by columns of different names, and several", async () => {
    expect(
      await rowsOf("L | join kind=inner (R | extend c = b / 10) on $left.k == $right.k, $left.a == $right.c", sides),
    ).toEqual([
      ["x", 1, "x", 10, 1],
      ["x", 2, "x", 20, 2],
    ]);
  });

  it("never match null with null", async () => {
    const nulls = database([table("A", "n:long", [[null], [1]]), table("B", "n:long", [[null], [1]])]);
    expect(await rowsOf("A | join kind=inner B on n", nulls)).toEqual([[1, 1]]);
  });

  it("look up a dimension without repeating its key", async () => {
    expect(await rowsOf("People | lookup (Teams | project team, boss) on team | project name, boss", from)).toEqual([
      ["ann", "rosa"],
      ["bob", "ben"],
      ["cid", "rosa"],
      ["dee", ""],
    ]);
    expect(await names("People | lookup kind=inner Teams on team")).toEqual(["name", "team", "age", "boss", "name1"]);
  });
});

describe("union", () => {
  it("puts tables one after another, filling what a table lacks", async () => {
    expect(
      await rowsOf("union withsource=src (People | project name), Teams | where name in ('ann', 'Reds')", from),
    ).toEqual([
      ["union_arg0", "ann", "", ""],
      ["Teams", "Reds", "red", "rosa"],
    ]);
    // The parser announces all columns here; the service gives those that all tables share.
    const { columns } = await engine.query("union kind=inner People, Teams", from, { now: NOW });
    expect(columns.map((column) => column.name)).toEqual(["name", "team"]);
    expect(await rowsOf("People | union Teams | count", from)).toEqual([[7]]);
  });

  it("splits a name that has several types", async () => {
    const mixed = database([table("A", "v:long", [[1]]), table("B", "v:string", [["x"]])]);
    expect(await rowsOf("union A, B", mixed)).toEqual([
      [1, ""],
      [null, "x"],
    ]);
    expect((await ask("union A, B", mixed)).columns.map((column) => column.name)).toEqual(["v_long", "v_string"]);
  });

  it("passes over tables that do not exist when it is fuzzy, and only then", async () => {
    expect(await rowsOf("union isfuzzy=true Missing, (Absent | where x == 1), People | count", from)).toEqual([[4]]);
    await expect(rowsOf("union Missing, People", from)).rejects.toMatchObject({ code: "KS204" });
    await expect(rowsOf("union isfuzzy=true Missing", from)).rejects.toThrow(/none of the tables/);
  });

  it("gives the default for a column that does not exist", async () => {
    expect(
      await rowsOf(
        "People | take 1 | project x = column_ifexists('nope', 'none'), y = column_ifexists('age', 0)",
        from,
      ),
    ).toEqual([["none", 30]]);
  });
});

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
    expect(await rowsOf("print x = toscalar(People | summarize max(age)), y = toscalar(print 'a')", from)).toEqual([
      [41, "a"],
    ]);
  });
});

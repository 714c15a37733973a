import { describe, expect, it } from "vitest";
import { database, rowsOf, table } from "../../testing/harness";
import { columnNames, peopleAndTeams } from "./people";

describe("columns", () => {
  it("are named as the parser names them", async () => {
    expect(await columnNames("People | project age + 1, name, strcat(name, team)")).toEqual([
      "Column1",
      "name",
      "Column2",
    ]);
    expect(await columnNames("People | extend age + 1, x = 1, strlen(name)")).toEqual([
      "name",
      "team",
      "age",
      "Column1",
      "x",
      "strlen_name",
    ]);
    expect(
      await columnNames("People | summarize count(), max(age), dcount(name), make_set(name) by team, b = bin(age, 10)"),
    ).toEqual(["team", "b", "count_", "max_age", "dcount_name", "set_name"]);
    expect(await columnNames("People | summarize arg_max(age, *), take_any(name) by team")).toEqual([
      "team",
      "age",
      "name",
      "name1",
    ]);
    expect(await columnNames("People | join Teams on team")).toEqual(["name", "team", "age", "team1", "boss", "name1"]);
    expect(await columnNames("print 1, x = 2, 'a'")).toEqual(["print_0", "x", "print_2"]);
  });

  it("are left out, kept, renamed and moved", async () => {
    expect(await columnNames("People | project-away a*")).toEqual(["name", "team"]);
    expect(await columnNames("People | project-keep *e, team")).toEqual(["name", "team", "age"]);
    expect(await rowsOf("People | project-rename years = age | where years > 40", peopleAndTeams)).toEqual([
      ["dee", "", 41],
    ]);
    expect(await columnNames("People | project-reorder age, t*")).toEqual(["age", "team", "name"]);
    expect(await columnNames("People | project-reorder * asc")).toEqual(["age", "name", "team"]);
  });

  it("of an extend replace what is there, from the old values", async () => {
    expect(await rowsOf("People | take 1 | extend name = team, team = name", peopleAndTeams)).toEqual([
      ["red", "ann", 30],
    ]);
  });

  it("describe themselves", async () => {
    expect(await rowsOf("People | getschema | project ColumnName, ColumnType", peopleAndTeams)).toEqual([
      ["name", "string"],
      ["team", "string"],
      ["age", "long"],
    ]);
  });
});

describe("summarize", () => {
  it("without groups gives one row even of nothing, with groups none", async () => {
    expect(
      await rowsOf(
        "People | where age > 100 | summarize count(), sum(age), max(age), avg(age), make_list(name)",
        peopleAndTeams,
      ),
    ).toEqual([[0, 0, null, null, []]]);
    expect(await rowsOf("People | where age > 100 | summarize count() by team", peopleAndTeams)).toEqual([]);
  });

  it("aggregates within expressions", async () => {
    expect(
      await rowsOf(
        "People | summarize n = count(), half = count() / 2, share = round(100.0 * countif(age > 26) / count(), 1), top = make_set(name)[0]",
        peopleAndTeams,
      ),
    ).toEqual([[4, 2, 50, "ann"]]);
  });

  it("counts, sums and measures", async () => {
    const row = await rowsOf(
      `People | summarize countif(age > 26), sum(age), sumif(age, team == 'red'), min(age), max(name), avg(age), avgif(age, age > 26),
         dcount(team), dcountif(team, age > 0), round(stdev(age), 3), percentile(age, 50), percentiles(age, 10, 90)`,
      peopleAndTeams,
    );
    expect(row).toEqual([[2, 96, 30, 25, "dee", 32, 35.5, 3, 3, 8.185, 30, 25, 41]]);
  });

  it("collects lists, sets and bags, nulls left out, up to a size", async () => {
    expect(
      await rowsOf(
        `People | summarize make_list(age), make_list(name, 2), make_set(team), make_set_if(name, age > 26), make_bag(pack(name, age)),
           make_list_with_nulls(age)`,
        peopleAndTeams,
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
    expect(await rowsOf("People | summarize count() by bin(age, 20) | order by age asc", peopleAndTeams)).toEqual([
      [null, 1],
      [20, 2],
      [40, 1],
    ]);
  });
});

describe("order", () => {
  it("falls by default with nulls last; rising, nulls come first", async () => {
    expect(await rowsOf("People | sort by age | project age", peopleAndTeams)).toEqual([[41], [30], [25], [null]]);
    expect(await rowsOf("People | sort by age asc | project age", peopleAndTeams)).toEqual([[null], [25], [30], [41]]);
    expect(await rowsOf("People | sort by age asc nulls last | project age", peopleAndTeams)).toEqual([
      [25],
      [30],
      [41],
      [null],
    ]);
    expect(await rowsOf("People | order by team asc, name desc | project name", peopleAndTeams)).toEqual([
      ["dee"],
      ["bob"],
      ["cid"],
      ["ann"],
    ]);
  });

  it("takes the top, and any few", async () => {
    expect(await rowsOf("People | top 2 by age | project name", peopleAndTeams)).toEqual([["dee"], ["ann"]]);
    expect(await rowsOf("People | take 2 | count", peopleAndTeams)).toEqual([[2]]);
    expect(await rowsOf("People | distinct team | count", peopleAndTeams)).toEqual([[3]]);
    expect(await rowsOf("People | count", peopleAndTeams)).toEqual([[4]]);
  });
});

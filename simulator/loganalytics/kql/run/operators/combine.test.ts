import { describe, expect, it } from "vitest";
import { ask, database, engine, NOW, rowsOf, table } from "../../testing/harness";
import { columnNames, peopleAndTeams } from "./people";

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
    expect(
      await rowsOf("People | lookup (Teams | project team, boss) on team | project name, boss", peopleAndTeams),
    ).toEqual([
      ["ann", "rosa"],
      ["bob", "ben"],
      ["cid", "rosa"],
      ["dee", ""],
    ]);
    expect(await columnNames("People | lookup kind=inner Teams on team")).toEqual([
      "name",
      "team",
      "age",
      "boss",
      "name1",
    ]);
  });
});

describe("union", () => {
  it("puts tables one after another, filling what a table lacks", async () => {
    expect(
      await rowsOf(
        "union withsource=src (People | project name), Teams | where name in ('ann', 'Reds')",
        peopleAndTeams,
      ),
    ).toEqual([
      ["union_arg0", "ann", "", ""],
      ["Teams", "Reds", "red", "rosa"],
    ]);
    // The parser announces all columns here; the service gives those that all tables share.
    const { columns } = await engine.query("union kind=inner People, Teams", peopleAndTeams, { now: NOW });
    expect(columns.map((column) => column.name)).toEqual(["name", "team"]);
    expect(await rowsOf("People | union Teams | count", peopleAndTeams)).toEqual([[7]]);
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
    expect(await rowsOf("union isfuzzy=true Missing, (Absent | where x == 1), People | count", peopleAndTeams)).toEqual(
      [[4]],
    );
    await expect(rowsOf("union Missing, People", peopleAndTeams)).rejects.toMatchObject({ code: "KS204" });
    await expect(rowsOf("union isfuzzy=true Missing", peopleAndTeams)).rejects.toThrow(/none of the tables/);
  });

  it("gives the default for a column that does not exist", async () => {
    expect(
      await rowsOf(
        "People | take 1 | project x = column_ifexists('nope', 'none'), y = column_ifexists('age', 0)",
        peopleAndTeams,
      ),
    ).toEqual([["none", 30]]);
  });
});

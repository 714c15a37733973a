import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { at, columnsOf, database, engine, NOW, table } from "../testing/harness";
import type { TabularFunction } from "../types";
import { splitPrologue } from "./parameters";

describe("the head of a query", () => {
  it("is told apart from the rest, value by value", () => {
    const head =
      'let a = "x\\u0022y";\nlet b = long(-5); let c = true;let d = datetime(2026-01-02T03:04:05.000Z);\nlet e = dynamic(["p","q"]);';
    const rest = "\nlet f = ago(1d); T | where n == b";
    const { parameters, length, shape } = splitPrologue(head + rest);
    expect(parameters.map((each) => [each.name, each.type, each.value])).toEqual([
      ["a", "string", 'x"y'],
      ["b", "long", -5],
      ["c", "bool", true],
      ["d", "datetime", at("2026-01-02T03:04:05Z")],
      ["e", "dynamic", ["p", "q"]],
    ]);
    expect(length).toBe(head.length);
    expect(shape).toBe(`let a = string;let b = long;let c = bool;let d = datetime;let e = dynamic;${rest}`);
  });

  it("ends at anything that is not a plain value", () => {
    for (const text of [
      "T",
      "let a = 1 + 1; T",
      "let a = datetime(2026-99-99); T",
      'let a = "x" ; ',
      "let a = long(1) + 2; T",
    ]) {
      expect(splitPrologue(text).parameters.length, text).toBe(text.startsWith('let a = "x"') ? 1 : 0);
    }
    expect(splitPrologue("let a = true; let a = false; T").parameters).toHaveLength(1);
  });

  it("holds any text that a caller escapes, and no more", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (value) => {
        const escaped = [...Array(value.length).keys()].map(
          (i) => `\\u${value.charCodeAt(i).toString(16).padStart(4, "0")}`,
        );
        const { parameters, shape } = splitPrologue(`let v = "${escaped.join("")}";print v`);
        expect(parameters[0]?.value).toBe(value);
        expect(shape).toBe("let v = string;print v");
      }),
    );
  });
});

describe("plans of queries that differ in their values only", () => {
  const rows = database([
    table(
      "T",
      "t:datetime n:long s:string",
      [
        [at("2026-01-01"), 1, "a"],
        [at("2026-02-01"), 2, "b"],
      ],
      { timeColumn: "t" },
    ),
  ]);

  it("are made once, and each run has its own values", async () => {
    const ask = async (since: string, names: string) => {
      const query = `let since = datetime(${since}); let names = dynamic(${names}); T | where t >= since and s in (names) | project n`;
      return engine.query(query, rows, { now: NOW });
    };
    await ask("2026-01-15T00:00:00Z", '["a","b"]');
    const second = await ask("2025-12-01T00:00:00Z", '["a"]');
    expect(second.rows).toEqual([[1]]);
    expect(second.stats.plan).toBe("memory");
    expect((await ask("2026-01-15T00:00:00Z", '["a","b"]')).rows).toEqual([[2]]);
  });

  it("are kept apart where a value decides the columns", async () => {
    const list: TabularFunction = {
      parameters: [{ name: "alias", type: "string" }],
      schemaOf: ([alias]) => columnsOf(`${String(alias)}:string`),
      call: ([alias]) => table("list", `${String(alias)}:string`, [[`row of ${String(alias)}`]]),
    };
    const from = database([], { _GetWatchlist: list });
    for (const alias of ["One", "Two", "One"]) {
      const { columns, rows: found } = await engine.query(`let alias = "${alias}"; _GetWatchlist(alias)`, from, {
        now: NOW,
      });
      expect([columns[0]?.name, found[0]?.[0]]).toEqual([alias, `row of ${alias}`]);
    }
  });

  it("tell where a fault lies in the text at hand", async () => {
    const fault = async (value: string) => {
      const query = `let v = "${value}"; print tostring(v) matches regex v`;
      const error = await engine.query(query, rows, { now: NOW }).catch((caught: unknown) => caught);
      return [error instanceof Error && "position" in error ? error.position : undefined, query.indexOf("tostring")];
    };
    for (const value of ["(", "((((("]) {
      const [position, expected] = await fault(value);
      expect(position).toBe(expected);
    }
  });
});

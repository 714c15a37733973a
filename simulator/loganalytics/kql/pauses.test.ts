import { describe, expect, it } from "vitest";
import { database, engine, NOW, table } from "./testing/harness";
import type { Database, Limits } from "./types";

const ENDLESS = "range x from 1 to 1000000000000 step 1";
const nothing = database([]);

/** Runs a query, and counts how often others had the thread until it ended. */
async function watched(text: string, from: Database, limits: Partial<Limits>) {
  await engine.compile(text, from);
  let turns = 0;
  let over = false;
  const others = () => {
    turns++;
    if (!over) setImmediate(others);
  };
  setImmediate(others);
  const ended = await engine.query(text, from, { now: NOW, limits }).catch((error: unknown) => error);
  over = true;
  return { turns, code: ended instanceof Error && "code" in ended ? ended.code : "answered", ended };
}

describe("while a long query runs, others have their turn", () => {
  it.each([
    `${ENDLESS} | summarize make_list(x)`,
    `${ENDLESS} | where x < 0`,
    `print a = 1 | join kind=inner (${ENDLESS} | summarize a = count()) on a`,
    `print a = 1 | lookup (${ENDLESS} | summarize a = count()) on a`,
    `print a = toscalar(${ENDLESS} | summarize count())`,
    `print a = 1 | where a in ((${ENDLESS} | where x < 0))`,
    `union (print x = 1), (${ENDLESS} | where x < 0)`,
    `let n = ${ENDLESS} | where x < 0; union n, n`,
    `${ENDLESS} | mv-apply y = pack_array(x) to typeof(long) on (where y < 0) | count`,
  ])("%s", async (text) => {
    const { turns, code } = await watched(text, nothing, { milliseconds: 1000 });
    expect(code).toBe("TimeLimitExceeded");
    expect(turns).toBeGreaterThan(5);
  });
});

it("a step that cannot be interrupted is stopped when it holds the thread too long", async () => {
  const { code, ended } = await watched("range x from 1 to 200000 step 1 | sort by x", nothing, { stretch: 0 });
  expect(code).toBe("TimeLimitExceeded");
  expect(String(ended)).toContain("without a pause");
});

it("a table stays what it was when it was first read", async () => {
  let asked = 0;
  const changing = database([]);
  const rows = (count: number) =>
    table(
      "T",
      "n:long",
      Array.from({ length: count }, (_, n) => [n]),
    );
  const from: Database = {
    ...changing,
    tableNames: () => ["T"],
    schemaOf: () => rows(0).columns,
    table: () => rows(++asked),
  };
  const { rows: answer } = await engine.query("union T, T | count", from, { now: NOW });
  expect(answer).toEqual([[2]]);
  expect(asked).toBe(1);
});

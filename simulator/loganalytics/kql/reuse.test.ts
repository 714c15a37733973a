import { expect, it } from "vitest";
import { Reuse } from "./run/reuse";
import { columnsOf, database, engine, NOW } from "./testing/harness";
import type { Row } from "./types";

const PURE =
  "let r = _List('a') | extend k = strcat(name, '!') | summarize n = count() by k; range x from 1 to 1 step 1 | extend k = 'b!' | join kind=inner r on k | project n";
const CLOCK =
  "let r = _List('a') | extend late = now() > datetime(2026-09-15T12:00:30Z) | summarize n = countif(late); r";

function list(first: readonly Row[]) {
  const state = { rows: first, reads: 0 };
  const columns = columnsOf("name:string");
  const from = database([], {
    _List: {
      parameters: [{ name: "alias", type: "string" }],
      schemaOf: () => columns,
      call: () => ({
        name: "_List",
        columns,
        rows: state.rows,
      }),
    },
  });
  return { state, from };
}

it("runs share what depends on unchanged rows only, and see a change at once", async () => {
  const { state, from } = list([["b"], ["b"], ["c"]]);
  const reuse = new Reuse();
  const compiled = await engine.compile(PURE, from);
  const run = () => engine.evaluate(compiled, from, { now: NOW, reuse });
  const first = run();
  expect(first.rows).toEqual([[2]]);
  const again = run();
  expect(again.rows).toEqual([[2]]);
  // The list's rows are not looked at a second time.
  expect(again.stats.rowsTouched).toBeLessThan(first.stats.rowsTouched);
  state.rows = [["b"]];
  expect(run().rows).toEqual([[1]]);
});

it("what looks at the clock is run anew", async () => {
  const { from } = list([["b"], ["c"]]);
  const reuse = new Reuse();
  const compiled = await engine.compile(CLOCK, from);
  expect(engine.evaluate(compiled, from, { now: NOW, reuse }).rows).toEqual([[0]]);
  expect(engine.evaluate(compiled, from, { now: NOW + 60_000, reuse }).rows).toEqual([[2]]);
});

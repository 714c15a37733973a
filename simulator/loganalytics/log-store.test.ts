import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LogRow } from "../model";
import { TABLE_COLUMNS } from "./columns";
import { LogStore, type Span } from "./log-store";
import { columnOf, rowsOf } from "./testing/table-rows";

const CUSTOMER = "0f6d0f1e-6d5c-4a7e-8c0a-000000000001";
const ALL: Span = { ingestedAfter: Number.NEGATIVE_INFINITY, ingestedUntil: 1e15, since: Number.NEGATIVE_INFINITY };
const row = (name: string, timeGenerated: number, ingestedAt: number): LogRow => ({
  table: "AZKVAuditLogs",
  timeGenerated,
  ingestedAt,
  values: { OperationName: name, HttpStatusCode: 200, Identity: { claim: { oid: "a" } } },
});

function storeOf(...rows: LogRow[]): LogStore {
  const store = new LogStore("AZKVAuditLogs");
  for (const each of rows) store.add(each);
  return store;
}

const at = (store: LogStore, now: number) => store.table(CUSTOMER, { ...ALL, ingestedUntil: now });
const names = (store: LogStore, now: number) => columnOf(at(store, now), "OperationName");

describe("a table of the workspace", () => {
  test("shows a row once its ingestion time has come, in order of TimeGenerated", () => {
    const store = storeOf(row("late", 1000, 9000), row("soon", 2000, 3000), row("next", 1500, 3500));
    expect(names(store, 2999)).toEqual([]);
    expect(names(store, 3000)).toEqual(["soon"]);
    expect(names(store, 8999)).toEqual(["next", "soon"]);
    store.add(row("new", 8000, 8500));
    expect(names(store, 9000)).toEqual(["late", "next", "soon", "new"]);
  });

  test("keeps what a running query holds while new rows come in", () => {
    const store = storeOf(row("one", 1000, 1000));
    const held = at(store, 1000);
    store.add(row("zero", 500, 1001));
    for (let i = 0; i < 5000; i++) store.add(row(`more ${i}`, 400 + i, 1002));
    expect(names(store, 1001)).toEqual(["zero", "one"]);
    expect(names(store, 2000)).toHaveLength(5002);
    expect(columnOf(held, "OperationName")).toEqual(["one"]);
    expect(held.ingestedAt?.(0)).toBe(1_000_000);
  });

  test("tells the ingestion time of each row, microseconds, and the bounds of the delay", () => {
    const table = at(storeOf(row("b", 2000, 2500), row("a", 1000, 9000)), 9000);
    expect([table.ingestedAt?.(0), table.ingestedAt?.(1), table.ingestedAt?.(2)]).toEqual([9_000_000, 2_500_000, null]);
    expect(table.ingestionDelay).toEqual({ least: 500_000, greatest: 8_000_000 });
  });

  test("fills what a row does not have by the type of the column", () => {
    const table = at(storeOf(row("a", 1000, 1000)), 1000);
    const cell = (name: string) => columnOf(table, name)[0];
    expect(cell("TenantId")).toBe(CUSTOMER);
    expect(cell("Type")).toBe("AZKVAuditLogs");
    expect(cell("TimeGenerated")).toBe(1_000_000);
    expect(cell("Identity")).toEqual({ claim: { oid: "a" } });
    expect(cell("SubnetId")).toBe("");
    expect(cell("IsRbacAuthorized")).toBeNull();
    expect(cell("KeyProperties")).toBeNull();
    expect(table.columns).toHaveLength(TABLE_COLUMNS.AZKVAuditLogs.length);
  });
});

/** A row of any sort: few and many different values, text that is none of the usual, absent and misfit cells. */
const anyRow = fc.record({
  timeGenerated: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 100_000 })),
  delay: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: -50, max: 50_000 })),
  values: fc.record(
    {
      OperationName: fc.oneof(fc.constantFrom("SecretGet", "KeyGet"), fc.string({ unit: "binary", maxLength: 6 })),
      Id: fc.string({ unit: "grapheme", maxLength: 8 }),
      CorrelationId: fc.oneof(fc.uuid(), fc.constant("\u0000{}")),
      DurationMs: fc.oneof(fc.integer(), fc.constant("fast")),
      HttpStatusCode: fc.constantFrom(200, 403),
      IsRbacAuthorized: fc.boolean(),
      Identity: fc.oneof(
        fc.constant({}),
        fc.constant(null),
        fc.dictionary(fc.string({ maxLength: 2 }), fc.jsonValue()),
      ),
      Properties: fc.array(fc.integer(), { maxLength: 2 }),
    },
    { requiredKeys: [] },
  ),
});

type AnyRow = { timeGenerated: number; delay: number; values: Record<string, unknown> };

/** Every given row several times over, so that blocks fill up; the order is mixed by a whole number. */
function multiplied(rows: readonly AnyRow[], times: number, mix: number): LogRow[] {
  const all = Array.from({ length: rows.length * times }, (_, index): LogRow => {
    const { timeGenerated, delay, values } = rows[(index * 7919 + mix) % rows.length] ?? expect.fail("no row");
    const time = timeGenerated + (index % 97) * 13;
    return { table: "AZKVAuditLogs", timeGenerated: time, ingestedAt: time + delay, values };
  });
  return mix % 3 === 0 ? all : all.sort((a, b) => (mix % 3 === 1 ? 1 : -1) * (a.timeGenerated - b.timeGenerated));
}

/** What the store is for, in the plainest way: an array that is filtered and sorted. */
function plainly(rows: readonly LogRow[], { ingestedAfter, ingestedUntil, since }: Span): LogRow[] {
  return rows
    .filter((each) => each.ingestedAt > ingestedAfter && each.ingestedAt <= ingestedUntil)
    .filter((each) => each.timeGenerated >= since)
    .sort((a, b) => a.timeGenerated - b.timeGenerated);
}

function withoutEmpty(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== ""));
}

const moment = fc.oneof(
  fc.constant(Number.NEGATIVE_INFINITY),
  fc.integer({ min: -100, max: 160_000 }),
  fc.constant(1e9),
);
const anySpan = fc.record({ ingestedAfter: moment, ingestedUntil: moment, since: moment });

describe("the rows of any span", () => {
  test("are those of a plain array, whatever the rows and the order in which they came", () => {
    const rows = fc.array(anyRow, { minLength: 1, maxLength: 60 });
    const work = fc.array(fc.record({ rows, mix: fc.nat(8), spans: fc.array(anySpan, { maxLength: 3 }) }), {
      maxLength: 4,
    });
    fc.assert(
      fc.property(work, fc.constantFrom(1, 5, 90), (batches, times) => {
        const store = storeOf();
        const added: LogRow[] = [];
        for (const { rows: given, mix, spans } of batches) {
          for (const each of multiplied(given, times, mix)) {
            expect(store.add(each)).toBe(added.length);
            added.push(each);
          }
          for (const span of [ALL, ...spans]) {
            const table = store.table(CUSTOMER, span);
            const expected = plainly(added, span);
            expect(columnOf(table, "TimeGenerated")).toEqual(expected.map((each) => each.timeGenerated * 1000));
            expect(columnOf(table, "CorrelationId")).toEqual(expected.map(({ values }) => values.CorrelationId ?? ""));
            expect(expected.map((_, index) => table.ingestedAt?.(index))).toEqual(
              expected.map((each) => each.ingestedAt * 1000),
            );
          }
        }
        for (const [id, each] of added.entries()) {
          if (id % times !== 0) continue;
          expect(store.row(id)).toEqual({ ...each, values: withoutEmpty(each.values) });
        }
      }),
      { numRuns: 25 },
    );
  });

  test("read the same from full blocks as from the last one", () => {
    fc.assert(
      fc.property(fc.array(anyRow, { minLength: 1, maxLength: 40 }), (given) => {
        const few = multiplied(given, 1, 0);
        const many = multiplied(given, Math.ceil(4096 / given.length), 0);
        const open = rowsOf(storeOf(...few).table(CUSTOMER, ALL));
        const sealed = storeOf(...many);
        const cells = new Map(open.map((cellsOfRow, index) => [index, cellsOfRow]));
        const inOrder = [...few.keys()].sort(
          (a, b) => (few[a]?.timeGenerated ?? 0) - (few[b]?.timeGenerated ?? 0) || a - b,
        );
        const all = rowsOf(sealed.table(CUSTOMER, ALL));
        const places = [...many.keys()].sort(
          (a, b) => (many[a]?.timeGenerated ?? 0) - (many[b]?.timeGenerated ?? 0) || a - b,
        );
        for (const [place, id] of inOrder.entries()) expect(all[places.indexOf(id)]).toEqual(cells.get(place));
      }),
      { numRuns: 6 },
    );
  });
});

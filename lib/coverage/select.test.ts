import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BoardRow } from "./board.pure";
import {
  BoardQuery,
  countBySubscription,
  countReasons,
  countStates,
  prepare,
  SORTS,
  STATES,
  select,
} from "./select.pure";

function row(change: Partial<BoardRow> & { name: string }): BoardRow {
  const { name } = change;
  return {
    id: `/subscriptions/s1/resourcegroups/rg/providers/microsoft.keyvault/vaults/${name.toLowerCase()}`,
    subscriptionId: "s1",
    subscription: "Production",
    resourceGroup: "rg-payments",
    location: "westeurope",
    permissionModel: "rbac",
    network: "public",
    state: "unprotected",
    reason: "not_registered",
    decoys: 0,
    mine: false,
    flagged: false,
    deploying: false,
    checkedAt: "2026-11-22T10:00:00.000Z",
    ...change,
  };
}

const ROWS = [
  row({ name: "kv-billing", state: "protected", reason: "rows_arriving", decoys: 2, mine: true }),
  row({ name: "KV-Orders", subscriptionId: "s2", subscription: "Development", reason: "audit_off", checkedAt: null }),
  row({ name: "kv-archive", state: "unknown", reason: "stale", resourceGroup: "rg-archive" }),
];

function names(query: Partial<BoardQuery>): string[] {
  return select(prepare(ROWS), BoardQuery.parse(query)).map(({ name }) => name);
}

describe("selecting rows", () => {
  test("red comes first without being asked", () => {
    expect(names({})).toEqual(["KV-Orders", "kv-archive", "kv-billing"]);
  });

  test("text is found in name, subscription, group and reason, in any case and word order", () => {
    expect(names({ q: "ORDERS" })).toEqual(["KV-Orders"]);
    expect(names({ q: "production archive" })).toEqual(["kv-archive"]);
    expect(names({ q: "audit log off" })).toEqual(["KV-Orders"]);
    expect(names({ q: "no such thing" })).toEqual([]);
  });

  test("filters narrow together", () => {
    expect(names({ states: ["protected", "unknown"], subscriptions: ["s1"] })).toEqual(["kv-archive", "kv-billing"]);
    expect(names({ mine: true })).toEqual(["kv-billing"]);
    expect(names({ reasons: ["stale"] })).toEqual(["kv-archive"]);
  });

  test("order turns round, and names decide between equals in the same direction always", () => {
    expect(names({ sort: "decoys", descending: true })).toEqual(["kv-billing", "kv-archive", "KV-Orders"]);
    expect(names({ sort: "checkedAt" })).toEqual(["KV-Orders", "kv-archive", "kv-billing"]);
  });
});

test("those that wait for a review come first, the red ones before the green, and can be had alone", () => {
  const rows = prepare([
    row({ name: "kv-a" }),
    row({ name: "kv-b", state: "protected", flagged: true }),
    row({ name: "kv-c", flagged: true }),
  ]);
  const order = (query: Partial<BoardQuery>) => select(rows, BoardQuery.parse(query)).map(({ name }) => name);
  expect(order({ sort: "flagged" })).toEqual(["kv-c", "kv-b", "kv-a"]);
  expect(order({ flagged: true, sort: "name" })).toEqual(["kv-b", "kv-c"]);
});

test("a link with nonsense in it still opens the board", () => {
  expect(BoardQuery.parse({ q: 3, states: ["purple"], sort: "size", mine: "perhaps" })).toEqual(BoardQuery.parse({}));
});

test("counts add up", () => {
  expect(countStates(ROWS)).toEqual({ protected: 1, unprotected: 1, waiting: 0, unknown: 1, exempt: 0 });
  expect(countBySubscription(ROWS)).toMatchObject([
    { subscription: "Development", total: 1, unprotected: 1 },
    { subscription: "Production", total: 2, protected: 1, unknown: 1 },
  ]);
  expect(countReasons(ROWS).map(({ count }) => count)).toEqual([1, 1, 1]);
});

test("selecting never adds, repeats or changes a row, and every order holds the same rows", () => {
  const anyRow = fc
    .record({
      name: fc.stringMatching(/^[a-z][a-z0-9-]{2,10}$/),
      state: fc.constantFrom(...STATES),
      decoys: fc.nat(3),
      mine: fc.boolean(),
    })
    .map((change) => row(change));
  const anyQuery = fc.record({
    q: fc.constantFrom("", "a", "prod", "rg payments"),
    states: fc.subarray([...STATES]),
    mine: fc.boolean(),
    sort: fc.constantFrom(...SORTS),
    descending: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.uniqueArray(anyRow, { selector: ({ id }) => id, maxLength: 30 }), anyQuery, (rows, asked) => {
      const query = BoardQuery.parse(asked);
      const chosen = select(prepare(rows), query);
      expect(new Set(chosen).size).toBe(chosen.length);
      for (const found of chosen) {
        expect(rows).toContain(found);
        expect(query.states.length === 0 || query.states.includes(found.state)).toBe(true);
        expect(!query.mine || found.mine).toBe(true);
      }
      const other = select(prepare(rows), { ...query, sort: "name", descending: false });
      expect(new Set(other)).toEqual(new Set(chosen));
    }),
  );
});

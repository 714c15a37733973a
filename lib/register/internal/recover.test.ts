import { expect, test } from "vitest";
import { parseVaultId } from "@/lib/azure/resource-id.pure";
import type { RegisterRow } from "../rows";
import { type Creation, recover } from "./recover";

const VAULT = parseVaultId(
  "/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv-one",
);
const PLANTER = "0b0b0b0b-0000-4000-8000-000000000001";
const START = new Date("2026-11-22T10:00:00Z");
const NOW = new Date("2026-11-22T12:00:00Z");
const minutes = (count: number) => new Date(START.getTime() + count * 60_000);

function row(change: Partial<RegisterRow> = {}): RegisterRow {
  if (!VAULT) throw new Error("no vault id");
  return {
    itemId: "one",
    vaultId: VAULT,
    kind: "secret",
    name: "batch-reader",
    tokenKey: `${VAULT}/secrets/batch-reader`,
    state: "live",
    planterOid: PLANTER,
    windowStart: START,
    windowEnd: minutes(30),
    ...change,
  };
}

const made = (change: Partial<Creation> = {}): Creation => ({
  tokenKey: `${VAULT}/secrets/batch-reader`,
  at: minutes(5),
  by: PLANTER,
  version: "a".repeat(32),
  ...change,
});

test("one creation by the planter in its window proves a decoy, and ends a planting", () => {
  for (const state of ["live", "planting"] as const) {
    const { recovered, undecided } = recover([row({ state })], [made()], PLANTER, NOW);
    expect(recovered).toEqual([{ row: row(), proof: made() }]);
    expect(undecided).toEqual([]);
  }
});

test("what the log does not reach is known and not proven; a planting that it does not show stays out", () => {
  expect(recover([row()], [], PLANTER, NOW)).toEqual({ recovered: [{ row: row(), proof: null }], undecided: [] });
  const before = made({ tokenKey: `${VAULT}/secrets/other`, at: minutes(-60), by: "somebody" });
  const { recovered, undecided } = recover([row({ state: "planting" })], [before], PLANTER, NOW);
  expect(recovered).toEqual([]);
  expect(undecided).toMatchObject([{ why: "never seen", vaultId: VAULT, kind: "secret" }]);
});

test("a planting from before the log's memory comes back, as large deployments leave theirs; one that is not over does not", () => {
  const other = made({ tokenKey: `${VAULT}/secrets/other`, at: minutes(60), by: "somebody" });
  const planting = row({ state: "planting" });
  expect(recover([planting], [other], PLANTER, NOW)).toEqual({
    recovered: [{ row: row(), proof: null }],
    undecided: [],
  });
  const open = row({ state: "planting", windowStart: minutes(110), windowEnd: minutes(140) });
  expect(recover([open], [], PLANTER, NOW).recovered).toEqual([]);
});

test("earlier versions by the planter do not speak against the one in the window that was opened last", () => {
  const earlier = made({ at: minutes(-60 * 24 * 30), version: "b".repeat(32) });
  expect(recover([row()], [earlier, made()], PLANTER, NOW)).toEqual({
    recovered: [{ row: row(), proof: made() }],
    undecided: [],
  });
});

test.each([
  [
    "an earlier version of somebody else",
    [made({ at: minutes(-60), by: "somebody", version: "b".repeat(32) }), made()],
  ],
  ["a later one outside of the window", [made(), made({ at: minutes(60), version: "b".repeat(32) })]],
  ["somebody else's creation", [made({ by: "somebody" })]],
  ["two creations", [made(), made({ version: "b".repeat(32) })]],
  ["one of ours and one of somebody else", [made(), made({ by: "somebody", version: "b".repeat(32) })]],
  ["a creation outside of the window", [made({ at: minutes(60) })]],
])("%s proves nothing and is told", (_, creations) => {
  const { recovered, undecided } = recover([row()], creations, PLANTER, NOW);
  expect(recovered).toEqual([{ row: row(), proof: null }]);
  expect(undecided).toMatchObject([{ why: "also written by somebody else" }]);
});

test("what the planter made and no row names is told once, without a name", () => {
  const creations = [made(), made({ at: minutes(9), version: "b".repeat(32) }), made({ by: "somebody" })];
  const { recovered, undecided } = recover([], creations, PLANTER, NOW);
  expect(recovered).toEqual([]);
  expect(undecided).toEqual([{ why: "not in the register", vaultId: VAULT, kind: "secret", at: minutes(9) }]);
});

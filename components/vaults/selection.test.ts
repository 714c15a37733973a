import { describe, expect, test } from "vitest";
import { row } from "@/components/testing/samples";
import type { BoardRow } from "@/lib/coverage/board.pure";
import { BoardQuery, prepare } from "@/lib/coverage/select.pure";
import { FleetRequest } from "@/lib/deployments/fleet.pure";
import { CHOSEN_ONE_BY_ONE_MAX } from "@/lib/deployments/limits.pure";
import { chosenAmong, sameFilter, VaultSelection } from "./selection";

const ALL = BoardQuery.parse({});
const rows = (count: number, prefix = "kv"): BoardRow[] =>
  Array.from({ length: count }, (_, index) => row({ name: `${prefix}-${index}` }));
const ids = (list: readonly BoardRow[]) => list.map(({ id }) => id);

function selectionOf(list: readonly BoardRow[]): VaultSelection {
  const selection = new VaultSelection();
  selection.update(prepare(list));
  return selection;
}

describe("the selection of vaults", () => {
  test("takes a vault in and out, and tells who asked to be told", () => {
    const [vault] = rows(1);
    const selection = selectionOf(rows(1));
    let told = 0;
    const stop = selection.subscribe(() => told++);
    selection.toggle(vault?.id ?? "");
    expect(selection.toInput()).toEqual({ by: "vaults", vaultIds: [vault?.id] });
    selection.toggle(vault?.id ?? "");
    expect(selection.read().ids.size).toBe(0);
    stop();
    selection.toggle(vault?.id ?? "");
    expect(told).toBe(2);
  });

  test("of all that is shown is the filter, not its vaults", () => {
    const list = rows(3);
    const selection = selectionOf(list);
    const filter = { ...ALL, states: ["unprotected" as const] };
    selection.chooseAll(list, filter);
    expect(selection.toInput()).toEqual({ by: "filter", query: filter });
    expect(chosenAmong(list, selection.read())).toBe("all");
  });

  test("of all that is shown, less one, is the others one by one", () => {
    const list = rows(3);
    const selection = selectionOf(list);
    selection.chooseAll(list, ALL);
    selection.toggle(list[1]?.id ?? "");
    expect(selection.toInput()).toEqual({ by: "vaults", vaultIds: [list[0]?.id, list[2]?.id] });
    expect(chosenAmong(list, selection.read())).toBe("some");
  });

  test("keeps what was chosen before when all that is shown is added", () => {
    const [before, shown] = [rows(2, "a"), rows(2, "b")];
    const selection = selectionOf([...before, ...shown]);
    selection.toggle(before[0]?.id ?? "");
    selection.chooseAll(shown, { ...ALL, q: "b-" });
    expect(new Set(ids(shown).concat(before[0]?.id ?? ""))).toEqual(selection.read().ids);
    expect(selection.read().filter).toBeNull();
  });

  test("one by one ends at the limit and says that a filter is needed", () => {
    const list = rows(CHOSEN_ONE_BY_ONE_MAX + 1);
    const selection = selectionOf(list);
    selection.chooseAll(list.slice(0, -1), ALL, true);
    expect(selection.toInput().by).toBe("vaults");
    selection.toggle(list.at(-1)?.id ?? "");
    expect(selection.read().ids.size).toBe(CHOSEN_ONE_BY_ONE_MAX);
    expect(selection.read().problem).toMatch(/More than 2.000 vaults cannot be chosen one by one\. Filter the list/);
    selection.toggle(list[0]?.id ?? "");
    expect(selection.read().problem).toBeNull();
  });

  test("by a filter above the limit cannot leave single ones out, and says so", () => {
    const list = rows(CHOSEN_ONE_BY_ONE_MAX + 2);
    const selection = selectionOf(list);
    selection.chooseAll(list, ALL);
    selection.toggle(list[0]?.id ?? "");
    expect(selection.read()).toMatchObject({ filter: ALL, problem: expect.stringContaining("cannot be left out") });
    expect(selection.has(list[0]?.id ?? "")).toBe(true);
  });

  test("of a group above the limit is that group's filter", () => {
    const list = rows(CHOSEN_ONE_BY_ONE_MAX + 1);
    const selection = selectionOf(list);
    const filter = { ...ALL, subscriptions: [list[0]?.subscriptionId ?? ""] };
    selection.chooseAll(list, filter, true);
    expect(selection.toInput()).toEqual({ by: "filter", query: filter });
    selection.leaveOut(list);
    expect(selection.read().ids.size).toBe(0);
  });

  test("loses the vaults that the board no longer has, and only those", () => {
    const list = rows(4);
    const selection = selectionOf(list);
    selection.chooseAll(list.slice(0, 3), ALL, true);
    selection.update(prepare(list.slice(1)));
    expect([...selection.read().ids]).toEqual(ids(list.slice(1, 3)));
  });

  test("by a filter follows the board: vaults that no longer match leave, new ones come", () => {
    const list = rows(3);
    const selection = selectionOf(list);
    selection.chooseAll(list, { ...ALL, states: ["unprotected"] });
    const [first, second, third] = list;
    if (!first || !second || !third) throw new Error("three rows");
    const planted = { ...first, state: "protected" as const };
    const added = row({ name: "kv-new" });
    selection.update(prepare([planted, second, third, added]));
    expect(selection.read().ids).toEqual(new Set(ids([second, third, added])));
    selection.update(prepare([planted]));
    expect(selection.read()).toMatchObject({ filter: null, ids: new Set() });
  });

  test("is what a plan takes, by a filter as well as one by one", () => {
    const list = rows(2);
    const selection = selectionOf(list);
    selection.chooseAll(list, ALL);
    expect(FleetRequest.safeParse({ operation: "plant", selection: selection.toInput() }).success).toBe(true);
    selection.toggle(list[0]?.id ?? "");
    expect(FleetRequest.safeParse({ operation: "plant", selection: selection.toInput() }).success).toBe(true);
  });
});

describe("two filters", () => {
  const FILTER: BoardQuery = { ...ALL, q: "kv shop", states: ["unprotected", "waiting"] };

  test.each<[string, Partial<BoardQuery>]>([
    ["another order of the list", { sort: "name", descending: true }],
    ["another order of what was chosen", { states: ["waiting", "unprotected"] }],
    ["the same words written differently", { q: " Shop  KV " }],
  ])("are the same with %s", (_, change) => {
    expect(sameFilter(FILTER, { ...FILTER, ...change })).toBe(true);
  });

  test.each<[string, Partial<BoardQuery>]>([
    ["one more word", { q: "kv shop north" }],
    ["one state less", { states: ["waiting"] }],
    ["a subscription", { subscriptions: ["s1"] }],
    ["a reason", { reasons: ["no_rule"] }],
    ["only one's own", { mine: true }],
    ["only flagged ones", { flagged: true }],
  ])("differ with %s", (_, change) => {
    expect(sameFilter(FILTER, { ...FILTER, ...change })).toBe(false);
  });
});

describe("a filter that is sent", () => {
  test.each([
    ["a search that is too long", { q: "x".repeat(201) }],
    ["a state that nobody knows", { states: ["blue"] }],
    ["mine as a word", { mine: "true" }],
    ["a field that nobody knows", { owner: "kim" }],
  ])("is refused with %s, instead of standing for more vaults", (_, query) => {
    const request = { operation: "plant", selection: { by: "filter", query } };
    expect(FleetRequest.safeParse(request).success).toBe(false);
  });
});

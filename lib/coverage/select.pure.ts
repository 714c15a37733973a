import { z } from "zod";
import type { BoardRow } from "./board.pure";
import { reasonLabel } from "./reason-labels.pure";

export const STATES = ["unprotected", "waiting", "unknown", "exempt", "protected"] as const;
export type State = BoardRow["state"];

export const SORTS = ["name", "state", "subscription", "reason", "decoys", "checkedAt", "flagged"] as const;
export type Sort = (typeof SORTS)[number];

/** What the address of the board says. Everything that cannot be read falls back, so that an old link still opens. */
export const BoardQuery = z.object({
  q: z.string().max(200).catch("").default(""),
  states: z.array(z.enum(STATES)).catch([]).default([]),
  subscriptions: z.array(z.string().max(100)).max(1000).catch([]).default([]),
  reasons: z.array(z.string().max(60)).max(60).catch([]).default([]),
  mine: z.boolean().catch(false).default(false),
  flagged: z.boolean().catch(false).default(false),
  sort: z.enum(SORTS).catch("state").default("state"),
  descending: z.boolean().catch(false).default(false),
});
export type BoardQuery = z.infer<typeof BoardQuery>;

/** A row with what searching and sorting need, made once per load of the board. */
export interface Prepared {
  row: BoardRow;
  /** Lower case: name, subscription, resource group, location, state and reason in words. */
  search: string;
  /** Lower-case name, the last word in every order. */
  name: string;
  subscription: string;
  reason: string;
}

/** Prepares rows for `select`. Linear; call it when the data changes, not on each key. */
export function prepare(rows: readonly BoardRow[]): readonly Prepared[] {
  const labels = new Map<string, string>();
  return rows.map((row) => {
    let label = labels.get(row.reason);
    if (label === undefined) {
      label = reasonLabel(row.reason).toLowerCase();
      labels.set(row.reason, label);
    }
    const { location, resourceGroup, state, subscriptionId } = row;
    const words = [row.name, row.subscription, subscriptionId, resourceGroup, location, state, label];
    return {
      row,
      // Joined, not concatenated: a concatenated string is put together at the first search, which a person would feel.
      search: words.join(" ").toLowerCase(),
      name: row.name.toLowerCase(),
      subscription: row.subscription.toLowerCase(),
      reason: label,
    };
  });
}

/** Red first: the order in which a person wants to see states. */
const STATE_ORDER: Record<State, number> = { unprotected: 0, waiting: 1, unknown: 2, exempt: 3, protected: 4 };

const COMPARE: Record<Sort, (a: Prepared, b: Prepared) => number> = {
  name: byName,
  state: (a, b) => STATE_ORDER[a.row.state] - STATE_ORDER[b.row.state],
  subscription: (a, b) => byText(a.subscription, b.subscription),
  reason: (a, b) => byText(a.reason, b.reason),
  // Those that wait for a review, and among them the red ones, first.
  flagged: (a, b) =>
    Number(b.row.flagged) - Number(a.row.flagged) || STATE_ORDER[a.row.state] - STATE_ORDER[b.row.state],
  decoys: (a, b) => a.row.decoys - b.row.decoys,
  // Never checked comes before long ago. ISO times in UTC sort as text.
  checkedAt: (a, b) => byText(a.row.checkedAt ?? "", b.row.checkedAt ?? ""),
};

// Plain comparison: a collator costs about ten times as much, and vault names are ASCII.
function byText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function byName(a: Prepared, b: Prepared): number {
  return byText(a.name, b.name) || byText(a.row.id, b.row.id);
}

/** Orders that were asked for already: a key stroke changes the filter, never the order, so each is made once. */
const sorted = new WeakMap<readonly Prepared[], Map<string, readonly Prepared[]>>();

function inOrder(rows: readonly Prepared[], sort: Sort, descending: boolean): readonly Prepared[] {
  let orders = sorted.get(rows);
  if (!orders) {
    orders = new Map();
    sorted.set(rows, orders);
  }
  const key = `${sort} ${descending}`;
  let order = orders.get(key);
  if (!order) {
    const compare = COMPARE[sort];
    const sign = descending ? -1 : 1;
    order = rows.toSorted((a, b) => sign * compare(a, b) || byName(a, b));
    orders.set(key, order);
  }
  return order;
}

/** The rows to show, in order. Every word of `q` must occur somewhere in the row. Does not change its input. */
export function select(rows: readonly Prepared[], query: BoardQuery): BoardRow[] {
  const keep = predicateOf(query);
  const kept: BoardRow[] = [];
  for (const prepared of inOrder(rows, query.sort, query.descending)) if (keep(prepared)) kept.push(prepared.row);
  return kept;
}

function predicateOf(query: BoardQuery): (prepared: Prepared) => boolean {
  const words = query.q.toLowerCase().split(/\s+/).filter(Boolean);
  const states = setOf(query.states);
  const subscriptions = setOf(query.subscriptions);
  const reasons = setOf(query.reasons);
  return ({ row, search }) =>
    (!query.mine || row.mine) &&
    (!query.flagged || row.flagged) &&
    (!states || states.has(row.state)) &&
    (!subscriptions || subscriptions.has(row.subscriptionId)) &&
    (!reasons || reasons.has(row.reason)) &&
    words.every((word) => search.includes(word));
}

function setOf(values: readonly string[]): ReadonlySet<string> | undefined {
  return values.length === 0 ? undefined : new Set(values);
}

export type StateCounts = Record<State, number>;

/** No vault in any state. */
export function noVaults(): StateCounts {
  return { protected: 0, unprotected: 0, waiting: 0, unknown: 0, exempt: 0 };
}

/** How many rows are in each state. */
export function countStates(rows: readonly BoardRow[]): StateCounts {
  const counts = noVaults();
  for (const row of rows) counts[row.state]++;
  return counts;
}

export interface SubscriptionCounts extends StateCounts {
  subscriptionId: string;
  subscription: string;
  total: number;
}

/** The same per subscription, by name: the bars of the chart and the choices of the filter. */
export function countBySubscription(rows: readonly BoardRow[]): SubscriptionCounts[] {
  const groups = new Map<string, SubscriptionCounts>();
  for (const { subscriptionId, subscription, state } of rows) {
    let group = groups.get(subscriptionId);
    if (!group) {
      group = { subscriptionId, subscription, total: 0, ...noVaults() };
      groups.set(subscriptionId, group);
    }
    group[state]++;
    group.total++;
  }
  return [...groups.values()].toSorted((a, b) => byText(a.subscription.toLowerCase(), b.subscription.toLowerCase()));
}

/** Which reasons occur and how often, most frequent first. */
export function countReasons(rows: readonly BoardRow[]): { reason: string; label: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const { reason } of rows) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts]
    .map(([reason, count]) => ({ reason, label: reasonLabel(reason), count }))
    .toSorted((a, b) => b.count - a.count || byText(a.label, b.label));
}

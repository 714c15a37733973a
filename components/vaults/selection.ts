import type { z } from "zod";
import type { BoardRow } from "@/lib/coverage/board.pure";
import { type BoardQuery, type Prepared, select } from "@/lib/coverage/select.pure";
import type { Selection } from "@/lib/deployments/fleet.pure";
import { CHOSEN_ONE_BY_ONE_MAX } from "@/lib/deployments/limits.pure";

/** A choice of vaults as it is sent, before the server reads it. */
export type SelectionInput = z.input<typeof Selection>;

export interface SelectionState {
  /** The chosen vaults that the board has now, by `BoardRow.id`. */
  ids: ReadonlySet<string>;
  /** Given when they are what a filter shows; vaults that match it later belong to it then. */
  filter: BoardQuery | null;
  /** Why the last click changed nothing; a sentence with what to do. */
  problem: string | null;
}

const NOTHING: SelectionState = { ids: new Set(), filter: null, problem: null };
const MAX = new Intl.NumberFormat().format(CHOSEN_ONE_BY_ONE_MAX);
const TOO_MANY = `More than ${MAX} vaults cannot be chosen one by one. Filter the list, then select all that it shows.`;
const ALL_OR_NONE = `More than ${MAX} vaults are selected by a filter, so single ones cannot be left out. Filter further, then select all that is shown.`;

/**
 * The vaults chosen on the board. It lives outside React's state, so that a click draws the rows that change and not
 * the list: each row asks for itself.
 */
export class VaultSelection {
  #state = NOTHING;
  #rows: readonly Prepared[] = [];
  readonly #listeners = new Set<() => void>();

  readonly subscribe = (changed: () => void): (() => void) => {
    this.#listeners.add(changed);
    return () => this.#listeners.delete(changed);
  };

  readonly read = (): SelectionState => this.#state;

  has(id: string): boolean {
    return this.#state.ids.has(id);
  }

  toggle(id: string): void {
    const { ids } = this.#state;
    const size = ids.size + (ids.has(id) ? -1 : 1);
    if (size > CHOSEN_ONE_BY_ONE_MAX) {
      this.#refuse();
      return;
    }
    const next = new Set(ids);
    if (!next.delete(id)) next.add(id);
    this.#choose(next);
  }

  /** Chooses `rows`, which are all that `filter` shows: as the filter, or with `oneByOne` singly while they are few. */
  chooseAll(rows: readonly BoardRow[], filter: BoardQuery, oneByOne = false): void {
    const union = new Set(rows.map(({ id }) => id));
    const shown = union.size;
    for (const id of this.#state.ids) union.add(id);
    const others = union.size > shown;
    if (!others && (!oneByOne || shown > CHOSEN_ONE_BY_ONE_MAX)) this.#set({ ids: union, filter, problem: null });
    else if (union.size > CHOSEN_ONE_BY_ONE_MAX) this.#refuse();
    else this.#choose(union);
  }

  leaveOut(rows: readonly BoardRow[]): void {
    const next = new Set(this.#state.ids);
    for (const { id } of rows) next.delete(id);
    if (next.size > CHOSEN_ONE_BY_ONE_MAX) this.#refuse();
    else this.#choose(next);
  }

  readonly clear = (): void => this.#set(NOTHING);

  /** What the board has now: vaults that are gone leave the selection, and a filter is asked again. */
  update(rows: readonly Prepared[]): void {
    if (rows === this.#rows) return;
    this.#rows = rows;
    const { ids, filter } = this.#state;
    if (ids.size === 0 && !filter) return;
    const now = filter ? select(rows, filter) : rows.map(({ row }) => row).filter(({ id }) => ids.has(id));
    if (now.length === ids.size && now.every(({ id }) => ids.has(id))) return;
    // An empty filter is forgotten: what matches it one day was not chosen by anybody who looked at it.
    this.#set(now.length === 0 ? NOTHING : { ...this.#state, ids: new Set(now.map(({ id }) => id)) });
  }

  /** For the plan. Only while something is chosen. */
  toInput(): SelectionInput {
    const { ids, filter } = this.#state;
    return filter ? { by: "filter", query: filter } : { by: "vaults", vaultIds: [...ids] };
  }

  #choose(ids: ReadonlySet<string>): void {
    this.#set({ ids, filter: null, problem: null });
  }

  #refuse(): void {
    this.#set({ ...this.#state, problem: this.#state.filter ? ALL_OR_NONE : TOO_MANY });
  }

  #set(state: SelectionState): void {
    this.#state = state;
    for (const changed of this.#listeners) changed();
  }
}

/** How many of `rows` are chosen. */
export function chosenAmong(rows: readonly BoardRow[], { ids }: SelectionState): "none" | "some" | "all" {
  if (ids.size === 0 || rows.length === 0) return "none";
  let chosen = 0;
  for (const { id } of rows) if (ids.has(id)) chosen++;
  if (chosen === 0) return "none";
  return chosen === rows.length ? "all" : "some";
}

/** How many of the chosen vaults are not among `rows`. */
export function notAmong(rows: readonly BoardRow[], { ids }: SelectionState): number {
  let hidden = ids.size;
  if (hidden > 0) for (const { id } of rows) if (ids.has(id)) hidden--;
  return hidden;
}

/** Whether two filters let the same vaults through, in whatever order they show them. */
export function sameFilter(a: BoardQuery, b: BoardQuery): boolean {
  return filterKey(a) === filterKey(b);
}

function filterKey({ q, states, subscriptions, reasons, mine, flagged }: BoardQuery): string {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  const sets = [words, states, subscriptions, reasons].map((values) => [...new Set<string>(values)].toSorted());
  return JSON.stringify([sets, mine, flagged]);
}

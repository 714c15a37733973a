"use client";
import { debounce, parseAsArrayOf, parseAsBoolean, parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs";
import { SORTS, STATES } from "@/lib/coverage/select.pure";

const list = parseAsArrayOf(parseAsString).withDefault([]);

/** What the address of the board says; everything that the list shows follows from it. */
const PARAMETERS = {
  q: parseAsString.withDefault("").withOptions({ limitUrlUpdates: debounce(250) }),
  state: parseAsArrayOf(parseAsStringLiteral(STATES)).withDefault([]),
  subscription: list,
  reason: list,
  mine: parseAsBoolean.withDefault(false),
  flagged: parseAsBoolean.withDefault(false),
  sort: parseAsStringLiteral(SORTS).withDefault("state"),
  descending: parseAsBoolean.withDefault(false),
  /** Off = one list without headings. */
  grouped: parseAsBoolean.withDefault(true),
  /** Subscriptions whose vaults are folded away. */
  folded: list,
};

/** The board's filters, order and folding, kept in the address. */
export function useBoardQuery() {
  return useQueryStates(PARAMETERS);
}

export type BoardParameters = ReturnType<typeof useBoardQuery>[0];
export type SetBoardParameters = (change: Partial<BoardParameters>) => void;

/** Nothing is filtered out. */
export const NO_FILTER = {
  q: "",
  state: [],
  subscription: [],
  reason: [],
  mine: false,
  flagged: false,
} satisfies Partial<BoardParameters>;

export function hasFilter({ q, state, subscription, reason, mine, flagged }: BoardParameters): boolean {
  return q.trim() !== "" || state.length + subscription.length + reason.length > 0 || mine || flagged;
}

"use client";
import { useDeferredValue, useMemo } from "react";
import type { BoardRow } from "@/lib/coverage/board.pure";
import { type BoardQuery, prepare, select } from "@/lib/coverage/select.pure";
import { listItems } from "./list-items";
import type { BoardParameters } from "./use-board-query";

/** The lines to show for the board's rows and its address. The search text may lag behind the typing, never the box. */
export function useVaultList(vaults: readonly BoardRow[], parameters: BoardParameters) {
  const { state, subscription, reason, mine, flagged, sort, descending, grouped, folded } = parameters;
  const q = useDeferredValue(parameters.q);
  const prepared = useMemo(() => prepare(vaults), [vaults]);
  const query = useMemo(
    (): BoardQuery => ({
      q,
      states: state,
      subscriptions: subscription,
      reasons: reason,
      mine,
      flagged,
      sort,
      descending,
    }),
    [q, state, subscription, reason, mine, flagged, sort, descending],
  );
  const rows = useMemo(() => select(prepared, query), [prepared, query]);
  const items = useMemo(() => listItems(rows, grouped ? new Set(folded) : null), [rows, grouped, folded]);
  return { prepared, query, rows, items };
}

import type { Context } from "../context";
import { documentsOf, shownFields } from "./item-store";

/** One row of `_GetWatchlist('alias')`. */
export interface WatchlistRow {
  itemId: string;
  /** Milliseconds since 1970. */
  updatedAt: number;
  /** The value of the search-key column; empty when the row has none. */
  searchKey: string;
  /** The columns of the list, all text. */
  fields: Record<string, string>;
}

/**
 * What `_GetWatchlist` shows of a list at `context.now()`: changes appear, and deleted rows go, only after
 * `delays.watchlist`. The alias compares without case; an unknown one has no rows.
 */
export function watchlistRows(context: Context, workspaceId: string, alias: string): WatchlistRow[] {
  const now = context.now();
  const searchKey = context.model.watchlists.get(`${workspaceId}/${alias}`)?.itemsSearchKey ?? "";
  return documentsOf(context, workspaceId, alias).flatMap((item) => {
    const fields = shownFields(item, now);
    if (!fields) return [];
    const updatedAt = now < item.visibleAt ? item.createdAt : item.updatedAt;
    return [{ itemId: item.itemId, updatedAt, searchKey: fields[searchKey] ?? "", fields }];
  });
}

/** The time around `context.now()` in which a list shows the same rows if nobody writes, its end not included. */
export function steadyUntil(context: Context, workspaceId: string, alias: string): { from: number; to: number } {
  const now = context.now();
  let [from, to] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const { visibleAt } of documentsOf(context, workspaceId, alias)) {
    if (visibleAt <= now) from = Math.max(from, visibleAt);
    else to = Math.min(to, visibleAt);
  }
  return { from, to };
}

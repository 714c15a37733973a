import { newEtag } from "../arm/respond";
import type { Call, Context } from "../context";
import type { WatchlistItem } from "../model";

/*
 * Items keep two forms: the one that the API answers at once, and the one that `_GetWatchlist` still shows until the
 * change has been ingested. A deleted item stays as a document until then.
 */

/** Collection key of an item. */
export function itemKey(workspaceId: string, alias: string, itemId: string): string {
  return `${workspaceId}/${alias}/${itemId}`;
}

/** All documents of one watchlist, deleted ones with them. */
export function documentsOf(context: Context, workspaceId: string, alias: string): WatchlistItem[] {
  const prefix = `${workspaceId}/${alias}/`.toLowerCase();
  const found: WatchlistItem[] = [];
  for (const [key, item] of context.model.watchlistItems.entries()) if (key.startsWith(prefix)) found.push(item);
  return found;
}

/** What `_GetWatchlist` shows of an item now: its columns, or nothing. */
export function shownFields(item: WatchlistItem, now: number): Record<string, string> | undefined {
  if (now < item.visibleAt) return item.previous;
  return item.deleted ? undefined : item.fields;
}

/** Writes an item: new, changed, or made again after a deletion. Answers the document. */
export function putItem(
  call: Call,
  workspaceId: string,
  alias: string,
  itemId: string,
  fields: Record<string, string>,
  entityMapping: Record<string, unknown> = {},
): WatchlistItem {
  const key = itemKey(workspaceId, alias, itemId);
  const present = call.model.watchlistItems.get(key);
  const now = call.now();
  const previous = present && shownFields(present, now);
  const live = present && !present.deleted ? present : undefined;
  const item: WatchlistItem = {
    workspaceId,
    alias,
    itemId: present?.itemId ?? itemId,
    fields,
    etag: newEtag(),
    createdAt: live?.createdAt ?? now,
    updatedAt: now,
    createdBy: live?.createdBy ?? call.caller.oid,
    updatedBy: call.caller.oid,
    ...(Object.keys(entityMapping).length > 0 ? { entityMapping } : {}),
    visibleAt: now + call.settings.delays.watchlist,
    ...(previous ? { previous } : {}),
  };
  call.model.watchlistItems.put(key, item);
  return item;
}

/** Deletes an item; `_GetWatchlist` shows it until the delay is over. */
export function dropItem(call: Call, item: WatchlistItem): void {
  const now = call.now();
  const { previous: _, ...rest } = item;
  const shown = shownFields(item, now);
  call.model.watchlistItems.put(itemKey(item.workspaceId, item.alias, item.itemId), {
    ...rest,
    etag: newEtag(),
    updatedAt: now,
    visibleAt: now + call.settings.delays.watchlist,
    ...(shown ? { previous: shown } : {}),
    deleted: true,
  });
}

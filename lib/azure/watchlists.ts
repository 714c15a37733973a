import "server-only";
import type { AzureAccess } from "@/lib/context";

export interface Watchlist {
  alias: string;
  displayName: string;
  itemsSearchKey: string;
}

export interface WatchlistItem {
  /** GUID that addresses the row. */
  id: string;
  fields: Record<string, string>;
}

/** `workspaceId` is the workspace's ARM id, everywhere in this file. */
export async function getWatchlist(
  _azure: AzureAccess,
  _workspaceId: string,
  _alias: string,
): Promise<Watchlist | undefined> {
  throw new Error("being written");
}

/** Every row of the watchlist, to the last page. */
export async function listWatchlistItems(
  _azure: AzureAccess,
  _workspaceId: string,
  _alias: string,
): Promise<WatchlistItem[]> {
  throw new Error("being written");
}

/** Creates the watchlist with these columns when there is none; never changes an existing one. */
export async function ensureWatchlist(
  _azure: AzureAccess,
  _workspaceId: string,
  _alias: string,
  _columns: readonly string[],
): Promise<"created" | "existed"> {
  throw new Error("being written");
}

/** Writes one row under our own GUID: the same call again changes nothing. */
export async function putWatchlistItem(
  _azure: AzureAccess,
  _workspaceId: string,
  _alias: string,
  _itemId: string,
  _fields: Record<string, string>,
): Promise<void> {
  throw new Error("being written");
}

export async function deleteWatchlistItem(
  _azure: AzureAccess,
  _workspaceId: string,
  _alias: string,
  _itemId: string,
): Promise<"deleted" | "absent"> {
  throw new Error("being written");
}

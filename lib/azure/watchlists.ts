import "server-only";
import { z } from "zod";
import type { AzureAccess } from "@/lib/context";
import { azureErrorOf } from "./azure-error";
import { drain } from "./clients";
import { toAppError } from "./parse-error";
import { sentinelOf } from "./sentinel";

export interface Watchlist {
  alias: string;
  displayName: string;
  itemsSearchKey: string;
}

export interface WatchlistItem {
  /** Last segment of the row's ARM id, as the service gave it: what addresses the row. */
  id: string;
  fields: Record<string, string>;
}

const WatchlistAnswer = z.object({ displayName: z.string(), itemsSearchKey: z.string() });
const ItemAnswer = z.object({
  id: z.string(),
  isDeleted: z.boolean().nullish(),
  itemsKeyValue: z.record(
    z.string(),
    z.union([z.string(), z.number(), z.boolean(), z.null()]).transform((value) => (value === null ? "" : `${value}`)),
  ),
});

/** The watchlist without its rows, or undefined. `workspaceId` is the workspace's ARM id, everywhere in this file. */
export async function getWatchlist(
  azure: AzureAccess,
  workspaceId: string,
  alias: string,
): Promise<Watchlist | undefined> {
  const { client, resourceGroup, name } = sentinelOf(azure, workspaceId);
  try {
    return { alias, ...WatchlistAnswer.parse(await client.watchlists.get(resourceGroup, name, alias)) };
  } catch (error) {
    if (azureErrorOf(error)?.status === 404) return undefined;
    throw toAppError(error, "read the register's watchlist");
  }
}

/** Every row of the watchlist, to the last page. */
export async function listWatchlistItems(
  azure: AzureAccess,
  workspaceId: string,
  alias: string,
): Promise<WatchlistItem[]> {
  const { client, resourceGroup, name } = sentinelOf(azure, workspaceId);
  try {
    const items = (await drain(client.watchlistItems.list(resourceGroup, name, alias))).map((item) =>
      ItemAnswer.parse(item),
    );
    return items
      .filter(({ isDeleted }) => isDeleted !== true)
      .map(({ id, itemsKeyValue }) => ({ id: id.slice(id.lastIndexOf("/") + 1), fields: itemsKeyValue }));
  } catch (error) {
    throw toAppError(error, "read the register's rows");
  }
}

/**
 * Creates the watchlist when there is none; never changes an existing one. It starts without rows, as Microsoft's own
 * example does; the first of `columns` becomes its search key and the rest come with the rows.
 */
export async function ensureWatchlist(
  azure: AzureAccess,
  workspaceId: string,
  alias: string,
  columns: readonly string[],
): Promise<"created" | "existed"> {
  if (await getWatchlist(azure, workspaceId, alias)) return "existed";
  const { client, resourceGroup, name } = sentinelOf(azure, workspaceId);
  try {
    await client.watchlists.createOrUpdate(resourceGroup, name, alias, {
      displayName: alias,
      provider: "Microsoft",
      source: `${alias}.csv`,
      sourceType: "Local file",
      itemsSearchKey: columns[0] ?? "TokenKey",
    });
    return "created";
  } catch (error) {
    throw toAppError(error, "create the register's watchlist");
  }
}

/** Writes one row under our own GUID: the same call again changes nothing. */
export async function putWatchlistItem(
  azure: AzureAccess,
  workspaceId: string,
  alias: string,
  itemId: string,
  fields: Record<string, string>,
): Promise<void> {
  const { client, resourceGroup, name } = sentinelOf(azure, workspaceId);
  try {
    await client.watchlistItems.createOrUpdate(resourceGroup, name, alias, itemId, { itemsKeyValue: fields });
  } catch (error) {
    throw toAppError(error, "write to the register");
  }
}

/** Removes one row. `absent` = there was none. */
export async function deleteWatchlistItem(
  azure: AzureAccess,
  workspaceId: string,
  alias: string,
  itemId: string,
): Promise<"deleted" | "absent"> {
  const { client, resourceGroup, name } = sentinelOf(azure, workspaceId);
  let status = 0;
  try {
    await client.watchlistItems.delete(resourceGroup, name, alias, itemId, {
      onResponse: (response) => {
        status = response.status;
      },
    });
    return status === 200 ? "deleted" : "absent";
  } catch (error) {
    if (azureErrorOf(error)?.status === 404) return "absent";
    throw toAppError(error, "remove a row from the register");
  }
}

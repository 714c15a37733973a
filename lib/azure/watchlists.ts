import "server-only";
import { getContinuationToken } from "@azure/arm-securityinsight";
import { z } from "zod";
import type { AzureAccess } from "@/lib/context";
import { azureErrorOf } from "./azure-error";
import { drainByPage } from "./clients";
import { toAppError } from "./parse-error";
import { sentinelOf, sentinelOnceOf } from "./sentinel";

export interface Watchlist {
  alias: string;
  displayName: string;
  itemsSearchKey: string;
  /** False while the service still takes in an upload. */
  settled: boolean;
  /** What else it says of itself, which an upload has to repeat. */
  about: { provider: string; source: string; description?: string; labels?: string[]; defaultDuration?: string };
}

export interface WatchlistItem {
  /** Last segment of the row's ARM id, as the service gave it: what addresses the row. */
  id: string;
  fields: Record<string, string>;
}

const WatchlistAnswer = z.object({
  displayName: z.string(),
  itemsSearchKey: z.string(),
  uploadStatus: z.string().nullish(),
  provider: z.string().nullish(),
  source: z.string().nullish(),
  description: z.string().nullish(),
  labels: z.array(z.string()).nullish(),
  defaultDuration: z.string().nullish(),
});
/** A row with who wrote it, as far as the service tells; `name` is what it calls them, for people only. */
export interface WrittenItem extends WatchlistItem {
  created: WatchlistAuthor;
  updated: WatchlistAuthor;
}

export interface WatchlistAuthor {
  at: Date | undefined;
  name: string | undefined;
}

/** What a watchlist of our making names as its provider. */
const PROVIDER = "Microsoft";

const ItemAnswer = z.object({
  id: z.string(),
  isDeleted: z.boolean().nullish(),
  itemsKeyValue: z.record(
    z.string(),
    z.union([z.string(), z.number(), z.boolean(), z.null()]).transform((value) => (value === null ? "" : `${value}`)),
  ),
});

const Author = z.object({ name: z.string().nullish(), email: z.string().nullish(), objectId: z.string().nullish() });
const WrittenAnswer = ItemAnswer.extend({
  created: z.date().nullish(),
  updated: z.date().nullish(),
  createdBy: Author.nullish(),
  updatedBy: Author.nullish(),
});

/** The watchlist without its rows, or undefined. `workspaceId` is the workspace's ARM id, everywhere in this file. */
export async function getWatchlist(
  azure: AzureAccess,
  workspaceId: string,
  alias: string,
): Promise<Watchlist | undefined> {
  const { client, resourceGroup, name } = sentinelOf(azure, workspaceId);
  try {
    const answer = WatchlistAnswer.parse(await client.watchlists.get(resourceGroup, name, alias));
    return {
      alias,
      displayName: answer.displayName,
      itemsSearchKey: answer.itemsSearchKey,
      settled: answer.uploadStatus?.toLowerCase() !== "inprogress",
      about: {
        provider: answer.provider ?? PROVIDER,
        source: answer.source ?? `${alias}.csv`,
        ...(answer.description && { description: answer.description }),
        ...(answer.labels?.length && { labels: answer.labels }),
        ...(answer.defaultDuration && { defaultDuration: answer.defaultDuration }),
      },
    };
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
    const list = client.watchlistItems.list(resourceGroup, name, alias);
    const listed = await drainByPage((from) => list.byPage(from), getContinuationToken);
    const items = listed.map((item) => ItemAnswer.parse(item));
    return items
      .filter(({ isDeleted }) => isDeleted !== true)
      .map(({ id, itemsKeyValue }) => ({ id: id.slice(id.lastIndexOf("/") + 1), fields: itemsKeyValue }));
  } catch (error) {
    throw toAppError(error, "read the register's rows");
  }
}

/** One row with its authors, as it stands now; undefined when there is none. */
export async function getWatchlistItem(
  azure: AzureAccess,
  workspaceId: string,
  alias: string,
  itemId: string,
): Promise<WrittenItem | undefined> {
  const { client, resourceGroup, name } = sentinelOf(azure, workspaceId);
  try {
    const item = WrittenAnswer.parse(await client.watchlistItems.get(resourceGroup, name, alias, itemId));
    if (item.isDeleted === true) return undefined;
    return {
      id: item.id.slice(item.id.lastIndexOf("/") + 1),
      fields: item.itemsKeyValue,
      created: { at: item.created ?? undefined, name: nameOf(item.createdBy) },
      updated: { at: item.updated ?? undefined, name: nameOf(item.updatedBy) },
    };
  } catch (error) {
    if (azureErrorOf(error)?.status === 404) return undefined;
    throw toAppError(error, "read a row of the register");
  }
}

function nameOf(author: z.infer<typeof Author> | null | undefined): string | undefined {
  return author?.name || author?.email || author?.objectId || undefined;
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
      provider: PROVIDER,
      source: `${alias}.csv`,
      sourceType: "Local file",
      itemsSearchKey: columns[0] ?? "TokenKey",
    });
    return "created";
  } catch (error) {
    throw toAppError(error, "create the register's watchlist");
  }
}

/**
 * Adds the rows of a CSV text (header line first, below 3.8 MB) in one request, with the SDK's retries off. Rows that the
 * list has already are passed over by the service, none is taken away. The ids of the new rows are the service's own:
 * list them. The caller looks before anything else when `isAmbiguous(error)`.
 */
export async function uploadWatchlistRows(
  azure: AzureAccess,
  workspaceId: string,
  list: Watchlist,
  csv: string,
): Promise<void> {
  const { client, resourceGroup, name } = sentinelOnceOf(azure, workspaceId);
  try {
    await client.watchlists.createOrUpdate(resourceGroup, name, list.alias, {
      ...list.about,
      displayName: list.displayName,
      itemsSearchKey: list.itemsSearchKey,
      sourceType: "Local file",
      contentType: "text/csv",
      numberOfLinesToSkip: 0,
      rawContent: csv,
    });
  } catch (error) {
    throw toAppError(error, "upload rows to the register");
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

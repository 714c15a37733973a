import { z } from "zod";
import { recordActivity } from "../arm/activity";
import { badRequest, conflict, resourceNotFound } from "../arm/errors";
import { created, noContent, ok, page, readBody } from "../arm/respond";
import { isGuid } from "../arm/scope";
import type { Call } from "../context";
import type { Router, SimResponse } from "../http";
import type { WatchlistItem } from "../model";
import { takeChanges } from "./change-quota";
import { documentsOf, dropItem, itemKey, putItem } from "./item-store";
import { offsetTime } from "./offset-time";
import { checkRow, ROW_MAX } from "./row-rules";
import { Etag } from "./texts";
import { requireWatchlist } from "./watchlists";
import { SENTINEL, sentinelWorkspace, userInfo } from "./workspace";

const READ = "Microsoft.SecurityInsights/watchlists/read";
const WRITE = "Microsoft.SecurityInsights/watchlists/write";
const DELETE = "Microsoft.SecurityInsights/watchlists/delete";
const ITEMS = `${SENTINEL}/watchlists/{a}/watchlistItems`;

/** Items of one page. */
const PAGE = 100;

const Cell = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const Body = z.object({
  etag: Etag,
  properties: z.object({
    itemsKeyValue: z.record(z.string(), Cell),
    entityMapping: z.record(z.string(), z.unknown()).nullish(),
  }),
});

/** Items of a watchlist: list by pages, get, put one, delete one. There is no bulk form, as in Azure. */
export function routeWatchlistItems(router: Router<Call>): void {
  router.on("GET", ITEMS, (call, params) => {
    const workspace = sentinelWorkspace(call, params, READ, `watchlists/${params.a}`);
    const list = requireWatchlist(call, workspace, params);
    const items = documentsOf(call, workspace.id, list.alias).filter((item) => !item.deleted);
    const { value, ...rest } = page(call, items, ({ itemId }) => itemId, PAGE);
    return ok({ value: value.map((item) => body(call, item)), ...rest });
  });

  router.on("GET", `${ITEMS}/{i}`, (call, params) => {
    const workspace = sentinelWorkspace(call, params, READ, `watchlists/${params.a}`);
    const list = requireWatchlist(call, workspace, params);
    const item = call.model.watchlistItems.get(itemKey(workspace.id, list.alias, params.i ?? ""));
    if (!item || item.deleted) {
      throw resourceNotFound(`Microsoft.SecurityInsights/watchlists/watchlistItems/${params.i}`, params.g ?? "");
    }
    return ok(body(call, item));
  });

  router.on("PUT", `${ITEMS}/{i}`, put);

  router.on("DELETE", `${ITEMS}/{i}`, (call, params) => {
    const workspace = sentinelWorkspace(call, params, DELETE, `watchlists/${params.a}`);
    const list = requireWatchlist(call, workspace, params);
    const item = call.model.watchlistItems.get(itemKey(workspace.id, list.alias, params.i ?? ""));
    if (!item || item.deleted) return noContent();
    takeChanges(call, workspace.id, 1);
    dropItem(call, item);
    recordActivity(call, { action: DELETE, scope: idOf(item), status: 200 });
    return ok({});
  });
}

function put(call: Call, params: Record<string, string>): SimResponse {
  const workspace = sentinelWorkspace(call, params, WRITE, `watchlists/${params.a}`);
  const list = requireWatchlist(call, workspace, params);
  const itemId = params.i ?? "";
  if (!isGuid(itemId)) throw badRequest(`The watchlist item id '${itemId}' is not a GUID.`);
  const { etag, properties } = readBody(call, Body);
  const fields = Object.fromEntries(
    Object.entries(properties.itemsKeyValue).map(([name, value]) => [name, value === null ? "" : String(value)]),
  );
  checkRow(fields, list.itemsSearchKey);
  if (JSON.stringify(properties.entityMapping ?? {}).length > ROW_MAX)
    throw badRequest("The entityMapping is too large.");
  const present = call.model.watchlistItems.get(itemKey(workspace.id, list.alias, itemId));
  const live = present && !present.deleted;
  if (live && etag && etag !== present.etag)
    throw conflict("The watchlist item was changed since this etag was given.");
  takeChanges(call, workspace.id, 1);
  const item = putItem(call, workspace.id, list.alias, itemId, fields, properties.entityMapping ?? {});
  const status = live ? 200 : 201;
  recordActivity(call, { action: WRITE, scope: idOf(item), status });
  return live ? ok(body(call, item)) : created(body(call, item));
}

function idOf(item: WatchlistItem): string {
  return `${item.workspaceId}/providers/Microsoft.SecurityInsights/Watchlists/${item.alias}/WatchlistItems/${item.itemId}`;
}

function body(call: Call, item: WatchlistItem) {
  return {
    id: idOf(item),
    name: item.itemId,
    etag: item.etag,
    type: "Microsoft.SecurityInsights/Watchlists/WatchlistItems",
    properties: {
      watchlistItemType: "watchlist-item",
      watchlistItemId: item.itemId,
      tenantId: call.identity.tenantId,
      isDeleted: false,
      created: offsetTime(item.createdAt),
      updated: offsetTime(item.updatedAt),
      createdBy: userInfo(call, item.createdBy),
      updatedBy: userInfo(call, item.updatedBy ?? item.createdBy),
      itemsKeyValue: item.fields,
      entityMapping: item.entityMapping ?? {},
    },
  };
}

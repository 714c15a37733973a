import { z } from "zod";
import { recordActivity } from "../arm/activity";
import { badRequest, conflict, resourceNotFound } from "../arm/errors";
import { created, newEtag, noContent, ok, page, parameter, readBody } from "../arm/respond";
import type { Call } from "../context";
import { derivedGuid } from "../derived-id";
import type { Router, SimResponse } from "../http";
import type { Watchlist, Workspace } from "../model";
import { Random } from "../world/random";
import { takeChanges } from "./change-quota";
import { CsvError, readCsv } from "./csv";
import { documentsOf, dropItem, putItem } from "./item-store";
import { offsetTime } from "./offset-time";
import { checkRow } from "./row-rules";
import { Etag, Label, Prose, WATCHLIST_NAME } from "./texts";
import { SENTINEL, sentinelWorkspace, userInfo } from "./workspace";

const READ = "Microsoft.SecurityInsights/watchlists/read";
const WRITE = "Microsoft.SecurityInsights/watchlists/write";
const DELETE = "Microsoft.SecurityInsights/watchlists/delete";

/** Bytes of `rawContent` at most: 3.8 MB. Source: Sentinel service limits. */
const RAW_CONTENT_MAX = 3.8 * 1024 * 1024;

const Body = z.object({
  etag: Etag,
  properties: z.object({
    displayName: z
      .string()
      .regex(WATCHLIST_NAME, "must have 3 to 64 characters and begin and end with a letter or digit"),
    provider: Label.min(1),
    itemsSearchKey: Label.min(1).regex(/^\S+$/, "must not contain blanks"),
    source: Label.nullish(),
    sourceType: z.enum(["Local file", "Remote storage"]).nullish(),
    description: Prose.nullish(),
    contentType: Label.nullish(),
    rawContent: z.string().nullish(),
    numberOfLinesToSkip: z.int().min(0).nullish(),
    labels: z.array(Label).nullish(),
    defaultDuration: z
      .string()
      .regex(/^P(?=.)(?:\d+[YMWD])*(?:T(?:\d+[HMS])+)?$/, "must be a duration")
      .nullish(),
    sasUri: z.string().max(4096).nullish(),
  }),
});

type Properties = z.infer<typeof Body>["properties"];

/** Watchlists: list, get, put (with CSV content), delete. */
export function routeWatchlists(router: Router<Call>): void {
  router.on("GET", `${SENTINEL}/watchlists`, (call, params) => {
    const workspace = sentinelWorkspace(call, params, READ, "watchlists");
    const found = [...call.model.watchlists.values()].filter(
      (list) => list.workspaceId.toLowerCase() === workspace.id.toLowerCase(),
    );
    return ok(
      page(
        call,
        found.map((list) => body(call, list)),
        ({ id }) => id,
        100,
      ),
    );
  });

  router.on("GET", `${SENTINEL}/watchlists/{a}`, (call, params) => {
    const workspace = sentinelWorkspace(call, params, READ, `watchlists/${params.a}`);
    return ok(body(call, requireWatchlist(call, workspace, params)));
  });

  router.on("PUT", `${SENTINEL}/watchlists/{a}`, put);

  router.on("DELETE", `${SENTINEL}/watchlists/{a}`, (call, params) => {
    const workspace = sentinelWorkspace(call, params, DELETE, `watchlists/${params.a}`);
    const found = call.model.watchlists.get(`${workspace.id}/${params.a}`);
    if (!found) return noContent();
    const items = documentsOf(call, workspace.id, found.alias).filter((item) => !item.deleted);
    takeChanges(call, workspace.id, items.length);
    for (const item of items) dropItem(call, item);
    call.model.watchlists.delete(`${workspace.id}/${found.alias}`);
    recordActivity(call, { action: DELETE, scope: idOf(found), status: 200 });
    return ok({});
  });
}

/** The watchlist that a path names, or 404. */
export function requireWatchlist(call: Call, workspace: Workspace, params: Record<string, string>): Watchlist {
  const found = call.model.watchlists.get(`${workspace.id}/${params.a}`);
  if (!found) throw resourceNotFound(`Microsoft.SecurityInsights/watchlists/${params.a}`, params.g ?? "");
  return found;
}

function put(call: Call, params: Record<string, string>): SimResponse {
  const alias = params.a ?? "";
  const workspace = sentinelWorkspace(call, params, WRITE, `watchlists/${alias}`);
  if (!/^[a-z0-9][-\w .]{1,62}[a-z0-9]$/i.test(alias)) {
    throw badRequest("A watchlist alias must be 3 to 64 characters, the first and the last a letter or a digit.");
  }
  const { etag, properties } = readBody(call, Body);
  checkSource(call, properties);
  const present = call.model.watchlists.get(`${workspace.id}/${alias}`);
  if (present && etag && etag !== present.etag) throw conflict("The watchlist was changed since this etag was given.");
  const rows = readContent(properties);
  const fresh = freshRows(call, workspace.id, present?.alias ?? alias, rows);
  takeChanges(call, workspace.id, fresh.length);
  const now = call.now();
  const list: Watchlist = {
    workspaceId: workspace.id,
    alias: present?.alias ?? alias,
    watchlistId: present?.watchlistId ?? derivedGuid(call, `watchlist ${alias}`),
    displayName: properties.displayName,
    provider: properties.provider,
    source: properties.source ?? properties.sourceType ?? "Local file",
    ...(properties.description ? { description: properties.description } : {}),
    itemsSearchKey: properties.itemsSearchKey,
    etag: newEtag(),
    createdAt: present?.createdAt ?? now,
    updatedAt: now,
    createdBy: present?.createdBy ?? call.caller.oid,
    updatedBy: call.caller.oid,
    ...(properties.labels?.length ? { labels: properties.labels } : {}),
    ...(properties.defaultDuration ? { defaultDuration: properties.defaultDuration } : {}),
  };
  call.model.watchlists.put(`${workspace.id}/${list.alias}`, list);
  const ids = new Random(derivedGuid(call, `items of ${alias}`));
  for (const row of fresh) putItem(call, list.workspaceId, list.alias, ids.guid(), row);
  const status = present ? 200 : 201;
  recordActivity(call, { action: WRITE, scope: idOf(list), status });
  return present ? ok(body(call, list)) : created(body(call, list));
}

/**
 * Stable API versions take two words for the source and demand one of them; preview versions have a file name there. A
 * large upload by `sasUri` would be read from a storage account, and storage here holds no blobs: it is refused by name.
 */
function checkSource(call: Call, { source, sasUri }: Properties): void {
  const stable = !(parameter(call, "api-version") ?? "").endsWith("-preview");
  if (stable && source !== "Local file" && source !== "Remote storage") {
    throw badRequest("Invalid value found at properties.source: it must be 'Local file' or 'Remote storage'.");
  }
  if (sasUri)
    throw badRequest("Uploading a watchlist from a storage account (sasUri) is not part of the simulated tenant.");
}

function readContent(properties: Properties): Record<string, string>[] {
  const { rawContent, contentType, numberOfLinesToSkip, itemsSearchKey } = properties;
  if (!rawContent) return [];
  if (contentType?.toLowerCase() !== "text/csv") throw badRequest("The contentType of rawContent must be text/csv.");
  if (Buffer.byteLength(rawContent) > RAW_CONTENT_MAX) throw badRequest("The rawContent is larger than 3.8 MB.");
  try {
    const { headers, rows } = readCsv(rawContent, numberOfLinesToSkip ?? 0);
    if (!headers.includes(itemsSearchKey)) {
      throw badRequest(`The itemsSearchKey '${itemsSearchKey}' is not a column of the content.`);
    }
    for (const row of rows) checkRow(row, itemsSearchKey);
    return rows;
  } catch (error) {
    if (error instanceof CsvError) throw badRequest(`The rawContent is not valid CSV: ${error.message}`);
    throw error;
  }
}

/** Content is added to what is there: a row that the list has already is passed over, none is ever taken away. */
function freshRows(call: Call, workspaceId: string, alias: string, rows: Record<string, string>[]) {
  if (rows.length === 0) return [];
  const identity = (fields: Record<string, string>) =>
    JSON.stringify(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)));
  const known = new Set(
    documentsOf(call, workspaceId, alias)
      .filter((item) => !item.deleted)
      .map((item) => identity(item.fields)),
  );
  return rows.filter((row) => {
    const key = identity(row);
    const isNew = !known.has(key);
    known.add(key);
    return isNew;
  });
}

function idOf(list: Watchlist): string {
  return `${list.workspaceId}/providers/Microsoft.SecurityInsights/Watchlists/${list.alias}`;
}

function body(call: Call, list: Watchlist) {
  return {
    id: idOf(list),
    name: list.alias,
    etag: list.etag,
    type: "Microsoft.SecurityInsights/Watchlists",
    properties: {
      watchlistId: list.watchlistId,
      displayName: list.displayName,
      provider: list.provider,
      source: list.source,
      created: offsetTime(list.createdAt),
      updated: offsetTime(list.updatedAt),
      createdBy: userInfo(call, list.createdBy),
      updatedBy: userInfo(call, list.updatedBy ?? list.createdBy),
      ...(list.description === undefined ? {} : { description: list.description }),
      watchlistType: "watchlist",
      watchlistAlias: list.alias,
      itemsSearchKey: list.itemsSearchKey,
      isDeleted: false,
      labels: list.labels ?? [],
      ...(list.defaultDuration === undefined ? {} : { defaultDuration: list.defaultDuration }),
      tenantId: call.identity.tenantId,
      uploadStatus: "Complete",
    },
  };
}

import { z } from "zod";
import { recordActivity } from "../arm/activity";
import { badRequest, resourceNotFound } from "../arm/errors";
import { noContent, ok, page, readBody } from "../arm/respond";
import { isGuid } from "../arm/scope";
import type { Call } from "../context";
import type { Router, SimResponse } from "../http";
import { worldGuid } from "../world/ids";
import { clientInfo, userOf } from "./client-info";
import type { Bookmark } from "./documents";
import { checkEtag } from "./incidents";
import { Moment } from "./moments";
import { offsetTime } from "./offset-time";
import { Etag, Label, Prose, Title } from "./texts";
import { SENTINEL, sentinelWorkspace } from "./workspace";

const READ = "Microsoft.SecurityInsights/bookmarks/read";
const WRITE = "Microsoft.SecurityInsights/bookmarks/write";
const DELETE = "Microsoft.SecurityInsights/bookmarks/delete";
const BOOKMARKS = `${SENTINEL}/bookmarks`;

/** Characters of a query, as of a rule's, and of the row that it found; for bookmarks no figure is published. */
const QUERY_MAX = 10_000;

const Body = z.object({
  etag: Etag,
  properties: z.object({
    displayName: Title,
    query: z.string().min(1).max(QUERY_MAX),
    queryResult: z.string().max(QUERY_MAX).nullish(),
    notes: Prose.nullish(),
    labels: z.array(Label).nullish(),
    eventTime: Moment.nullish(),
  }),
});

/** Hunting bookmarks: list, get, put, delete. */
export function routeBookmarks(router: Router<Call>): void {
  router.on("GET", BOOKMARKS, (call, params) => {
    const workspace = sentinelWorkspace(call, params, READ, "bookmarks");
    const found = [...call.model.bookmarks.values()].filter(
      (bookmark) => bookmark.workspaceId.toLowerCase() === workspace.id.toLowerCase(),
    );
    const { value, ...rest } = page(call, found, ({ name }) => name, 100);
    return ok({ value: value.map((bookmark) => body(call, bookmark)), ...rest });
  });

  router.on("GET", `${BOOKMARKS}/{b}`, (call, params) => {
    const workspace = sentinelWorkspace(call, params, READ, `bookmarks/${params.b}`);
    const found = call.model.bookmarks.get(`${workspace.id}/${params.b}`);
    if (!found) throw resourceNotFound(`Microsoft.SecurityInsights/bookmarks/${params.b}`, params.g ?? "");
    return ok(body(call, found));
  });

  router.on("PUT", `${BOOKMARKS}/{b}`, put);

  router.on("DELETE", `${BOOKMARKS}/{b}`, (call, params) => {
    const workspace = sentinelWorkspace(call, params, DELETE, `bookmarks/${params.b}`);
    const found = call.model.bookmarks.get(`${workspace.id}/${params.b}`);
    if (!found) return noContent();
    call.model.bookmarks.delete(`${workspace.id}/${found.name}`);
    recordActivity(call, { action: DELETE, scope: bookmarkId(found), status: 200 });
    return ok({});
  });
}

/** The service answers 200 also for a bookmark that was not there before, as its recordings show. */
function put(call: Call, params: Record<string, string>): SimResponse {
  const name = params.b ?? "";
  const workspace = sentinelWorkspace(call, params, WRITE, `bookmarks/${name}`);
  if (!isGuid(name)) throw badRequest(`The bookmark id '${name.slice(0, 300)}' is not a GUID.`);
  const { etag, properties } = readBody(call, Body);
  const present = call.model.bookmarks.get(`${workspace.id}/${name}`);
  if (present) checkEtag(call, present, present.name, etag);
  const now = call.now();
  const author = clientInfo(call);
  const { displayName, query, queryResult, notes, labels, eventTime } = properties;
  const bookmark: Bookmark = {
    workspaceId: workspace.id,
    name: present?.name ?? name,
    displayName,
    query,
    ...(queryResult && { queryResult }),
    ...(notes && { notes }),
    labels: labels ?? [],
    ...(eventTime === undefined || eventTime === null ? {} : { eventTime }),
    createdAt: present?.createdAt ?? now,
    modifiedAt: now,
    createdBy: present?.createdBy ?? author,
    modifiedBy: author,
    etag: `"${worldGuid(call, `etag/bookmark/${workspace.id}/${name}/${present?.etag ?? ""}/${now}`)}"`,
  };
  call.model.bookmarks.put(`${workspace.id}/${name}`, bookmark);
  recordActivity(call, { action: WRITE, scope: bookmarkId(bookmark), status: 200 });
  return ok(body(call, bookmark));
}

/** ARM id of a bookmark. */
export function bookmarkId(bookmark: Pick<Bookmark, "workspaceId" | "name">): string {
  return `${bookmark.workspaceId}/providers/Microsoft.SecurityInsights/Bookmarks/${bookmark.name}`;
}

function common(bookmark: Bookmark) {
  return {
    displayName: bookmark.displayName,
    created: offsetTime(bookmark.createdAt),
    updated: offsetTime(bookmark.modifiedAt),
    createdBy: userOf(bookmark.createdBy),
    updatedBy: userOf(bookmark.modifiedBy),
    ...(bookmark.eventTime === undefined ? {} : { eventTime: offsetTime(bookmark.eventTime) }),
    ...(bookmark.notes && { notes: bookmark.notes }),
    labels: bookmark.labels,
    query: bookmark.query,
    ...(bookmark.queryResult && { queryResult: bookmark.queryResult }),
  };
}

function body(call: Call, bookmark: Bookmark) {
  return {
    id: bookmarkId(bookmark),
    name: bookmark.name,
    etag: bookmark.etag,
    type: "Microsoft.SecurityInsights/Bookmarks",
    properties: { ...common(bookmark), incidentInfo: incidentInfo(call, bookmark) },
  };
}

function incidentInfo(call: Call, { workspaceId, name }: Bookmark) {
  for (const relation of call.model.incidentRelations.values()) {
    if (relation.workspaceId !== workspaceId || relation.bookmarkName.toLowerCase() !== name.toLowerCase()) continue;
    const incident = call.model.incidents.get(`${workspaceId}/${relation.incidentName}`);
    if (incident) {
      const { name: incidentId, title, severity } = incident;
      return { incidentId, title, relationName: relation.name, severity };
    }
  }
  return { incidentId: null, title: null, relationName: null, severity: null };
}

/** A bookmark in the form of an entity, as an incident lists it. */
export function bookmarkEntity(bookmark: Bookmark) {
  return {
    id: `${bookmark.workspaceId}/providers/Microsoft.SecurityInsights/Entities/${bookmark.name}`,
    name: bookmark.name,
    type: "Microsoft.SecurityInsights/Entities",
    kind: "Bookmark",
    properties: {
      ...common(bookmark),
      additionalData: {
        EntityMappings: "[]",
        Tactics: "[]",
        Techniques: "[]",
        ETag: bookmark.etag,
        EntityId: bookmark.name,
      },
      friendlyName: bookmark.displayName,
    },
  };
}

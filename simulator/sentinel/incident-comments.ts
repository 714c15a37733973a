import { z } from "zod";
import { recordActivity } from "../arm/activity";
import { badRequest, resourceNotFound } from "../arm/errors";
import { created, iso, noContent, ok, readBody } from "../arm/respond";
import type { Call } from "../context";
import type { Router, SimResponse } from "../http";
import { worldGuid } from "../world/ids";
import { clientInfo } from "./client-info";
import type { Incident, IncidentComment } from "./documents";
import { changeIncident } from "./incident-changes";
import { incidentId } from "./incident-facts";
import { commentsOf } from "./incident-parts";
import { checkEtag, INCIDENT, modifierOf, requireIncident, sourceOf } from "./incidents";
import { type ListRules, listPage } from "./list-page";
import { Etag } from "./texts";
import { sentinelWorkspace } from "./workspace";

const READ = "Microsoft.SecurityInsights/incidents/comments/read";
const WRITE = "Microsoft.SecurityInsights/incidents/comments/write";
const DELETE = "Microsoft.SecurityInsights/incidents/comments/delete";
const COMMENT = `${INCIDENT}/comments/{c}`;

/** Comments of an incident, and characters of one, at most. Source: Sentinel service limits. */
const COMMENTS_MAX = 100;
const MESSAGE_MAX = 30_000;

const Body = z.object({
  etag: Etag,
  properties: z.object({
    message: z.string().min(1).max(MESSAGE_MAX, `must not be longer than ${MESSAGE_MAX} characters`),
  }),
});

/** The order of writing is what a comment is told apart by when two have the same time. */
const rules = (order: readonly IncidentComment[]): ListRules<IncidentComment> => ({
  fields: new Map([
    ["properties/createdTimeUtc", { type: "time", get: (comment) => comment.createdAt }],
    ["properties/lastModifiedTimeUtc", { type: "time", get: (comment) => comment.modifiedAt }],
    ["properties/message", { type: "text", get: (comment) => comment.message }],
    ["properties/author/objectId", { type: "text", get: (comment) => comment.author.objectId }],
    ["properties/author/email", { type: "text", get: (comment) => comment.author.userPrincipalName }],
  ]),
  order: { path: "properties/createdTimeUtc", descending: true },
  tieOf: (comment) => order.indexOf(comment),
  size: 50,
  sizeMax: 1000,
});

/** Comments of incidents: list, get, put, delete. Each change counts as one of the incident. */
export function routeIncidentComments(router: Router<Call>): void {
  router.on("GET", `${INCIDENT}/comments`, (call, params) => {
    const workspace = sentinelWorkspace(call, params, READ, `incidents/${params.i}/comments`);
    const comments = commentsOf(call, requireIncident(call, workspace, params));
    const { value, ...rest } = listPage(call, comments, rules(comments));
    return ok({ value: value.map(body), ...rest });
  });

  router.on("GET", COMMENT, (call, params) => {
    const workspace = sentinelWorkspace(call, params, READ, `incidents/${params.i}/comments/${params.c}`);
    const incident = requireIncident(call, workspace, params);
    const found = call.model.incidentComments.get(keyOf(incident, params.c ?? ""));
    if (!found) {
      throw resourceNotFound(`Microsoft.SecurityInsights/incidents/comments/${params.c}`, params.g ?? "");
    }
    return ok(body(found));
  });

  router.on("PUT", COMMENT, put);

  router.on("DELETE", COMMENT, (call, params) => {
    const workspace = sentinelWorkspace(call, params, DELETE, `incidents/${params.i}/comments/${params.c}`);
    const incident = requireIncident(call, workspace, params);
    const found = call.model.incidentComments.get(keyOf(incident, params.c ?? ""));
    if (!found) return noContent();
    call.model.incidentComments.delete(keyOf(incident, found.name));
    touch(call, incident, false);
    recordActivity(call, { action: DELETE, scope: idOf(found), status: 200 });
    return ok({});
  });
}

function put(call: Call, params: Record<string, string>): SimResponse {
  const name = params.c ?? "";
  const workspace = sentinelWorkspace(call, params, WRITE, `incidents/${params.i}/comments/${name}`);
  if (!/^[\w.-]{1,260}$/.test(name)) throw badRequest(`The comment id '${name.slice(0, 300)}' is invalid.`);
  const incident = requireIncident(call, workspace, params);
  const { etag, properties } = readBody(call, Body);
  const present = call.model.incidentComments.get(keyOf(incident, name));
  if (present) checkEtag(call, present, present.name, etag);
  else if (commentsOf(call, incident).length >= COMMENTS_MAX) {
    throw badRequest(`An incident can have at most ${COMMENTS_MAX} comments.`);
  }
  const comment = writeComment(call, incident, { present, name, message: properties.message });
  const status = present ? 200 : 201;
  touch(call, incident, !present);
  recordActivity(call, { action: WRITE, scope: idOf(comment), status });
  return present ? ok(body(comment)) : created(body(comment));
}

function writeComment(
  call: Call,
  incident: Incident,
  { present, name, message }: { present: IncidentComment | undefined; name: string; message: string },
): IncidentComment {
  const now = call.now();
  const key = keyOf(incident, name);
  const comment: IncidentComment = {
    workspaceId: incident.workspaceId,
    incidentName: incident.name,
    name: present?.name ?? name,
    message,
    // What is changed here after it was sent there does not reach the Defender portal.
    ...(present && incident.providerName === "Microsoft XDR"
      ? { defenderMessage: present.defenderMessage ?? present.message }
      : {}),
    createdAt: present?.createdAt ?? now,
    modifiedAt: now,
    author: present?.author ?? clientInfo(call),
    etag: `"${worldGuid(call, `etag/${key.toLowerCase()}/${present?.etag ?? ""}/${now}`)}"`,
  };
  call.model.incidentComments.put(key, comment);
  return comment;
}

function touch(call: Call, incident: Incident, commentAdded: boolean): void {
  changeIncident(
    call,
    { ...incident, modifiedBy: modifierOf(call.caller) },
    { source: sourceOf(call.caller), ...(commentAdded ? { commentAdded } : {}) },
  );
}

function keyOf(incident: Incident, name: string): string {
  return `${incident.workspaceId}/${incident.name}/${name}`;
}

function idOf(comment: IncidentComment): string {
  const { workspaceId, incidentName: name } = comment;
  return `${incidentId({ workspaceId, name })}/Comments/${comment.name}`;
}

function body(comment: IncidentComment) {
  return {
    id: idOf(comment),
    name: comment.name,
    etag: comment.etag,
    type: "Microsoft.SecurityInsights/Incidents/Comments",
    properties: {
      message: comment.message,
      createdTimeUtc: iso(comment.createdAt),
      lastModifiedTimeUtc: iso(comment.modifiedAt),
      author: comment.author,
    },
  };
}

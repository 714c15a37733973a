import { recordActivity } from "../arm/activity";
import { badRequest, conflict, resourceNotFound } from "../arm/errors";
import { created, noContent, ok, readBody } from "../arm/respond";
import type { Call, Caller } from "../context";
import { AzureError, type Router, type SimResponse } from "../http";
import type { Workspace } from "../model";
import type { UpdateSource } from "./automation-event";
import type { Incident } from "./documents";
import { IncidentBody, type IncidentProperties, incidentBody } from "./incident-body";
import { changeIncident, openIncident } from "./incident-changes";
import { checkClosing } from "./incident-closing";
import { incidentId } from "./incident-facts";
import { listIncidents } from "./incident-list";
import { ownerFrom } from "./incident-owner";
import { commentsOf, relationsOf, tasksOf } from "./incident-parts";
import { withStatus } from "./incident-status";
import { incidentKey, newIncident } from "./incident-store";
import { SENTINEL, sentinelWorkspace } from "./workspace";

const READ = "Microsoft.SecurityInsights/incidents/read";
const WRITE = "Microsoft.SecurityInsights/incidents/write";
const DELETE = "Microsoft.SecurityInsights/incidents/delete";

/** Path of one incident, with the route's parameter `i`. */
export const INCIDENT = `${SENTINEL}/incidents/{i}`;

/** Incidents: list, get, put, delete. */
export function routeIncidents(router: Router<Call>): void {
  router.on("GET", `${SENTINEL}/incidents`, (call, params) => {
    const workspace = sentinelWorkspace(call, params, READ, "incidents");
    const { value, ...rest } = listIncidents(call, workspace.id);
    return ok({ value: value.map((incident) => incidentBody(call, incident)), ...rest });
  });

  router.on("GET", INCIDENT, (call, params) => {
    const workspace = sentinelWorkspace(call, params, READ, `incidents/${params.i}`);
    return ok(incidentBody(call, requireIncident(call, workspace, params)));
  });

  router.on("PUT", INCIDENT, put);

  router.on("DELETE", INCIDENT, (call, params) => {
    const workspace = sentinelWorkspace(call, params, DELETE, `incidents/${params.i}`);
    const found = call.model.incidents.get(incidentKey(workspace.id, params.i ?? ""));
    if (!found) return noContent();
    // Unverified beyond the portal's own words: what Defender sends can be deleted neither there nor here.
    if (found.providerName === "Microsoft XDR") {
      throw badRequest("Incidents of Microsoft XDR cannot be deleted.");
    }
    remove(call, found);
    recordActivity(call, { action: DELETE, scope: incidentId(found), status: 200 });
    return ok({});
  });
}

/** The incident that a path names, or 404. */
export function requireIncident(call: Call, workspace: Workspace, params: Record<string, string>): Incident {
  const found = call.model.incidents.get(incidentKey(workspace.id, params.i ?? ""));
  if (!found) throw resourceNotFound(`Microsoft.SecurityInsights/incidents/${params.i}`, params.g ?? "");
  return found;
}

/** Who changed an incident, as the table's `ModifiedBy` names a caller. */
export function modifierOf(caller: Caller): string {
  return caller.upn ?? caller.name ?? caller.appId;
}

/** What the condition "updated by" of an automation rule sees of a caller. */
export function sourceOf(caller: Caller): UpdateSource {
  return caller.kind === "User" ? "User" : "Application";
}

/**
 * The service's check against lost updates. The body's etag is optional: without one the last writer wins.
 *
 * A stale etag in the body is 409 Conflict (reported by users of the service); one in an `If-Match` header, which the
 * API's description does not mention, is ARM's 412 PreconditionFailed (unverified).
 */
export function checkEtag(call: Call, present: { etag: string }, name: string, etag: string | null | undefined): void {
  const header = call.request.headers["if-match"];
  if (header !== undefined && header !== "*" && header !== present.etag) {
    throw new AzureError(412, "PreconditionFailed", "The condition '[IfMatch]' is not satisfied.");
  }
  if (etag && etag !== "*" && etag !== present.etag) {
    throw conflict(`Newer version of resource '${name}' exists. Data was not saved`);
  }
}

/**
 * A PUT replaces: description, owner and labels that it leaves out are gone. For an incident of the Defender portal
 * only status, classification, owner and labels are taken, the ones that Microsoft says go both ways; title, severity
 * and description stay Defender's. The answer of the real service for those is unverified.
 */
function put(call: Call, params: Record<string, string>): SimResponse {
  const name = params.i ?? "";
  const workspace = sentinelWorkspace(call, params, WRITE, `incidents/${name}`);
  if (!/^[\w.-]{1,260}$/.test(name)) throw badRequest(`The incident id '${name.slice(0, 300)}' is invalid.`);
  const { etag, properties } = readBody(call, IncidentBody);
  checkClosing(properties);
  const present = call.model.incidents.get(incidentKey(workspace.id, name));
  if (present) checkEtag(call, present, present.name, etag);
  const incident = present ? update(call, present, properties) : create(call, workspace.id, name, properties);
  const status = present ? 200 : 201;
  recordActivity(call, { action: WRITE, scope: incidentId(incident), status });
  const body = incidentBody(call, incident);
  return present ? ok(body) : created(body);
}

/** Incidents that a caller makes are Sentinel's own, also where the Defender portal makes the others. */
function create(call: Call, workspaceId: string, name: string, properties: IncidentProperties): Incident {
  const incident = newIncident(call, {
    ...changed(call, { workspaceId }, properties),
    name,
    modifiedBy: modifierOf(call.caller),
    providerName: "Azure Sentinel",
  });
  return openIncident(call, withStatus(call, incident, properties.status));
}

function update(call: Call, present: Incident, properties: IncidentProperties): Incident {
  const next = withStatus(call, changed(call, present, properties), properties.status);
  const { title, severity, description } = present;
  const owned = present.providerName === "Microsoft XDR" ? { title, severity, description } : {};
  return changeIncident(
    call,
    { ...next, ...owned, modifiedBy: modifierOf(call.caller) },
    { source: sourceOf(call.caller) },
  );
}

/** `base` with everything that the body says, and without what it leaves out. */
function changed<Base extends Partial<Incident>>(call: Call, base: Base, properties: IncidentProperties) {
  const {
    classification: _classification,
    classificationReason: _reason,
    classificationComment: _comment,
    firstActivityAt,
    lastActivityAt,
    ...rest
  } = base;
  const first = properties.firstActivityTimeUtc ?? firstActivityAt;
  const last = properties.lastActivityTimeUtc ?? lastActivityAt;
  const known = new Map((base.labels ?? []).map((label) => [label.labelName, label]));
  const names = [...new Set((properties.labels ?? []).map((label) => label.labelName))];
  return {
    ...rest,
    title: properties.title,
    severity: properties.severity,
    description: properties.description ?? "",
    ...(properties.classification && { classification: properties.classification }),
    ...(properties.classificationReason && { classificationReason: properties.classificationReason }),
    ...(properties.classificationComment && { classificationComment: properties.classificationComment }),
    owner: properties.owner ? ownerFrom(call, properties.owner) : {},
    labels: names.map((labelName) => known.get(labelName) ?? ({ labelName, labelType: "User" } as const)),
    ...(first === undefined ? {} : { firstActivityAt: first }),
    ...(last === undefined ? {} : { lastActivityAt: last }),
  };
}

function remove(call: Call, incident: Incident): void {
  const key = incidentKey(incident.workspaceId, incident.name);
  for (const comment of commentsOf(call, incident)) call.model.incidentComments.delete(`${key}/${comment.name}`);
  for (const relation of relationsOf(call, incident)) call.model.incidentRelations.delete(`${key}/${relation.name}`);
  for (const task of tasksOf(call, incident)) call.model.incidentTasks.delete(`${key}/${task.name}`);
  call.model.incidents.delete(key);
}

import { z } from "zod";
import { recordActivity } from "../arm/activity";
import { badRequest, resourceNotFound } from "../arm/errors";
import { noContent, ok, page, readBody } from "../arm/respond";
import type { Call } from "../context";
import type { Router, SimResponse } from "../http";
import { bookmarkId } from "./bookmarks";
import type { Incident } from "./documents";
import { changeIncident } from "./incident-changes";
import { incidentId } from "./incident-facts";
import { relationsOf } from "./incident-parts";
import { checkEtag, INCIDENT, modifierOf, requireIncident, sourceOf } from "./incidents";
import { Etag } from "./texts";
import { sentinelWorkspace } from "./workspace";

const READ = "Microsoft.SecurityInsights/incidents/relations/read";
const WRITE = "Microsoft.SecurityInsights/incidents/relations/write";
const DELETE = "Microsoft.SecurityInsights/incidents/relations/delete";
const RELATION = `${INCIDENT}/relations/{r}`;

/** Bookmarks and alerts of an incident at most. Source: Sentinel service limits. */
const BOOKMARKS_MAX = 20;
const ALERTS_MAX = 150;

const Body = z.object({
  etag: Etag,
  properties: z.object({ relatedResourceId: z.string().min(1).max(2048) }),
});

/** What ties something to an incident, whatever it is. */
interface Tie {
  name: string;
  related: { id: string; name: string; type: string; kind?: string };
}

/**
 * Ties of an incident to bookmarks and alerts: list, get, put, delete. They live in the incident: the etag is its own,
 * and a change of them is one of it.
 */
export function routeIncidentRelations(router: Router<Call>): void {
  router.on("GET", `${INCIDENT}/relations`, (call, params) => {
    const workspace = sentinelWorkspace(call, params, READ, `incidents/${params.i}/relations`);
    const incident = requireIncident(call, workspace, params);
    const { value, ...rest } = page(call, tiesOf(call, incident), ({ name }) => name, 50);
    return ok({ value: value.map((tie) => body(incident, tie)), ...rest });
  });

  router.on("GET", RELATION, (call, params) => {
    const workspace = sentinelWorkspace(call, params, READ, `incidents/${params.i}/relations/${params.r}`);
    const incident = requireIncident(call, workspace, params);
    const tie = findTie(call, incident, params.r ?? "");
    if (!tie) throw resourceNotFound(`Microsoft.SecurityInsights/incidents/relations/${params.r}`, params.g ?? "");
    return ok(body(incident, tie));
  });

  router.on("PUT", RELATION, put);

  router.on("DELETE", RELATION, (call, params) => {
    const workspace = sentinelWorkspace(call, params, DELETE, `incidents/${params.i}/relations/${params.r}`);
    const incident = requireIncident(call, workspace, params);
    const tie = findTie(call, incident, params.r ?? "");
    if (!tie) return noContent();
    const isAlert = tie.related.kind === "SecurityAlert";
    if (isAlert) refuseInDefender(incident);
    else call.model.incidentRelations.delete(`${incident.workspaceId}/${incident.name}/${tie.name}`);
    save(call, isAlert ? { ...incident, alertIds: incident.alertIds.filter((id) => id !== tie.name) } : incident);
    recordActivity(call, { action: DELETE, scope: idOf(incident, tie.name), status: 200 });
    return ok({});
  });
}

function tiesOf(call: Call, incident: Incident): Tie[] {
  const { workspaceId } = incident;
  const entities = `${workspaceId}/providers/Microsoft.SecurityInsights/Entities`;
  return [
    ...incident.alertIds.map((id) => ({
      name: id,
      related: {
        id: `${entities}/${id}`,
        name: id,
        type: "Microsoft.SecurityInsights/Entities",
        kind: "SecurityAlert",
      },
    })),
    ...relationsOf(call, incident).map(({ name, bookmarkName }) => ({
      name,
      related: {
        id: bookmarkId({ workspaceId, name: bookmarkName }),
        name: bookmarkName,
        type: "Microsoft.SecurityInsights/Bookmarks",
      },
    })),
  ];
}

function findTie(call: Call, incident: Incident, name: string): Tie | undefined {
  return tiesOf(call, incident).find((tie) => tie.name.toLowerCase() === name.toLowerCase());
}

/** As recorded, the service answers 200 for a tie that was not there before. */
function put(call: Call, params: Record<string, string>): SimResponse {
  const name = params.r ?? "";
  const workspace = sentinelWorkspace(call, params, WRITE, `incidents/${params.i}/relations/${name}`);
  if (!/^[\w.-]{1,260}$/.test(name)) throw badRequest(`The relation name '${name.slice(0, 300)}' is invalid.`);
  const incident = requireIncident(call, workspace, params);
  const { etag, properties } = readBody(call, Body);
  checkEtag(call, incident, incident.name, etag);
  const related = relatedOf(workspace.id, properties.relatedResourceId);
  const tied = related.kind === "alert" ? tieAlert(call, incident, related.name) : incident;
  if (related.kind === "bookmark") tieBookmark(call, incident, name, related.name);
  const changed = save(call, tied);
  const tie = findTie(call, changed, related.kind === "alert" ? related.name : name);
  recordActivity(call, { action: WRITE, scope: idOf(incident, name), status: 200 });
  return ok(tie ? body(changed, tie) : {});
}

function relatedOf(workspaceId: string, id: string): { kind: "alert" | "bookmark"; name: string } {
  const prefix = `${workspaceId}/providers/Microsoft.SecurityInsights/`.toLowerCase();
  const match = /^(entities|bookmarks)\/([\w-]{1,64})$/i.exec(id.slice(prefix.length));
  if (!id.toLowerCase().startsWith(prefix) || !match) {
    throw badRequest("The relatedResourceId must name a bookmark or an alert of the same workspace.");
  }
  return { kind: match[1]?.toLowerCase() === "bookmarks" ? "bookmark" : "alert", name: match[2] ?? "" };
}

function tieBookmark(call: Call, incident: Incident, name: string, bookmarkName: string): void {
  const bookmark = call.model.bookmarks.get(`${incident.workspaceId}/${bookmarkName}`);
  if (!bookmark) throw badRequest(`The bookmark '${bookmarkName}' does not exist.`);
  const others = relationsOf(call, incident).filter((one) => one.name.toLowerCase() !== name.toLowerCase());
  if (others.length >= BOOKMARKS_MAX) throw badRequest(`An incident can have at most ${BOOKMARKS_MAX} bookmarks.`);
  call.model.incidentRelations.put(`${incident.workspaceId}/${incident.name}/${name}`, {
    workspaceId: incident.workspaceId,
    incidentName: incident.name,
    name,
    bookmarkName: bookmark.name,
  });
}

function tieAlert(call: Call, incident: Incident, alertId: string): Incident {
  refuseInDefender(incident);
  const alert = call.model.alerts.get(`${incident.workspaceId}/${alertId}`);
  if (!alert) throw badRequest(`The alert '${alertId}' does not exist.`);
  if (incident.alertIds.includes(alert.systemAlertId)) return incident;
  if (incident.alertIds.length >= ALERTS_MAX) throw badRequest(`An incident can have at most ${ALERTS_MAX} alerts.`);
  return {
    ...incident,
    alertIds: [...incident.alertIds, alert.systemAlertId],
    ruleIds: [...new Set([...incident.ruleIds, alert.ruleId])],
  };
}

/** Microsoft: alerts are added and removed only in the Defender portal. The sentence is unverified. */
function refuseInDefender(incident: Incident): void {
  if (incident.providerName !== "Microsoft XDR") return;
  throw badRequest("Alerts of this incident can be added and removed only in the Microsoft Defender portal.");
}

function save(call: Call, incident: Incident): Incident {
  return changeIncident(call, { ...incident, modifiedBy: modifierOf(call.caller) }, { source: sourceOf(call.caller) });
}

function idOf(incident: Incident, name: string): string {
  return `${incidentId(incident)}/relations/${name}`;
}

function body(incident: Incident, { name, related }: Tie) {
  return {
    id: idOf(incident, name),
    name,
    etag: incident.etag,
    type: "Microsoft.SecurityInsights/Incidents/relations",
    properties: {
      relatedResourceId: related.id,
      relatedResourceName: related.name,
      relatedResourceType: related.type,
      ...(related.kind && { relatedResourceKind: related.kind }),
    },
  };
}

import { z } from "zod";
import { iso } from "../arm/respond";
import type { Call } from "../context";
import type { Router, SimResponse } from "../http";
import type { Fields } from "../odata/fields";
import { alertsOf } from "../sentinel/incident-parts";
import { alertBody } from "./alert-body";
import { noteChange } from "./defender-sync";
import { type DefenderIncident, defenderIncidents, defenderView, findDefenderIncident } from "./defender-view";
import { notFound } from "./errors";
import { checkOptions, graphPage, readExpand } from "./lists";
import { requirePermission } from "./permissions";
import { readGraphBody, word } from "./read-body";
import { CLASSIFICATIONS, DETERMINATIONS, SEVERITIES, STATUSES } from "./words";

const INCIDENTS = "/v1.0/security/incidents";
const CONTEXT = "https://graph.microsoft.com/v1.0/$metadata#security/incidents";

const FIELDS: Fields<DefenderIncident> = new Map([
  ["assignedTo", { type: "text", get: (view) => view.assignedTo ?? undefined }],
  ["classification", { type: "text", get: (view) => view.classification }],
  ["determination", { type: "text", get: (view) => view.determination }],
  ["severity", { type: "text", get: (view) => view.severity }],
  ["status", { type: "text", get: (view) => view.status }],
  ["createdDateTime", { type: "time", get: (view) => view.incident.createdAt }],
  ["lastUpdateDateTime", { type: "time", get: (view) => view.updatedAt }],
]);

const Change = z.strictObject({
  "@odata.type": z.string().exactOptional(),
  assignedTo: z.string().max(500).nullable().exactOptional(),
  classification: word(CLASSIFICATIONS).exactOptional(),
  determination: word(DETERMINATIONS).exactOptional(),
  status: word(STATUSES).exactOptional(),
  severity: word(SEVERITIES).exactOptional(),
  customTags: z.array(z.string().min(1).max(500)).max(200).exactOptional(),
  displayName: z.string().min(1).exactOptional(),
  description: z.string().exactOptional(),
  resolvingComment: z.string().nullable().exactOptional(),
});

const Comment = z.strictObject({ "@odata.type": z.string().exactOptional(), comment: z.string().min(1).max(30_000) });

/** Incidents of the Defender portal: list, get, change, comment. A tenant without a workspace there has none. */
export function routeIncidents(router: Router<Call>): void {
  router.on("GET", INCIDENTS, (call) => {
    requirePermission(call, "SecurityIncident.Read.All");
    const expand = readExpand(call, ["alerts"]);
    const options = ["$filter", "$top", "$skip", "$count", "$expand"];
    const page = graphPage(call, defenderIncidents(call), { fields: FIELDS, size: 50, sizeMax: 50, options });
    return answer({
      "@odata.context": CONTEXT,
      ...(page.count === undefined ? {} : { "@odata.count": page.count }),
      ...(page.nextLink === undefined ? {} : { "@odata.nextLink": page.nextLink }),
      value: page.value.map((view) => body(call, view, expand)),
    });
  });

  router.on("GET", `${INCIDENTS}/{i}`, (call, params) => {
    requirePermission(call, "SecurityIncident.Read.All");
    checkOptions(call, ["$expand"]);
    const expand = readExpand(call, ["alerts"]);
    return answer({ "@odata.context": `${CONTEXT}/$entity`, ...body(call, require(call, params), expand) });
  });

  router.on("PATCH", `${INCIDENTS}/{i}`, (call, params) => {
    requirePermission(call, "SecurityIncident.ReadWrite.All");
    const { incident } = require(call, params);
    const { customTags, displayName, "@odata.type": _type, ...given } = readGraphBody(call, Change);
    const changes = {
      ...given,
      ...(customTags === undefined ? {} : { tags: [...new Set(customTags)] }),
      ...(displayName === undefined ? {} : { title: displayName }),
    };
    noteChange(call, incident, { changes });
    return answer({ "@odata.context": `${CONTEXT}/$entity`, ...body(call, defenderView(call, incident), []) });
  });

  router.on("POST", `${INCIDENTS}/{i}/comments`, (call, params) => {
    requirePermission(call, "SecurityIncident.ReadWrite.All");
    const { incident } = require(call, params);
    const { comment } = readGraphBody(call, Comment);
    noteChange(call, incident, { comment });
    return answer({
      "@odata.context": `${CONTEXT}('${incident.providerIncidentId}')/comments`,
      value: commentBodies(defenderView(call, incident)),
    });
  });
}

function answer(body: object): SimResponse {
  return { status: 200, body };
}

function require(call: Call, params: Record<string, string>): DefenderIncident {
  const found = findDefenderIncident(call, params.i ?? "");
  if (!found) throw notFound("Incident", params.i ?? "");
  return found;
}

function commentBodies(view: DefenderIncident) {
  return view.comments.map(({ comment, by, at }) => ({
    comment,
    createdByDisplayName: by,
    createdDateTime: iso(at),
  }));
}

function body(call: Call, view: DefenderIncident, expand: readonly string[]) {
  const { incident } = view;
  const id = incident.providerIncidentId;
  const { tenantId } = call.identity;
  return {
    id,
    tenantId,
    status: view.status,
    incidentWebUrl: `https://security.microsoft.com/incidents/${id}?tid=${tenantId}`,
    redirectIncidentId: null,
    displayName: view.title,
    createdDateTime: iso(incident.createdAt),
    lastUpdateDateTime: iso(view.updatedAt),
    assignedTo: view.assignedTo,
    classification: view.classification,
    determination: view.determination,
    severity: view.severity,
    customTags: view.tags,
    systemTags: [],
    description: view.description === "" ? null : view.description,
    resolvingComment: view.resolvingComment,
    comments: commentBodies(view),
    ...(expand.includes("alerts") && {
      alerts: alertsOf(call, incident).map((alert) => alertBody(call, incident, alert)),
    }),
  };
}

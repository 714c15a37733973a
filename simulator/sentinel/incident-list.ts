import { badRequest } from "../arm/errors";
import { parameter } from "../arm/respond";
import type { Call } from "../context";
import type { Field } from "../odata/fields";
import type { Incident } from "./documents";
import { incidentsOf } from "./incident-store";
import { type ListRules, listPage } from "./list-page";

type Named = [path: string, field: Field<Incident>];

const text = (name: string, get: (incident: Incident) => string | undefined): Named => [
  `properties/${name}`,
  { type: "text", get },
];
const time = (name: string, get: (incident: Incident) => number | undefined): Named => [
  `properties/${name}`,
  { type: "time", get },
];

const RULES: ListRules<Incident> = {
  fields: new Map<string, Field<Incident>>([
    text("title", ({ title }) => title),
    text("description", ({ description }) => description),
    text("status", ({ status }) => status),
    text("severity", ({ severity }) => severity),
    // The service finds nothing by 'Undetermined', though it answers incidents that have it.
    text("classification", ({ classification }) => (classification === "Undetermined" ? undefined : classification)),
    text("classificationReason", ({ classificationReason }) => classificationReason),
    text("providerName", ({ providerName }) => providerName),
    text("providerIncidentId", ({ providerIncidentId }) => providerIncidentId),
    text("owner/objectId", ({ owner }) => owner.objectId),
    text("owner/email", ({ owner }) => owner.email),
    text("owner/assignedTo", ({ owner }) => owner.assignedTo),
    text("owner/userPrincipalName", ({ owner }) => owner.userPrincipalName),
    ["properties/incidentNumber", { type: "number", get: ({ incidentNumber }) => incidentNumber }],
    time("createdTimeUtc", ({ createdAt }) => createdAt),
    time("lastModifiedTimeUtc", ({ modifiedAt }) => modifiedAt),
    time("firstActivityTimeUtc", ({ firstActivityAt }) => firstActivityAt),
    time("lastActivityTimeUtc", ({ lastActivityAt }) => lastActivityAt),
    [
      "properties/labels",
      { type: "list", get: ({ labels }) => labels.map(({ ...label }) => label), parts: ["labelName", "labelType"] },
    ],
    ["name", { type: "text", get: ({ name }) => name }],
  ]),
  order: { path: "properties/createdTimeUtc", descending: true },
  tieOf: ({ incidentNumber }) => incidentNumber,
  size: 50,
  sizeMax: 1000,
};

/** One page of a workspace's incidents, newest first unless `$orderby` says otherwise; 50 of them without `$top`. */
export function listIncidents(call: Call, workspaceId: string): { value: Incident[]; nextLink?: string } {
  checkLambdas(parameter(call, "$filter") ?? "");
  return listPage(call, incidentsOf(call, workspaceId), RULES);
}

/** The service understands one condition on labels, and only as the first of the filter. */
function checkLambdas(filter: string): void {
  const unquoted = filter.replaceAll(/'(?:[^']|'')*'/g, "''");
  const found = [...unquoted.matchAll(/\bproperties\/labels\/any\s*\(/g)];
  const first = found[0];
  if (!first) return;
  if (found.length > 1 || unquoted.slice(0, first.index).replaceAll(/[\s(]/g, "") !== "") {
    throw badRequest("OData query syntax error");
  }
}

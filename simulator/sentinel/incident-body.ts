import { z } from "zod";
import { iso, parameter } from "../arm/respond";
import type { Call } from "../context";
import type { Incident } from "./documents";
import { additionalData, incidentId, incidentUrl, ruleResourceId } from "./incident-facts";
import { Moment } from "./moments";
import { Etag, Label, Prose, Title } from "./texts";

export const SEVERITIES = ["High", "Medium", "Low", "Informational"] as const;
export const STATUSES = ["New", "Active", "Closed"] as const;
export const CLASSIFICATIONS = ["Undetermined", "TruePositive", "BenignPositive", "FalsePositive"] as const;
export const REASONS = [
  "SuspiciousActivity",
  "SuspiciousButExpected",
  "IncorrectAlertLogic",
  "InaccurateData",
] as const;

export const OwnerBody = z.object({
  objectId: z.guid().nullish(),
  email: Label.nullish(),
  assignedTo: Label.nullish(),
  userPrincipalName: Label.nullish(),
  ownerType: z.enum(["Unknown", "User", "Group"]).nullish(),
});

/** What a PUT of an incident holds. What the service works out by itself is read over. */
export const IncidentBody = z.object({
  etag: Etag,
  properties: z.object({
    title: Title,
    severity: z.enum(SEVERITIES),
    status: z.enum(STATUSES),
    description: Prose.nullish(),
    classification: z.enum(CLASSIFICATIONS).nullish(),
    classificationReason: z.enum(REASONS).nullish(),
    classificationComment: Prose.nullish(),
    owner: OwnerBody.nullish(),
    labels: z.array(z.object({ labelName: Label.min(1) })).nullish(),
    firstActivityTimeUtc: Moment.nullish(),
    lastActivityTimeUtc: Moment.nullish(),
  }),
});

export type IncidentProperties = z.infer<typeof IncidentBody>["properties"];

/** An incident as the service answers it: its own casing of the type, nulls for an owner who is not there. */
export function incidentBody(call: Call, incident: Incident) {
  const { owner } = incident;
  return {
    id: incidentId(incident),
    name: incident.name,
    etag: incident.etag,
    type: "Microsoft.SecurityInsights/Incidents",
    properties: {
      title: incident.title,
      ...(incident.description === "" ? {} : { description: incident.description }),
      severity: incident.severity,
      status: incident.status,
      ...(incident.classification && { classification: incident.classification }),
      ...(incident.classificationReason && { classificationReason: incident.classificationReason }),
      ...(incident.classificationComment && { classificationComment: incident.classificationComment }),
      owner: {
        objectId: owner.objectId ?? null,
        email: owner.email ?? null,
        assignedTo: owner.assignedTo ?? null,
        userPrincipalName: owner.userPrincipalName ?? null,
        ownerType: owner.ownerType ?? null,
      },
      labels: incident.labels,
      ...(incident.firstActivityAt === undefined ? {} : { firstActivityTimeUtc: iso(incident.firstActivityAt) }),
      ...(incident.lastActivityAt === undefined ? {} : { lastActivityTimeUtc: iso(incident.lastActivityAt) }),
      lastModifiedTimeUtc: iso(incident.modifiedAt),
      createdTimeUtc: iso(incident.createdAt),
      incidentNumber: incident.incidentNumber,
      additionalData: additionalDataBody(call, incident),
      relatedAnalyticRuleIds: incident.ruleIds.map((ruleId) => ruleResourceId(incident.workspaceId, ruleId)),
      incidentUrl: incidentUrl(incident),
      providerName: incident.providerName,
      providerIncidentId: incident.providerIncidentId,
    },
  };
}

/** `techniques` came with the preview versions of 2022 and with the stable ones after 2024-03-01. */
function additionalDataBody(call: Call, incident: Incident) {
  const { techniques, ...data } = additionalData(call, incident);
  const version = parameter(call, "api-version") ?? "";
  const has = version.endsWith("-preview") ? version >= "2022" : version > "2024-03-01";
  return has ? { ...data, techniques } : data;
}

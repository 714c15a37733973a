import "server-only";
import { createHttpHeaders, createPipelineRequest, RestError } from "@azure/core-rest-pipeline";
import { z } from "zod";
import type { AzureAccess } from "@/lib/context";
import { azureErrorOf } from "./azure-error";
import { drain } from "./clients";
import { toAppError } from "./parse-error";
import { sentinelOf, sentinelOnceOf } from "./sentinel";

/* Incidents of Microsoft Sentinel. `workspaceId` is the workspace's ARM id and `name` the incident's GUID throughout. */

export const SENTINEL_STATUSES = ["New", "Active", "Closed"] as const;
export const SENTINEL_SEVERITIES = ["High", "Medium", "Low", "Informational"] as const;
export const SENTINEL_CLASSIFICATIONS = ["Undetermined", "TruePositive", "BenignPositive", "FalsePositive"] as const;
export const SENTINEL_REASONS = [
  "SuspiciousActivity",
  "SuspiciousButExpected",
  "IncorrectAlertLogic",
  "InaccurateData",
] as const;

/** What a PUT must repeat is read from the raw answer: the SDK drops properties newer than itself and cuts times. */
const API_VERSION = "2022-09-01-preview";

const maybe = z
  .string()
  .nullish()
  .transform((text) => text || undefined);
const Owner = z.object({ objectId: maybe, email: maybe, assignedTo: maybe, userPrincipalName: maybe });
const Properties = z.object({
  title: z.string(),
  description: maybe,
  severity: z.enum(SENTINEL_SEVERITIES),
  status: z.enum(SENTINEL_STATUSES),
  classification: z
    .enum(SENTINEL_CLASSIFICATIONS)
    .nullish()
    .transform((word) => word ?? undefined),
  classificationReason: z
    .enum(SENTINEL_REASONS)
    .nullish()
    .transform((word) => word ?? undefined),
  classificationComment: maybe,
  owner: Owner.nullish().transform((owner) => owner ?? undefined),
  labels: z.array(z.object({ labelName: z.string() })).nullish(),
  incidentNumber: z.number(),
  incidentUrl: maybe,
  providerName: maybe,
  providerIncidentId: maybe,
  createdTimeUtc: z.string(),
  lastModifiedTimeUtc: z.string(),
  firstActivityTimeUtc: maybe,
  lastActivityTimeUtc: maybe,
  relatedAnalyticRuleIds: z.array(z.string()).nullish(),
  additionalData: z.object({ providerIncidentUrl: maybe }).nullish(),
});
const Answer = z.object({ name: z.string(), etag: z.string(), properties: z.record(z.string(), z.unknown()) });

export interface SentinelIncident {
  name: string;
  etag: string;
  number: number;
  title: string;
  severity: (typeof SENTINEL_SEVERITIES)[number];
  status: (typeof SENTINEL_STATUSES)[number];
  classification: (typeof SENTINEL_CLASSIFICATIONS)[number] | undefined;
  classificationReason: (typeof SENTINEL_REASONS)[number] | undefined;
  classificationComment: string | undefined;
  owner: IncidentOwner | undefined;
  labels: string[];
  /** ISO 8601, UTC. */
  createdAt: string;
  modifiedAt: string;
  firstActivityAt: string | undefined;
  lastActivityAt: string | undefined;
  /** Last segments of the rules' ARM ids, lower case. */
  ruleIds: string[];
  url: string | undefined;
  providerName: string | undefined;
  providerIncidentId: string | undefined;
  /** Its page in the Defender portal, where it belongs to that. */
  providerUrl: string | undefined;
  /** All properties as the service sent them: what an update repeats. */
  properties: Record<string, unknown>;
}

export interface IncidentOwner {
  objectId: string | undefined;
  name: string | undefined;
  upn: string | undefined;
}

/** The incident, or undefined when there is none of that name. */
export async function getIncident(
  azure: AzureAccess,
  workspaceId: string,
  name: string,
): Promise<SentinelIncident | undefined> {
  const { client, resourceGroup, name: workspace } = sentinelOf(azure, workspaceId);
  let raw = "";
  try {
    await client.incidents.get(resourceGroup, workspace, name, {
      onResponse: (response) => {
        raw = response.bodyAsText ?? "";
      },
    });
    return incidentOf(JSON.parse(raw));
  } catch (error) {
    if (azureErrorOf(error)?.status === 404) return undefined;
    throw toAppError(error, "read the incident");
  }
}

/** Fields of an incident that a person changes, in Sentinel's own words. `owner: null` = nobody. */
export interface SentinelChange {
  status?: SentinelIncident["status"];
  severity?: SentinelIncident["severity"];
  classification?: NonNullable<SentinelIncident["classification"]>;
  classificationReason?: NonNullable<SentinelIncident["classificationReason"]>;
  classificationComment?: string;
  owner?: { objectId?: string; name?: string; upn?: string } | null;
  /** All labels that it shall have. */
  labels?: string[];
}

/**
 * Replaces the incident by what was read and the change, if nobody has changed it since: a PUT takes away what it leaves
 * out, so everything is repeated. Sent once, since a repetition after a lost answer would look like another's change.
 *
 * @throws AppError `conflict` when it has changed since it was read
 */
export async function updateIncident(
  azure: AzureAccess,
  workspaceId: string,
  incident: SentinelIncident,
  change: SentinelChange,
): Promise<SentinelIncident> {
  const { client } = sentinelOnceOf(azure, workspaceId);
  const path = `${workspaceId}/providers/Microsoft.SecurityInsights/incidents/${encodeURIComponent(incident.name)}`;
  const request = createPipelineRequest({
    url: `${azure.cloud.arm}${path}?api-version=${API_VERSION}`,
    method: "PUT",
    headers: createHttpHeaders({ "content-type": "application/json" }),
    body: JSON.stringify({ etag: incident.etag, properties: changed(incident.properties, change) }),
  });
  try {
    const response = await client.sendRequest(request);
    if (response.status !== 200) {
      throw new RestError("Sentinel refused", { statusCode: response.status, request, response });
    }
    return incidentOf(JSON.parse(response.bodyAsText ?? ""));
  } catch (error) {
    throw toAppError(error, "change the incident");
  }
}

/** What the service works out by itself; an open incident has no classification. */
const READ_ONLY = ["additionalData", "createdTimeUtc", "incidentNumber", "incidentUrl", "lastModifiedTimeUtc"];
const OF_CLOSING = ["classification", "classificationReason", "classificationComment"];

function changed(properties: Record<string, unknown>, change: SentinelChange): Record<string, unknown> {
  const { owner, labels, ...plain } = change;
  const merged: Record<string, unknown> = { ...properties, ...plain };
  if (owner !== undefined) merged.owner = ownerBody(owner);
  if (labels !== undefined) merged.labels = labelBodies(properties.labels, labels);
  // A classification that is given anew does not keep the reason and the words of the one before.
  const replaced = change.classification === undefined ? [] : OF_CLOSING.filter((name) => !(name in plain));
  const open = merged.status === "Closed" ? [] : OF_CLOSING;
  const left = new Set([...READ_ONLY, "relatedAnalyticRuleIds", ...replaced, ...open]);
  return Object.fromEntries(Object.entries(merged).filter(([name]) => !left.has(name)));
}

const Labels = z.array(z.looseObject({ labelName: z.string() }));

/** Labels that it has already are repeated as they came. */
function labelBodies(present: unknown, wanted: readonly string[]) {
  const known = new Map((Labels.safeParse(present).data ?? []).map((label) => [label.labelName, label]));
  return wanted.map((labelName) => known.get(labelName) ?? { labelName, labelType: "User" });
}

function ownerBody(owner: NonNullable<SentinelChange["owner"]> | null) {
  return {
    objectId: owner?.objectId ?? null,
    email: owner?.upn ?? null,
    assignedTo: owner?.name ?? null,
    userPrincipalName: owner?.upn ?? null,
  };
}

function incidentOf(answer: unknown): SentinelIncident {
  const { name, etag, properties } = Answer.parse(answer);
  const read = Properties.parse(properties);
  const { owner } = read;
  const nobody = !owner?.objectId && !owner?.assignedTo && !owner?.userPrincipalName && !owner?.email;
  return {
    name,
    etag,
    number: read.incidentNumber,
    title: read.title,
    severity: read.severity,
    status: read.status,
    classification: read.classification,
    classificationReason: read.classificationReason,
    classificationComment: read.classificationComment,
    owner: nobody
      ? undefined
      : { objectId: owner?.objectId, name: owner?.assignedTo, upn: owner?.userPrincipalName ?? owner?.email },
    labels: (read.labels ?? []).map(({ labelName }) => labelName),
    createdAt: read.createdTimeUtc,
    modifiedAt: read.lastModifiedTimeUtc,
    firstActivityAt: read.firstActivityTimeUtc,
    lastActivityAt: read.lastActivityTimeUtc,
    ruleIds: (read.relatedAnalyticRuleIds ?? []).map((id) => id.slice(id.lastIndexOf("/") + 1).toLowerCase()),
    url: read.incidentUrl,
    providerName: read.providerName,
    providerIncidentId: read.providerIncidentId,
    providerUrl: read.additionalData?.providerIncidentUrl,
    properties,
  };
}

export interface IncidentComment {
  /** As it was written, possibly by anybody. */
  message: string;
  /** Display name or UPN, as the service knows the author. */
  by: string;
  /** ISO 8601, UTC. */
  at: string;
}

const Comment = z.object({
  message: z.string().nullish(),
  createdTimeUtc: z.date(),
  author: z.object({ name: z.string().nullish(), userPrincipalName: z.string().nullish() }).nullish(),
});

/** All comments, oldest first. */
export async function listIncidentComments(
  azure: AzureAccess,
  workspaceId: string,
  name: string,
): Promise<IncidentComment[]> {
  const { client, resourceGroup, name: workspace } = sentinelOf(azure, workspaceId);
  try {
    const comments = await drain(client.incidentComments.list(resourceGroup, workspace, name));
    return comments
      .map((comment) => Comment.parse(comment))
      .map(({ message, createdTimeUtc, author }) => ({
        message: message ?? "",
        by: author?.name || author?.userPrincipalName || "",
        at: createdTimeUtc.toISOString(),
      }))
      .sort((a, b) => a.at.localeCompare(b.at));
  } catch (error) {
    throw toAppError(error, "read the incident's comments");
  }
}

/** Adds a comment under our own id (GUID): the same call again changes nothing. At most 30,000 characters. */
export async function addIncidentComment(
  azure: AzureAccess,
  workspaceId: string,
  name: string,
  comment: { id: string; message: string },
): Promise<void> {
  const { client, resourceGroup, name: workspace } = sentinelOf(azure, workspaceId);
  try {
    await client.incidentComments.createOrUpdate(resourceGroup, workspace, name, comment.id, {
      message: comment.message,
    });
  } catch (error) {
    throw toAppError(error, "add the comment");
  }
}

import "server-only";
import { z } from "zod";
import type { AzureAccess } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { azureErrorOf } from "./azure-error";
import { sendGraph } from "./graph";
import type { IncidentComment } from "./incidents";
import { toAppError } from "./parse-error";

/*
 * Incidents of the Defender portal, through Microsoft Graph's security API (v1.0). `id` is the portal's own number, never
 * Sentinel's. There is no etag: of two changes to the same field, the later one wins.
 */

export const GRAPH_STATUSES = ["active", "resolved", "inProgress", "redirected"] as const;
export const GRAPH_SEVERITIES = ["informational", "low", "medium", "high"] as const;
export const GRAPH_CLASSIFICATIONS = [
  "unknown",
  "falsePositive",
  "truePositive",
  "informationalExpectedActivity",
] as const;
/** Those that we set, of all that there are; anybody may have set another. */
export type GraphDetermination = "unknown" | "other" | "confirmedActivity" | "notMalicious" | "notEnoughDataToValidate";

export interface GraphIncident {
  id: string;
  title: string;
  /** Words that came to Graph later are `undefined`. */
  status: (typeof GRAPH_STATUSES)[number] | undefined;
  severity: (typeof GRAPH_SEVERITIES)[number] | undefined;
  classification: (typeof GRAPH_CLASSIFICATIONS)[number] | undefined;
  determination: string | undefined;
  /** Free text, normally a UPN. */
  assignedTo: string | undefined;
  tags: string[];
  resolvingComment: string | undefined;
  comments: IncidentComment[];
  /** ISO 8601, UTC. */
  createdAt: string;
  modifiedAt: string;
  /** Number of the incident that this one was merged into. */
  redirectedTo: string | undefined;
  url: string | undefined;
}

/** Fields of an incident that a person changes, in Graph's own words. `assignedTo: null` = nobody. */
export interface GraphChange {
  status?: Exclude<(typeof GRAPH_STATUSES)[number], "redirected">;
  severity?: (typeof GRAPH_SEVERITIES)[number];
  classification?: (typeof GRAPH_CLASSIFICATIONS)[number];
  determination?: GraphDetermination;
  assignedTo?: string | null;
  /** All tags that it shall have. */
  customTags?: string[];
  resolvingComment?: string;
}

const maybe = z
  .string()
  .nullish()
  .transform((text) => text || undefined);
const Answer = z.object({
  id: z.string(),
  displayName: maybe,
  status: z.enum(GRAPH_STATUSES).optional().catch(undefined),
  severity: z.enum(GRAPH_SEVERITIES).optional().catch(undefined),
  classification: z.enum(GRAPH_CLASSIFICATIONS).optional().catch(undefined),
  determination: maybe,
  assignedTo: maybe,
  customTags: z.array(z.string()).nullish(),
  resolvingComment: maybe,
  createdDateTime: z.string(),
  lastUpdateDateTime: z.string(),
  redirectIncidentId: maybe,
  incidentWebUrl: maybe,
  comments: z.array(z.object({ comment: maybe, createdByDisplayName: maybe, createdDateTime: z.string() })).nullish(),
});

/** The incident of that number of the Defender portal, or undefined. */
export async function getGraphIncident(azure: AzureAccess, id: string): Promise<GraphIncident | undefined> {
  try {
    return graphIncidentOf(await sendGraph(azure, "GET", pathOf(id)));
  } catch (error) {
    if (azureErrorOf(error)?.status === 404) return undefined;
    throw refusal(error, "read the incident in the Defender portal");
  }
}

/**
 * Proves that incidents of the Defender portal can be read, by asking for one of them.
 *
 * @throws AppError `forbidden` with the permission that it takes
 */
export async function checkGraphIncidents(azure: AzureAccess): Promise<void> {
  try {
    await sendGraph(azure, "GET", "/v1.0/security/incidents?$top=1");
  } catch (error) {
    throw refusal(error, "read incidents of the Defender portal");
  }
}

/** Changes the fields that are given and no other; the same call again changes nothing more. */
export async function updateGraphIncident(azure: AzureAccess, id: string, change: GraphChange): Promise<GraphIncident> {
  try {
    return graphIncidentOf(await sendGraph(azure, "PATCH", pathOf(id), change));
  } catch (error) {
    throw refusal(error, "change the incident in the Defender portal");
  }
}

/** Adds a comment, sent once: there is no id by which a repetition could be told from a second comment. */
export async function addGraphComment(azure: AzureAccess, id: string, comment: string): Promise<void> {
  try {
    const body = { "@odata.type": "microsoft.graph.security.alertComment", comment };
    await sendGraph(azure, "POST", `${pathOf(id)}/comments`, body);
  } catch (error) {
    throw refusal(error, "add the comment in the Defender portal");
  }
}

export interface GraphAlert {
  id: string;
  /** The alert's id in Sentinel, as its `SystemAlertId`, where it came from there. */
  providerAlertId: string | undefined;
  /** Lower-case id of the rule that raised it. */
  ruleId: string | undefined;
  title: string;
}

const Alerts = z.object({
  alerts: z.array(z.object({ id: z.string(), providerAlertId: maybe, detectorId: maybe, title: maybe })).nullish(),
});

/** The alerts of an incident of the Defender portal. */
export async function listGraphAlerts(azure: AzureAccess, id: string): Promise<GraphAlert[]> {
  try {
    const { alerts } = Alerts.parse(await sendGraph(azure, "GET", `${pathOf(id)}?$expand=alerts`));
    return (alerts ?? []).map((alert) => ({
      id: alert.id,
      providerAlertId: alert.providerAlertId,
      ruleId: alert.detectorId?.toLowerCase(),
      title: alert.title ?? "",
    }));
  } catch (error) {
    throw refusal(error, "read the incident's alerts in the Defender portal");
  }
}

function pathOf(id: string): string {
  return `/v1.0/security/incidents/${encodeURIComponent(id)}`;
}

/** Graph does not name the right that is missing in a form to rely on; both that it takes are known. */
function refusal(error: unknown, doing: string): AppError {
  const failure = toAppError(error, doing);
  if (azureErrorOf(error)?.status !== 403) return failure;
  return new AppError(
    "forbidden",
    failure.failure.message,
    {
      fix: "It takes Microsoft Graph's permission SecurityIncident.ReadWrite.All with an administrator's consent and, for people, the directory role Security Operator.",
    },
    failure.cause,
  );
}

function graphIncidentOf(answer: unknown): GraphIncident {
  const read = Answer.parse(answer);
  return {
    id: read.id,
    title: read.displayName ?? "",
    status: read.status,
    severity: read.severity,
    classification: read.classification,
    determination: read.determination,
    assignedTo: read.assignedTo,
    tags: read.customTags ?? [],
    resolvingComment: read.resolvingComment,
    comments: (read.comments ?? [])
      .map(({ comment, createdByDisplayName, createdDateTime }) => ({
        message: comment ?? "",
        by: createdByDisplayName ?? "",
        at: createdDateTime,
      }))
      .sort((a, b) => a.at.localeCompare(b.at)),
    createdAt: read.createdDateTime,
    modifiedAt: read.lastUpdateDateTime,
    redirectedTo: read.redirectIncidentId,
    url: read.incidentWebUrl,
  };
}

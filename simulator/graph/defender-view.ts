import type { Context } from "../context";
import type { Incident, PortalUpdate } from "../sentinel/documents";
import { commentsOf } from "../sentinel/incident-parts";
import {
  type GraphClassification,
  type GraphSeverity,
  type GraphStatus,
  graphClassification,
  graphSeverity,
  graphStatus,
} from "./words";

/** A comment as Graph shows it. Times are milliseconds since 1970. */
interface GraphComment {
  comment: string;
  by: string;
  at: number;
}

/** An incident as the Defender portal knows it: Sentinel's, and what Sentinel has not been told yet. */
export interface DefenderIncident {
  incident: Incident;
  title: string;
  description: string;
  status: GraphStatus;
  severity: GraphSeverity;
  classification: GraphClassification;
  determination: string;
  assignedTo: string | null;
  tags: string[];
  resolvingComment: string | null;
  comments: GraphComment[];
  updatedAt: number;
}

/** The incidents of the Defender portal, newest first. Those that somebody made in Sentinel are not among them. */
export function defenderIncidents(context: Context): DefenderIncident[] {
  return [...context.model.incidents.values()]
    .filter((incident) => incident.providerName === "Microsoft XDR")
    .map((incident) => defenderView(context, incident))
    .sort(
      (a, b) => b.incident.createdAt - a.incident.createdAt || b.incident.incidentNumber - a.incident.incidentNumber,
    );
}

/** The incident of that number of the Defender portal. */
export function findDefenderIncident(context: Context, id: string): DefenderIncident | undefined {
  for (const incident of context.model.incidents.values()) {
    if (incident.providerName === "Microsoft XDR" && incident.providerIncidentId === id) {
      return defenderView(context, incident);
    }
  }
  return undefined;
}

/** Collection key of what Sentinel has not been told yet. */
export function updateKey({ workspaceId, name }: Pick<Incident, "workspaceId" | "name">): string {
  return `${workspaceId}/${name}`;
}

/** An incident through the Defender portal's eyes. */
export function defenderView(context: Context, incident: Incident): DefenderIncident {
  const waiting = context.model.portalUpdates.get(updateKey(incident));
  const { owner } = incident;
  const known: DefenderIncident = {
    incident,
    title: incident.title,
    description: incident.description,
    status: graphStatus(incident.status),
    severity: graphSeverity(incident.severity),
    classification: graphClassification(incident.classification),
    determination: incident.determination ?? "unknown",
    assignedTo: owner.userPrincipalName ?? owner.email ?? owner.assignedTo ?? null,
    tags: incident.labels.map((label) => label.labelName),
    resolvingComment: incident.classificationComment ?? null,
    comments: commentsOf(context, incident).map((comment) => ({
      comment: comment.defenderMessage ?? comment.message,
      by: comment.author.userPrincipalName ?? comment.author.name,
      at: comment.createdAt,
    })),
    updatedAt: incident.modifiedAt,
  };
  return waiting ? withUpdate(known, waiting) : known;
}

function withUpdate(known: DefenderIncident, { changes, comments, changedAt }: PortalUpdate): DefenderIncident {
  return {
    ...known,
    ...changes,
    comments: [
      ...known.comments,
      ...comments.map(({ message, at, author }) => ({
        comment: message,
        by: author.userPrincipalName ?? author.name,
        at,
      })),
    ],
    updatedAt: Math.max(known.updatedAt, changedAt),
  };
}

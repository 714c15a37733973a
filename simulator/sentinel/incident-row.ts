import { iso } from "../arm/respond";
import type { Context } from "../context";
import type { Incident } from "./documents";
import { additionalData, incidentUrl } from "./incident-facts";
import { bookmarksOf, commentsOf, tasksOf } from "./incident-parts";

/**
 * One row of `SecurityIncident`: the whole incident as it is after a change. `Description` is gone in a workspace that
 * is onboarded to the Defender portal. Source: Microsoft Learn, the table's schema and the move to the Defender portal.
 */
export function incidentRow(context: Context, incident: Incident): Record<string, unknown> {
  const when = (at: number | undefined) => (at === undefined ? undefined : iso(at));
  const { objectId = null, email = null, assignedTo = null, userPrincipalName = null } = incident.owner;
  return {
    IncidentName: incident.name,
    IncidentNumber: incident.incidentNumber,
    Title: incident.title,
    Description: incident.providerName === "Microsoft XDR" ? undefined : incident.description,
    Severity: incident.severity,
    Status: incident.status,
    Classification: incident.classification,
    ClassificationReason: incident.classificationReason,
    ClassificationComment: incident.classificationComment,
    Owner: { objectId, email, assignedTo, userPrincipalName },
    ProviderName: incident.providerName,
    ProviderIncidentId: incident.providerIncidentId,
    FirstActivityTime: when(incident.firstActivityAt),
    LastActivityTime: when(incident.lastActivityAt),
    FirstModifiedTime: iso(incident.firstModifiedAt),
    LastModifiedTime: iso(incident.modifiedAt),
    CreatedTime: iso(incident.createdAt),
    ClosedTime: when(incident.closedAt),
    RelatedAnalyticRuleIds: incident.ruleIds,
    AlertIds: incident.alertIds,
    BookmarkIds: bookmarksOf(context, incident).map((bookmark) => bookmark.name),
    Comments: commentsOf(context, incident).map((comment) => ({
      message: comment.message,
      createdTimeUtc: iso(comment.createdAt),
      lastModifiedTimeUtc: iso(comment.modifiedAt),
      author: comment.author,
    })),
    Tasks: tasksOf(context, incident).map((task) => ({
      title: task.title,
      status: task.status,
      createdTimeUtc: iso(task.createdAt),
    })),
    Labels: incident.labels,
    IncidentUrl: incidentUrl(incident),
    AdditionalData: additionalData(context, incident),
    ModifiedBy: incident.modifiedBy,
    SourceSystem: "Azure",
  };
}

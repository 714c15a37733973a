import type { Context } from "../context";
import type { Bookmark, Incident, IncidentComment, IncidentRelation, IncidentTask, SentinelAlert } from "./documents";

/*
 * What belongs to an incident. Grouped by incident once per state of a collection: every change of an incident counts
 * its parts again.
 */

type Named = Pick<Incident, "workspaceId" | "name">;

const ownerOf = (part: { workspaceId: string; incidentName: string }): string =>
  `${part.workspaceId}/${part.incidentName}`.toLowerCase();
const keyOf = (incident: Named): string => `${incident.workspaceId}/${incident.name}`.toLowerCase();

/** Tasks of an incident at most. Source: Sentinel service limits. */
export const TASKS_MAX = 40;

/** Comments, oldest first. */
export function commentsOf(context: Context, incident: Named): readonly IncidentComment[] {
  return context.model.incidentComments.groupedBy(ownerOf).get(keyOf(incident)) ?? [];
}

/** Tasks, oldest first. */
export function tasksOf(context: Context, incident: Named): readonly IncidentTask[] {
  return context.model.incidentTasks.groupedBy(ownerOf).get(keyOf(incident)) ?? [];
}

/** Ties to bookmarks, oldest first. */
export function relationsOf(context: Context, incident: Named): readonly IncidentRelation[] {
  return context.model.incidentRelations.groupedBy(ownerOf).get(keyOf(incident)) ?? [];
}

/** The bookmarks that still exist of those tied to the incident. */
export function bookmarksOf(context: Context, incident: Named): Bookmark[] {
  return relationsOf(context, incident).flatMap((relation) => {
    const bookmark = context.model.bookmarks.get(`${incident.workspaceId}/${relation.bookmarkName}`);
    return bookmark ? [bookmark] : [];
  });
}

/** Alerts, oldest first. */
export function alertsOf(context: Context, incident: Pick<Incident, "workspaceId" | "alertIds">): SentinelAlert[] {
  return incident.alertIds.flatMap((id) => {
    const alert = context.model.alerts.get(`${incident.workspaceId}/${id}`);
    return alert ? [alert] : [];
  });
}

import type { Context } from "../context";
import { applyAutomation } from "./automation";
import type { IncidentEvent } from "./automation-event";
import type { Incident } from "./documents";
import { type NewIncident, newIncident, putIncident } from "./incident-store";

/** A new incident: stored, with its row, and seen by the rules that wait for new ones. */
export function openIncident(context: Context, fields: NewIncident): Incident {
  return applyAutomation(context, { trigger: "Created", incident: putIncident(context, newIncident(context, fields)) });
}

/** A changed incident: stored, with its row, and seen by the rules that wait for changes. */
export function changeIncident(
  context: Context,
  incident: Incident,
  more: Pick<IncidentEvent, "source" | "commentAdded">,
): Incident {
  const previous = context.model.incidents.get(`${incident.workspaceId}/${incident.name}`);
  const stored = putIncident(context, incident);
  return applyAutomation(context, { trigger: "Updated", incident: stored, ...(previous ? { previous } : {}), ...more });
}

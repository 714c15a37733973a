import type { Context } from "../context";
import { applyAutomation } from "./automation";
import type { IncidentEvent } from "./automation-event";
import type { Incident } from "./documents";
import { putIncident } from "./incident-store";

/** A new incident (`newIncident`): stored, with its row, and seen by the rules that wait for new ones. */
export function openIncident(context: Context, incident: Incident): Incident {
  return applyAutomation(context, { trigger: "Created", incident: putIncident(context, incident) });
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

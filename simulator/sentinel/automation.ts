import type { Context } from "../context";
import { runActions } from "./automation-actions";
import { holdsAll } from "./automation-conditions";
import type { AutomationRule } from "./automation-documents";
import type { IncidentEvent } from "./automation-event";
import type { Incident } from "./documents";

/**
 * Runs the workspace's automation rules for one event: enabled, not expired, in their order, each seeing what those
 * before it changed. Every rule that changes something writes the incident once (`putIncident`). What rules change
 * starts no further rule, so that two of them cannot chase each other (unverified: Azure says only that an update may
 * come from a rule).
 *
 * @returns the incident as it stands afterwards.
 */
export function applyAutomation(context: Context, event: IncidentEvent): Incident {
  let incident = event.incident;
  for (const rule of rulesFor(context, event)) {
    if (holdsAll(context, event, incident, rule.conditions)) incident = runActions(context, incident, rule);
  }
  return incident;
}

function rulesFor(context: Context, { trigger, incident }: IncidentEvent): AutomationRule[] {
  const now = context.now();
  const workspaceId = incident.workspaceId.toLowerCase();
  return [...context.model.automationRules.values()]
    .filter(
      (rule) =>
        rule.workspaceId.toLowerCase() === workspaceId &&
        rule.isEnabled &&
        rule.triggersOn === "Incidents" &&
        rule.triggersWhen === trigger &&
        (rule.expirationTimeUtc === undefined || Date.parse(rule.expirationTimeUtc) > now),
    )
    .sort((a, b) => a.order - b.order || (a.ruleId < b.ruleId ? -1 : 1));
}

import type { Chore } from "../../clock";
import type { Context } from "../../context";
import { alertKey } from "../alert-store";
import type { Incident, PendingIncident, SentinelAlert, Severity } from "../documents";
import { changeIncident, openIncident } from "../incident-changes";
import { withStatus } from "../incident-status";
import { newIncident } from "../incident-store";
import { incidentToJoin } from "./grouping";
import { settingsOf } from "./rule-settings";

/** Notes that an alert becomes an incident after the delay of its workspace. */
export function awaitIncident(context: Context, alert: SentinelAlert): void {
  const { incident, defenderPortal } = context.settings.delays;
  const defender = context.model.workspaces.get(alert.workspaceId)?.defenderPortal === true;
  const { workspaceId, systemAlertId } = alert;
  context.model.pendingIncidents.put(alertKey(workspaceId, systemAlertId), {
    workspaceId,
    systemAlertId,
    dueAt: context.now() + (defender ? defenderPortal : incident),
  });
}

/** Turns alerts into incidents when their time has come: each joins the incident that its rule groups it with, or opens one. */
export function incidentChore(context: Context): Chore {
  return {
    due: (until) => first(context, until)?.dueAt,
    run: (at) => {
      const pending = first(context, at);
      if (!pending) return;
      const { workspaceId, systemAlertId } = pending;
      context.model.pendingIncidents.delete(alertKey(workspaceId, systemAlertId));
      const alert = context.model.alerts.get(alertKey(workspaceId, systemAlertId));
      if (alert) becomeIncident({ ...context, now: () => at }, alert);
    },
  };
}

function first(context: Context, until: number): PendingIncident | undefined {
  if (context.model.pendingIncidents.size === 0) return undefined;
  let earliest: PendingIncident | undefined;
  for (const pending of context.model.pendingIncidents.values()) {
    if (pending.dueAt <= until && (!earliest || pending.dueAt < earliest.dueAt)) earliest = pending;
  }
  return earliest;
}

function becomeIncident(context: Context, alert: SentinelAlert): void {
  const rule = context.model.alertRules.get(`${alert.workspaceId}/${alert.ruleId}`);
  // The rule may have been deleted meanwhile; its alert still becomes an incident.
  const grouping = rule && settingsOf(rule)?.incidentConfiguration?.groupingConfiguration;
  const joined = incidentToJoin(context, alert, grouping);
  if (joined) changeIncident(context, withAlert(context, joined, alert), { source: "AlertGrouping" });
  else openIncident(context, newIncident(context, opened(context, alert)));
}

function opened(context: Context, alert: SentinelAlert) {
  const defender = context.model.workspaces.get(alert.workspaceId)?.defenderPortal === true;
  return {
    workspaceId: alert.workspaceId,
    title: alert.displayName,
    // Incidents of the Defender portal have none.
    description: defender ? "" : alert.description,
    severity: alert.severity,
    alertIds: [alert.systemAlertId],
    ruleIds: [alert.ruleId],
    firstActivityAt: alert.startTime,
    lastActivityAt: alert.endTime,
  };
}

const RANKS: readonly Severity[] = ["Informational", "Low", "Medium", "High"];

/** The incident with one alert more: as severe as its severest alert, and open again when it was closed. */
function withAlert(context: Context, incident: Incident, alert: SentinelAlert): Incident {
  const severer = RANKS.indexOf(alert.severity) > RANKS.indexOf(incident.severity);
  const joined: Incident = {
    ...incident,
    severity: severer ? alert.severity : incident.severity,
    alertIds: [...incident.alertIds, alert.systemAlertId],
    firstActivityAt: Math.min(incident.firstActivityAt ?? alert.startTime, alert.startTime),
    lastActivityAt: Math.max(incident.lastActivityAt ?? alert.endTime, alert.endTime),
    modifiedBy: "Alert updated",
  };
  return incident.status === "Closed" ? withStatus(context, joined, "New") : joined;
}

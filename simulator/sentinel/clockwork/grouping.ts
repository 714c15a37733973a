import type { Context } from "../../context";
import type { Incident, SentinelAlert } from "../documents";
import { incidentsOf } from "../incident-store";
import { alertEntityType, entityKey } from "./entities";
import type { GroupingSettings } from "./rule-settings";

/** Alerts of one incident at most; the next one opens another incident. Source: Sentinel service limits. */
const ALERTS_MAX = 150;

/**
 * The incident that an alert joins: the newest of its rule that was opened within the look-back, has room, whose first
 * alert matches and that is open, or may be opened again. Undefined when the alert opens one of its own.
 */
export function incidentToJoin(
  context: Context,
  alert: SentinelAlert,
  grouping: GroupingSettings | null | undefined,
): Incident | undefined {
  if (!grouping?.enabled) return undefined;
  const defender = context.model.workspaces.get(alert.workspaceId)?.defenderPortal === true;
  const mayReopen = grouping.reopenClosedIncident && !defender;
  const since = context.now() - grouping.lookbackDuration;
  const wanted = groupKey(alert, grouping);
  return incidentsOf(context, alert.workspaceId)
    .filter(
      (incident) =>
        incident.ruleIds.some((ruleId) => ruleId.toLowerCase() === alert.ruleId.toLowerCase()) &&
        incident.createdAt >= since &&
        incident.alertIds.length < ALERTS_MAX &&
        (incident.status !== "Closed" || mayReopen) &&
        firstKey(context, incident, grouping) === wanted,
    )
    .at(-1);
}

function firstKey(context: Context, incident: Incident, grouping: GroupingSettings): string | undefined {
  const first = context.model.alerts.get(`${incident.workspaceId}/${incident.alertIds[0] ?? ""}`);
  return first && groupKey(first, grouping);
}

/** Equal for alerts that belong together. */
function groupKey(alert: SentinelAlert, grouping: GroupingSettings): string {
  switch (grouping.matchingMethod) {
    case "AnyAlert":
      return "";
    case "AllEntities":
      return JSON.stringify(alert.entities.map(entityKey).sort());
    case "Selected":
      return JSON.stringify([
        entitiesNamed(alert, grouping.groupByEntities),
        grouping.groupByAlertDetails.map((detail) => detailNamed(alert, detail)),
        grouping.groupByCustomDetails.map((key) => [...(alert.customDetails[key] ?? [])].sort()),
      ]);
  }
}

function entitiesNamed(alert: SentinelAlert, types: readonly string[]): string[] {
  const wanted = new Set(types.map(alertEntityType));
  return alert.entities
    .filter(({ type }) => wanted.has(type))
    .map(entityKey)
    .sort();
}

function detailNamed(alert: SentinelAlert, detail: string): string {
  return detail === "Severity" ? alert.severity : detail === "DisplayName" ? alert.displayName : "";
}

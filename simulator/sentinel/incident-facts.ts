import type { Context } from "../context";
import type { Incident } from "./documents";
import { alertsOf, bookmarksOf, commentsOf } from "./incident-parts";

/** ARM id of an incident, in the casing that the service answers with. */
export function incidentId(incident: Pick<Incident, "workspaceId" | "name">): string {
  return `${incident.workspaceId}/providers/Microsoft.SecurityInsights/Incidents/${incident.name}`;
}

/** Address of the incident's page in the Azure portal. */
export function incidentUrl(incident: Pick<Incident, "workspaceId" | "name">): string {
  return `https://portal.azure.com/#asset/Microsoft_Azure_Security_Insights/Incident${incidentId(incident)}`;
}

/** Address of the incident's page in the Defender portal, for a workspace that is onboarded there. */
function providerIncidentUrl(context: Context, incident: Incident): string | undefined {
  if (incident.providerName !== "Microsoft XDR") return undefined;
  return `https://security.microsoft.com/incidents/${incident.providerIncidentId}?tid=${context.identity.tenantId}`;
}

/** ARM id of an analytics rule. */
export function ruleResourceId(workspaceId: string, ruleId: string): string {
  return `${workspaceId}/providers/Microsoft.SecurityInsights/alertRules/${ruleId}`;
}

/** Tactics of the incident's alerts, each once. */
export function tacticsOf(context: Context, incident: Incident): string[] {
  return [...new Set(alertsOf(context, incident).flatMap((alert) => alert.tactics))];
}

/** Counts and products of an incident, in the form that the API and the table share. */
export function additionalData(context: Context, incident: Incident) {
  const alerts = alertsOf(context, incident);
  const url = providerIncidentUrl(context, incident);
  return {
    alertsCount: incident.alertIds.length,
    bookmarksCount: bookmarksOf(context, incident).length,
    commentsCount: commentsOf(context, incident).length,
    alertProductNames: incident.alertIds.length === 0 ? [] : ["Azure Sentinel"],
    tactics: tacticsOf(context, incident),
    techniques: [...new Set(alerts.flatMap((alert) => alert.techniques))],
    ...(url === undefined ? {} : { providerIncidentUrl: url }),
  };
}

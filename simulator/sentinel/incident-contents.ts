import { iso, ok } from "../arm/respond";
import type { Call } from "../context";
import type { Router } from "../http";
import type { Workspace } from "../model";
import { bookmarkEntity } from "./bookmarks";
import type { SentinelAlert } from "./documents";
import { countByKind, entitiesOf } from "./entities";
import { alertsOf, bookmarksOf } from "./incident-parts";
import { INCIDENT, requireIncident } from "./incidents";
import { sentinelWorkspace } from "./workspace";

// Reading goes by POST here, and asks for the right to read the incident.
const READ = "Microsoft.SecurityInsights/incidents/read";

/** What an incident is made of: its alerts, their entities, its bookmarks. */
export function routeIncidentContents(router: Router<Call>): void {
  router.on("POST", `${INCIDENT}/alerts`, (call, params) => {
    const workspace = sentinelWorkspace(call, params, READ, `incidents/${params.i}`);
    const alerts = alertsOf(call, requireIncident(call, workspace, params));
    return ok({ value: alerts.map((alert) => alertEntity(workspace, alert)) });
  });

  router.on("POST", `${INCIDENT}/entities`, (call, params) => {
    const workspace = sentinelWorkspace(call, params, READ, `incidents/${params.i}`);
    const entities = entitiesOf(call, workspace.id, alertsOf(call, requireIncident(call, workspace, params)));
    return ok({ entities, metaData: countByKind(entities) });
  });

  router.on("POST", `${INCIDENT}/bookmarks`, (call, params) => {
    const workspace = sentinelWorkspace(call, params, READ, `incidents/${params.i}`);
    const bookmarks = bookmarksOf(call, requireIncident(call, workspace, params));
    return ok({ value: bookmarks.map(bookmarkEntity) });
  });
}

/** An alert in the form of an entity. */
function alertEntity(workspace: Workspace, alert: SentinelAlert) {
  const hasDetails = Object.keys(alert.customDetails).length > 0;
  return {
    id: `${workspace.id}/providers/Microsoft.SecurityInsights/Entities/${alert.systemAlertId}`,
    name: alert.systemAlertId,
    type: "Microsoft.SecurityInsights/Entities",
    kind: "SecurityAlert",
    properties: {
      systemAlertId: alert.systemAlertId,
      tactics: alert.tactics,
      alertDisplayName: alert.displayName,
      description: alert.description,
      confidenceLevel: "Unknown",
      severity: alert.severity,
      vendorName: "Microsoft",
      productName: "Azure Sentinel",
      productComponentName: alert.ruleKind === "NRT" ? "NRT Alerts" : "Scheduled Alerts",
      alertType: `${workspace.customerId}_${alert.ruleId}`,
      processingEndTime: iso(alert.processedAt),
      status: "New",
      endTimeUtc: iso(alert.endTime),
      startTimeUtc: iso(alert.startTime),
      timeGenerated: iso(alert.processedAt),
      providerAlertId: alert.vendorOriginalId,
      resourceIdentifiers: [
        {
          type: "LogAnalytics",
          workspaceId: workspace.customerId,
          subscriptionId: workspace.subscriptionId,
          resourceGroup: workspace.resourceGroup,
        },
      ],
      additionalData: {
        ...alert.extendedProperties,
        Query: alert.query,
        ...(hasDetails && { "Custom Details": JSON.stringify(alert.customDetails) }),
      },
      friendlyName: alert.displayName,
    },
  };
}

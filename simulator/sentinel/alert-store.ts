import type { Context } from "../context";
import { writeLogRow } from "../loganalytics/workspace";
import type { AlertEntity, SentinelAlert } from "./documents";

/** Names under which the service writes alerts of its rules. */
const PROVIDERS: Readonly<Record<SentinelAlert["ruleKind"], { provider: string; component: string }>> = {
  Scheduled: { provider: "ASI Scheduled Alerts", component: "Scheduled Alerts" },
  NRT: { provider: "ASI NRT Alerts", component: "NRT Alerts" },
};

/** Collection key of an alert. */
export function alertKey(workspaceId: string, systemAlertId: string): string {
  return `${workspaceId}/${systemAlertId}`;
}

/** Writes an alert: the document, and its `SecurityAlert` row. */
export function putAlert(context: Context, alert: SentinelAlert): void {
  context.model.alerts.put(alertKey(alert.workspaceId, alert.systemAlertId), alert);
  writeLogRow(context, "SecurityAlert", alertRow(context, alert), context.now());
}

/** The column values of an alert's row. `Entities` and `ExtendedProperties` are JSON in text, as in the real table. */
function alertRow(context: Context, alert: SentinelAlert): Record<string, unknown> {
  const workspace = context.model.workspaces.get(alert.workspaceId);
  const { provider, component } = PROVIDERS[alert.ruleKind];
  return {
    DisplayName: alert.displayName,
    AlertName: alert.displayName,
    AlertSeverity: alert.severity,
    Description: alert.description,
    ProviderName: provider,
    VendorName: "Microsoft",
    VendorOriginalId: alert.vendorOriginalId,
    SystemAlertId: alert.systemAlertId,
    AlertType: `${workspace?.customerId ?? ""}_${alert.ruleId}`,
    IsIncident: false,
    StartTime: alert.startTime,
    EndTime: alert.endTime,
    ProcessingEndTime: alert.processedAt,
    ExtendedProperties: JSON.stringify(extendedProperties(alert)),
    Entities: JSON.stringify(alert.entities.map(entityOf)),
    SourceSystem: "Detection",
    WorkspaceSubscriptionId: workspace?.subscriptionId ?? "",
    WorkspaceResourceGroup: workspace?.resourceGroup ?? "",
    ProductName: "Azure Sentinel",
    ProductComponentName: component,
    Status: "New",
    Tactics: alert.tactics.join(", "),
    Techniques: alert.techniques.length === 0 ? "" : JSON.stringify(alert.techniques),
    ...alert.overrides,
  };
}

function extendedProperties(alert: SentinelAlert): Record<string, string> {
  const details = Object.keys(alert.customDetails).length > 0;
  return {
    ...alert.extendedProperties,
    Query: alert.query,
    ...(details && { "Custom Details": JSON.stringify(alert.customDetails) }),
  };
}

/** One entity as the column spells it: numbered from 2, since 1 is the alert itself. */
function entityOf({ type, fields }: AlertEntity, index: number): Record<string, string> {
  return { $id: String(index + 2), ...fields, Type: type };
}

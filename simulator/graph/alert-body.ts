import { iso } from "../arm/respond";
import type { Call } from "../context";
import type { AlertEntity, Incident, SentinelAlert } from "../sentinel/documents";
import { graphSeverity } from "./words";

/** Id of a Sentinel alert in the Defender portal, which marks where an alert comes from by two letters. */
export function graphAlertId(alert: Pick<SentinelAlert, "systemAlertId">): string {
  return `sn${alert.systemAlertId}`;
}

/**
 * An alert as Graph shows it. Members that came to an enumeration later are `unknownFutureValue` to a client that does
 * not ask for them by `Prefer: include-unknown-enum-members`.
 */
export function alertBody(call: Call, incident: Incident, alert: SentinelAlert) {
  const { tenantId } = call.identity;
  const id = graphAlertId(alert);
  const handled = call.model.alertHandling.get(`${alert.workspaceId}/${alert.systemAlertId}`);
  const later = /include-unknown-enum-members/i.test(call.request.headers.prefer ?? "");
  const evolving = (word: string) => (later ? word : "unknownFutureValue");
  const web = "https://security.microsoft.com";
  return {
    id,
    providerAlertId: alert.systemAlertId,
    incidentId: incident.providerIncidentId,
    status: handled?.status ?? "new",
    severity: graphSeverity(alert.severity),
    classification: handled?.classification ?? "unknown",
    determination: handled?.determination ?? "unknown",
    serviceSource: evolving("microsoftSentinel"),
    detectionSource: evolving(alert.ruleKind === "NRT" ? "nrtAlerts" : "scheduledAlerts"),
    productName: "Microsoft Sentinel",
    detectorId: alert.ruleId,
    tenantId,
    title: alert.displayName,
    description: alert.description,
    recommendedActions: "",
    category: alert.tactics[0] ?? "SuspiciousActivity",
    assignedTo: handled?.assignedTo ?? null,
    alertWebUrl: `${web}/alerts/${id}?tid=${tenantId}`,
    incidentWebUrl: `${web}/incidents/${incident.providerIncidentId}?tid=${tenantId}`,
    actorDisplayName: null,
    threatDisplayName: null,
    threatFamilyName: null,
    mitreTechniques: alert.techniques,
    createdDateTime: iso(alert.processedAt),
    lastUpdateDateTime: iso(handled?.changedAt ?? alert.processedAt),
    resolvedDateTime: handled?.resolvedAt === undefined ? null : iso(handled.resolvedAt),
    firstActivityDateTime: iso(alert.startTime),
    lastActivityDateTime: iso(alert.endTime),
    systemTags: [],
    comments: [],
    evidence: alert.entities.flatMap((entity) => evidenceBody(alert, entity)),
  };
}

function evidenceBody(alert: SentinelAlert, entity: AlertEntity): object[] {
  const own = evidenceOf(entity);
  if (!own) return [];
  return [
    {
      "@odata.type": `#microsoft.graph.security.${own.type}`,
      createdDateTime: iso(alert.processedAt),
      verdict: "unknown",
      remediationStatus: "none",
      remediationStatusDetails: null,
      roles: [],
      detailedRoles: [],
      tags: [],
      ...own.fields,
    },
  ];
}

function evidenceOf({ type, fields }: AlertEntity): { type: string; fields: object } | undefined {
  switch (type.replaceAll("-", "").toLowerCase()) {
    case "account": {
      const upn = fields.Name && fields.UPNSuffix ? `${fields.Name}@${fields.UPNSuffix}` : null;
      const userAccount = {
        accountName: fields.Name ?? null,
        domainName: fields.NTDomain ?? null,
        userSid: fields.Sid ?? null,
        azureAdUserId: fields.AadUserId ?? null,
        userPrincipalName: upn,
        displayName: fields.DisplayName ?? null,
      };
      return { type: "userEvidence", fields: { stream: null, userAccount } };
    }
    case "ip":
      return { type: "ipEvidence", fields: { ipAddress: fields.Address ?? null, countryLetterCode: null } };
    case "azureresource": {
      const resourceId = fields.ResourceId ?? "";
      const resourceName = resourceId.split("/").pop() ?? "";
      const resourceType = /\/providers\/([^/]+\/[^/]+)\/[^/]+$/i.exec(resourceId)?.[1] ?? null;
      return { type: "azureResourceEvidence", fields: { resourceId, resourceName, resourceType } };
    }
    case "cloudapplication": {
      // Graph has a number here, as Sentinel's API has.
      const appId = /^\d{1,9}$/.test(fields.AppId ?? "") ? Number(fields.AppId) : null;
      return { type: "cloudApplicationEvidence", fields: { appId, displayName: fields.Name ?? null, stream: null } };
    }
    case "url":
      return { type: "urlEvidence", fields: { url: fields.Url ?? null } };
    default:
      return undefined;
  }
}

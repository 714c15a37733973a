import type { Context } from "../context";
import { derivedGuid } from "../derived-id";
import { writeLogRow } from "../loganalytics/workspace";
import type { Principal } from "../model";
import { type AlertType, REMEDIATION, TECHNIQUES } from "./alert-types";
import { runAutomations } from "./automation-runs";
import { DATA_LOCATION } from "./data-location";
import type { DefenderAlert } from "./documents";
import { suppressing } from "./suppression-match";

/** What happened, as far as it is known: callers from outside Azure have no object id, applications no user name. */
export interface AlertFacts {
  type: AlertType;
  /** ARM id of the vault. */
  vaultId: string;
  /** When it began and ended; the alert itself follows later. */
  startTime: number;
  endTime: number;
  caller?: Pick<Principal, "oid" | "kind" | "upn" | "appId">;
  address?: string;
  operations?: number;
  /** Names a resource that does not exist. */
  sample?: true;
}

/** Minutes from the end of the activity to the alert; Microsoft promises none. */
const PROCESSING_MS = 90_000;

/** An alert as Defender would write it now; nothing is stored. `id` is a GUID. */
export function makeAlert(facts: AlertFacts, id: string, generatedAt: number): DefenderAlert {
  const { type, vaultId, sample } = facts;
  const [, subscriptionId = "", , resourceGroup = "", , , , vault = ""] = vaultId.split("/").filter(Boolean);
  return {
    subscriptionId: subscriptionId.toLowerCase(),
    resourceGroup,
    location: DATA_LOCATION,
    name: `${countdown(generatedAt)}_${id}`,
    alertType: type.alertType,
    displayName: sample ? `[SAMPLE ALERT] ${type.displayName}` : type.displayName,
    description: sample ? `THIS IS A SAMPLE ALERT: ${type.description}` : type.description,
    severity: type.severity,
    intent: type.intent,
    ...TECHNIQUES[type.intent],
    startTime: facts.startTime,
    endTime: facts.endTime,
    generatedAt,
    processedAt: generatedAt + PROCESSING_MS,
    status: "Active",
    resourceId: vaultId,
    compromisedEntity: vault,
    remediationSteps: [...REMEDIATION],
    entities: entitiesOf(facts),
    extendedProperties: propertiesOf(facts),
  };
}

/**
 * Stores an alert. A suppression rule that fits dismisses it at once; any other alert reaches the security automations
 * and, through the connector of the watched workspace, the table SecurityAlert.
 */
export function raiseAlert(context: Context, facts: AlertFacts): DefenderAlert {
  const id = derivedGuid(context, `defender alert ${facts.type.alertType} ${facts.vaultId}`);
  const made = makeAlert(facts, id, context.now());
  const rule = suppressing(context, made);
  const alert: DefenderAlert = rule ? { ...made, status: "Dismissed", suppressedBy: rule.name } : made;
  putAlertDocument(context, alert);
  if (!rule) {
    runAutomations(context, alert);
    writeLogRow(context, "SecurityAlert", securityAlertRow(alert));
  }
  return alert;
}

/** Stores an alert under its key. */
export function putAlertDocument({ model }: Pick<Context, "model">, alert: DefenderAlert): void {
  model.defenderAlerts.put(`${alert.subscriptionId}/${alert.location}/${alert.name}`, alert);
}

/** ARM id of an alert. */
export function alertId(alert: DefenderAlert): string {
  const group = alert.resourceGroup === undefined ? "" : `/resourceGroups/${alert.resourceGroup}`;
  return `/subscriptions/${alert.subscriptionId}${group}/providers/Microsoft.Security/locations/${alert.location}/alerts/${alert.name}`;
}

/** The 100-nanosecond ticks that are left of .NET's calendar: names sort with the newest first. */
function countdown(at: number): string {
  return String(3_155_378_975_999_999_999n - (621_355_968_000_000_000n + BigInt(Math.floor(at)) * 10_000n));
}

function entitiesOf({ vaultId, caller, address }: AlertFacts): Record<string, unknown>[] {
  const entities: Record<string, unknown>[] = [{ resourceId: vaultId, type: "azure-resource" }];
  if (address !== undefined) {
    entities.push({ address, location: { countryCode: "nl", city: "amsterdam", asn: 64_496 }, type: "ip" });
  }
  if (caller?.kind === "User") {
    const [name = "", upnSuffix = ""] = (caller.upn ?? "").split("@");
    entities.push({ name, upnSuffix, aadUserId: caller.oid, isDomainJoined: false, type: "account" });
  } else if (caller) {
    entities.push({ aadUserId: caller.oid, type: "account" });
    entities.push({ appId: caller.appId ?? "", type: "cloud-application" });
  }
  return entities.map((entity, index) => ({ $id: `${DATA_LOCATION}_${index + 1}`, ...entity }));
}

function propertiesOf({ caller, address, operations }: AlertFacts): Record<string, string> {
  return {
    resourceType: "Key Vault",
    ...(address === undefined ? {} : { "Client IP address": address }),
    ...(caller === undefined ? {} : { "Caller object id": caller.oid }),
    ...(caller?.upn === undefined ? {} : { "User principal name": caller.upn }),
    ...(caller?.appId === undefined ? {} : { "Application ID": caller.appId }),
    ...(operations === undefined ? {} : { "Operations count": String(operations) }),
  };
}

/** The same alert as the connector of Defender for Cloud writes it. */
function securityAlertRow(alert: DefenderAlert): Record<string, unknown> {
  return {
    DisplayName: alert.displayName,
    AlertName: alert.displayName,
    AlertSeverity: alert.severity,
    Description: alert.description,
    ProviderName: "Azure Security Center",
    VendorName: "Microsoft",
    VendorOriginalId: alert.name,
    SystemAlertId: alert.name.split("_")[1] ?? alert.name,
    ResourceId: alert.resourceId,
    AlertType: alert.alertType,
    IsIncident: false,
    StartTime: alert.startTime,
    EndTime: alert.endTime,
    ProcessingEndTime: alert.processedAt,
    RemediationSteps: JSON.stringify(alert.remediationSteps),
    ExtendedProperties: JSON.stringify(alert.extendedProperties),
    Entities: JSON.stringify(alert.entities.map((entity) => ({ ...entity, Type: entity.type }))),
    SourceSystem: "Detection",
    ProductName: "Azure Security Center",
    ProductComponentName: "KeyVaults",
    Status: "New",
    CompromisedEntity: alert.compromisedEntity,
    Tactics: alert.intent,
    Techniques: JSON.stringify(alert.techniques),
    Type: "SecurityAlert",
  };
}

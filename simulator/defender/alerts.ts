import { z } from "zod";
import { hasAnyAccess, normaliseScope, scopeCovers, scopesWith } from "../access";
import { recordActivity } from "../arm/activity";
import { authorizationFailed } from "../arm/errors";
import { inheritedBy } from "../arm/filter";
import { accepted } from "../arm/operations";
import { iso, noContent, ok, page, parameter, readBody } from "../arm/respond";
import { authorize, requireGroup } from "../arm/scope";
import type { Call } from "../context";
import { AzureError, type Router, type SimResponse } from "../http";
import { alertId, putAlertDocument, raiseAlert } from "./alert-store";
import { ALERT_TYPES } from "./alert-types";
import type { AlertStatus, DefenderAlert } from "./documents";

const READ = "Microsoft.Security/alerts/read";
const READ_ONE = "Microsoft.Security/locations/alerts/read";
const SUBSCRIPTION = "/subscriptions/{s}";
const GROUP = `${SUBSCRIPTION}/resourceGroups/{g}`;
const PROVIDER = "providers/Microsoft.Security";
const PAGE_SIZE = 100;

/** From this version on alerts can be in progress, and tell version, techniques and evidence. */
const CURRENT = "2022-01-01";

const CHANGES: Readonly<Record<string, AlertStatus>> = {
  dismiss: "Dismissed",
  resolve: "Resolved",
  activate: "Active",
  inProgress: "InProgress",
};

/** Defender alerts: lists of a subscription, group and location; get; the four changes of state; sample alerts. */
export function routeDefenderAlerts(router: Router<Call>): void {
  for (const scope of [SUBSCRIPTION, GROUP]) {
    router.on("GET", `${scope}/${PROVIDER}/alerts`, (call, params) => list(call, params));
    router.on("GET", `${scope}/${PROVIDER}/locations/{l}/alerts`, (call, params) => list(call, params));

    router.on("GET", `${scope}/${PROVIDER}/locations/{l}/alerts/{n}`, (call, params) => {
      authorize(call, READ_ONE, scopeOf(params));
      return ok(alertBody(call, requireAlert(call, params)));
    });

    for (const [verb, status] of Object.entries(CHANGES)) {
      router.on("POST", `${scope}/${PROVIDER}/locations/{l}/alerts/{n}/${verb}`, (call, params) => {
        const action = `Microsoft.Security/locations/alerts/${verb}/action`;
        authorize(call, action, scopeOf(params));
        const alert = requireAlert(call, params);
        putAlertDocument(call, { ...alert, status });
        recordActivity(call, { action, scope: alertId(alert), status: 204 });
        return noContent();
      });
    }
  }
  router.on("POST", `${SUBSCRIPTION}/${PROVIDER}/locations/{l}/alerts/default/simulate`, simulate);
}

function scopeOf({ s, g }: Record<string, string>): string {
  return g === undefined ? `/subscriptions/${s}` : `/subscriptions/${s}/resourceGroups/${g}`;
}

function requireAlert(call: Call, params: Record<string, string>): DefenderAlert {
  if (params.g !== undefined) requireGroup(call, params.s ?? "", params.g);
  const found = call.model.defenderAlerts.get(`${params.s}/${params.l}/${params.n}`);
  const inGroup = params.g === undefined || found?.resourceGroup?.toLowerCase() === params.g.toLowerCase();
  if (!found || !inGroup) throw new AzureError(404, "ResourceNotFound", `The alert '${params.n}' was not found.`);
  return found;
}

function list(call: Call, params: Record<string, string>): SimResponse {
  const scope = scopeOf(params);
  if (!hasAnyAccess(call, call.caller, scope)) throw authorizationFailed(call, READ, scope);
  if (params.g !== undefined) requireGroup(call, params.s ?? "", params.g);
  const readable = inheritedBy(scopesWith(call, call.caller, READ));
  const at = normaliseScope(scope);
  const found = [...call.model.defenderAlerts.values()].filter(
    (alert) =>
      scopeCovers(at, normaliseScope(alertId(alert).split("/providers/")[0] ?? "")) &&
      (params.l === undefined || alert.location.toLowerCase() === params.l.toLowerCase()) &&
      readable(alertId(alert)),
  );
  const { value, ...rest } = page(call, found, ({ name }) => name, PAGE_SIZE);
  return ok({ value: value.map((alert) => alertBody(call, alert)), ...rest });
}

/** An alert as the API tells it; versions before 2022-01-01 know less and have no alerts in progress. */
function alertBody(call: Call, alert: DefenderAlert) {
  const version = parameter(call, "api-version") ?? CURRENT;
  return {
    id: alertId(alert),
    name: alert.name,
    type: "Microsoft.Security/Locations/alerts",
    properties: version >= CURRENT ? currentProperties(alert) : oldProperties(alert),
  };
}

/** `properties` of an alert since version 2022-01-01; Resource Graph shows the same. */
export function currentProperties(alert: DefenderAlert) {
  return {
    version: "2022-01-01",
    ...oldProperties(alert),
    status: alert.status,
    techniques: alert.techniques,
    subTechniques: alert.subTechniques,
  };
}

function oldProperties(alert: DefenderAlert) {
  const id = alert.name.split("_")[1] ?? alert.name;
  const group = alert.resourceGroup ?? "";
  return {
    alertType: alert.alertType,
    systemAlertId: alert.name,
    productComponentName: "KeyVaults",
    alertDisplayName: alert.displayName,
    description: alert.description,
    severity: alert.severity,
    intent: alert.intent,
    startTimeUtc: iso(alert.startTime),
    endTimeUtc: iso(alert.endTime),
    resourceIdentifiers: [{ azureResourceId: alert.resourceId, type: "AzureResource" }],
    remediationSteps: alert.remediationSteps,
    vendorName: "Microsoft",
    status: alert.status === "InProgress" ? "Active" : alert.status,
    extendedLinks: [],
    alertUri: `https://portal.azure.com/#blade/Microsoft_Azure_Security/AlertBlade/alertId/${alert.name}/subscriptionId/${alert.subscriptionId}/resourceGroup/${group}/referencedFrom/alertDeepLink/location/${alert.location}`,
    timeGeneratedUtc: iso(alert.generatedAt),
    productName: "Microsoft Defender for Cloud",
    processingEndTimeUtc: iso(alert.processedAt),
    entities: alert.entities,
    isIncident: false,
    correlationKey: id,
    extendedProperties: alert.extendedProperties,
    compromisedEntity: alert.compromisedEntity,
  };
}

const BUNDLES = [
  ...["AppServices", "DNS", "KeyVaults", "KubernetesService", "ResourceManager", "SqlServers"],
  ...["StorageAccounts", "VirtualMachines", "CosmosDbs"],
];
const SimulateBody = z.object({
  properties: z.object({ kind: z.literal("Bundles"), bundles: z.array(z.enum(BUNDLES)).min(1).max(BUNDLES.length) }),
});

/** Kinds that the bundle of Key Vault holds as samples. */
const SAMPLES = [
  "KV_TORAccess",
  "KV_ListGetAnomaly",
  "KV_UserAnomaly",
  "KV_OperationVolumeAnomaly",
  "KV_UserAccessDeniedAnomaly",
];

/**
 * Raises sample alerts about a vault that does not exist, as Azure does. The tenant knows the samples of Key Vault;
 * the other bundles are accepted and raise nothing here.
 */
function simulate(call: Call, params: Record<string, string>): SimResponse {
  const action = "Microsoft.Security/locations/alerts/simulate/action";
  const scope = `/subscriptions/${params.s}`;
  authorize(call, "Microsoft.Security/alerts/write", scope);
  const { properties } = readBody(call, SimulateBody, "InvalidRequestContent");
  if (properties.bundles.includes("KeyVaults")) {
    const vaultId = `${scope}/resourceGroups/Sample-RG/providers/Microsoft.KeyVault/vaults/Sample-KV`;
    for (const type of ALERT_TYPES.filter(({ alertType }) => SAMPLES.includes(alertType))) {
      const caller = {
        oid: "00000000-0000-0000-0000-000000000000",
        kind: "User" as const,
        upn: "Sample-account@contoso.com",
      };
      const endTime = call.now();
      raiseAlert(call, {
        type,
        vaultId,
        startTime: endTime - 60_000,
        endTime,
        caller,
        address: "192.0.2.1",
        sample: true,
      });
    }
  }
  recordActivity(call, { action, scope, status: 202 });
  if ((parameter(call, "api-version") ?? "") < CURRENT) return noContent();
  return accepted(call, `${scope}/providers/Microsoft.Security/locations/${params.l}`);
}

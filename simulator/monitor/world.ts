import { writeActivityRow } from "../arm/activity";
import type { Context } from "../context";
import type { Principal } from "../model";
import type { GroupPlan } from "../world/groups";
import { worldGuid, worldIds } from "../world/ids";
import { teamPrincipals } from "../world/principals";
import { Random } from "../world/random";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Fills what Azure Monitor has at the start: two action groups, two log alert rules, and a past for each activity log. */
export function createMonitoring(context: Context, groups: readonly GroupPlan[]): void {
  createActionGroups(context);
  createQueryRules(context);
  for (const subscription of worldIds(context).subscriptions) createActivity(context, subscription, groups);
}

function groupId(context: Context, name: string): string {
  return `/subscriptions/${worldIds(context).subscriptions[0]}/resourceGroups/${name}`;
}

function createActionGroups(context: Context): void {
  const put = (group: string, name: string, shortName: string, emailAddress: string) => {
    const id = `${groupId(context, group)}/providers/Microsoft.Insights/actionGroups/${name}`;
    const receivers = (kind: string) => [`${kind}Receivers`, []] as const;
    context.model.actionGroups.put(id, {
      id,
      name,
      location: "Global",
      tags: {},
      properties: {
        groupShortName: shortName,
        enabled: true,
        ...Object.fromEntries(["sms", "webhook", "itsm", "azureAppPush", "automationRunbook", "voice"].map(receivers)),
        ...Object.fromEntries(["logicApp", "azureFunction", "armRole", "eventHub", "incident"].map(receivers)),
        emailReceivers: [{ name: "mail", emailAddress, useCommonAlertSchema: true, status: "Enabled" }],
      },
    });
  };
  put("rg-security", "ag-security-operations", "SecOps", "soc@contoso.test");
  put("rg-platform", "ag-platform-oncall", "Platform", "platform@contoso.test");
}

function createQueryRules(context: Context): void {
  const { workspace } = worldIds(context);
  const createdAt = context.identity.firstStart - 75 * DAY;
  const put = (name: string, displayName: string, query: string, threshold: number, actionGroup: string) => {
    const id = `${groupId(context, "rg-security")}/providers/Microsoft.Insights/scheduledQueryRules/${name}`;
    context.model.scheduledQueryRules.put(id, {
      id,
      name,
      location: "westeurope",
      tags: {},
      kind: "LogAlert",
      etag: `"${worldGuid(context, `etag/${name}`)}"`,
      createdAt,
      modifiedAt: createdAt,
      createdWith: "2023-12-01",
      properties: {
        displayName,
        description: "",
        severity: 3,
        enabled: true,
        scopes: [workspace.resourceId],
        evaluationFrequency: "PT15M",
        windowSize: "PT30M",
        criteria: {
          allOf: [
            {
              query,
              timeAggregation: "Count",
              dimensions: [],
              operator: "GreaterThan",
              threshold,
              failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 },
            },
          ],
        },
        autoMitigate: true,
        actions: {
          actionGroups: [
            `${groupId(context, actionGroup)}/providers/Microsoft.Insights/actionGroups/${ACTION_GROUP[actionGroup]}`,
          ],
        },
      },
    });
  };
  put(
    "vault-throttling",
    "Key vaults that throttle",
    "AzureDiagnostics | where ResultSignature == 'Too Many Requests'",
    50,
    "rg-platform",
  );
  put("vault-refusals", "Many refused vault calls", "AZKVAuditLogs | where HttpStatusCode == 403", 200, "rg-security");
}

const ACTION_GROUP: Readonly<Record<string, string>> = {
  "rg-security": "ag-security-operations",
  "rg-platform": "ag-platform-oncall",
};

/** What pipelines and people did in a subscription before the first start; nothing of it changes a vault. */
function createActivity(context: Context, subscriptionId: string, all: readonly GroupPlan[]): void {
  const { firstStart } = context.identity;
  const random = new Random(`${context.settings.seed}/activity/${subscriptionId}`);
  const groups = all.filter((group) => group.subscriptionId === subscriptionId);
  for (const group of groups.slice(0, 3)) {
    const { pipeline, contact } = teamPrincipals(context, group.team);
    const validate = { action: "Microsoft.Resources/deployments/validate/action", name: "Validate Deployment" };
    const write = { action: "Microsoft.Resources/deployments/write", name: "Create Deployment" };
    const tags = { action: "Microsoft.Resources/subscriptions/resourceGroups/write", name: "Update resource group" };
    for (const [what, who] of [
      [validate, pipeline],
      [write, pipeline],
      [tags, contact],
    ] as const) {
      const at = firstStart - random.int(1, 28) * DAY - random.int(0, 23) * HOUR;
      const deployment = `${group.id}/providers/Microsoft.Resources/deployments/release-${random.int(100, 999)}`;
      writeEvent(context, { ...what, scope: what === tags ? group.id : deployment, who, at, random });
    }
  }
}

function writeEvent(
  context: Context,
  event: { action: string; name: string; scope: string; who: Principal; at: number; random: Random },
): void {
  const { action, name, scope, who, at, random } = event;
  const [, subscriptionId = "", , resourceGroup = ""] = scope.split("/").filter(Boolean);
  const values = {
    OperationNameValue: action.toUpperCase(),
    OperationName: name,
    CategoryValue: "Administrative",
    Category: "Administrative",
    Level: "Information",
    Caller: who.upn ?? who.oid,
    CallerIpAddress: `198.51.100.${random.int(1, 254)}`,
    CorrelationId: random.guid(),
    ResourceProviderValue: (action.split("/")[0] ?? "").toUpperCase(),
    ResourceGroup: resourceGroup,
    SubscriptionId: subscriptionId.toLowerCase(),
    Claims_d: { oid: who.oid, appid: who.appId ?? "", ...(who.upn === undefined ? {} : { upn: who.upn }) },
    Authorization_d: { scope, action },
    Properties_d: { entity: scope, message: action, hierarchy: `${context.identity.tenantId}/${subscriptionId}` },
    SourceSystem: "Azure",
    Type: "AzureActivity",
    _ResourceId: scope.toLowerCase(),
  };
  const start = { ActivityStatusValue: "Start", ActivityStatus: "Started" };
  const end = { ActivityStatusValue: "Success", ActivityStatus: "Succeeded", ActivitySubstatusValue: "OK" };
  for (const [status, moment] of [
    [start, at],
    [end, at + 2000],
  ] as const) {
    const row = {
      ...values,
      ...status,
      EventDataId: random.guid(),
      EventSubmissionTimestamp: new Date(moment).toISOString(),
    };
    writeActivityRow(context, row, moment);
  }
}

import type { Call, Context } from "../context";
import { derivedGuid } from "../derived-id";
import { watchedWorkspace, writeLogRow } from "../loganalytics/workspace";
import { activityWorkspaces } from "./activity-settings";
import { correlationId } from "./correlation";
import { iso } from "./respond";

/** One control-plane write that went through. */
export interface Activity {
  /** The action that was authorised, `Microsoft.KeyVault/vaults/write`. */
  action: string;
  /** Id of what was changed. */
  scope: string;
  /** 200, 201, ... */
  status: number;
}

const SUBSTATUS: Readonly<Record<number, string>> = { 200: "OK", 201: "Created", 202: "Accepted", 204: "NoContent" };

/** Names as the activity log shows them; operations without one show their action. */
const DISPLAY: Readonly<Record<string, string>> = {
  "microsoft.keyvault/vaults/write": "Update Key Vault",
  "microsoft.keyvault/vaults/delete": "Delete Key Vault",
  "microsoft.keyvault/vaults/accesspolicies/write": "Update Key Vault access policies",
  "microsoft.authorization/roleassignments/write": "Create role assignment",
  "microsoft.authorization/roleassignments/delete": "Delete role assignment",
  "microsoft.insights/diagnosticsettings/write": "Create or update resource diagnostic setting",
  "microsoft.insights/diagnosticsettings/delete": "Delete resource diagnostic setting",
  "microsoft.resources/tags/write": "Write tags",
};

/**
 * Leaves the rows that the activity log has of a write: one when it starts, one when it is done, with one correlation
 * id (that of the answer): in the platform's own log, and in the workspaces that the subscription's log is sent to.
 */
export function recordActivity(call: Call, activity: Activity): void {
  const now = call.now();
  const values = { ...commonValues(call, activity), EventSubmissionTimestamp: iso(now) };
  writeActivityRow(
    call,
    {
      ...values,
      EventDataId: derivedGuid(call, `start of ${activity.action} ${activity.scope}`),
      ActivityStatusValue: "Start",
      ActivityStatus: "Started",
      ActivitySubstatusValue: "",
    },
    now,
  );
  writeActivityRow(
    call,
    {
      ...values,
      EventDataId: derivedGuid(call, `end of ${activity.action} ${activity.scope}`),
      ActivityStatusValue: "Success",
      ActivityStatus: "Succeeded",
      ActivitySubstatusValue: SUBSTATUS[activity.status] ?? String(activity.status),
    },
    now,
  );
}

/** Where rows are kept that no workspace receives; the platform's own log shows them all the same. */
export const PLATFORM_LOG = "the platform's own activity log";

/** Writes an event of a subscription to whatever its log is sent to. One of no subscription goes to the watched workspace. */
export function writeActivityRow(context: Context, values: Record<string, unknown>, at: number): void {
  const subscriptionId = String(values.SubscriptionId);
  const watched = watchedWorkspace(context)?.id.toLowerCase();
  const targets =
    context.model.subscriptions.get(subscriptionId) === undefined
      ? new Set([watched])
      : new Set<string | undefined>(activityWorkspaces(context, subscriptionId));
  // What reaches the watched workspace needs no second copy.
  if (!targets.has(watched)) targets.add(PLATFORM_LOG);
  for (const target of targets)
    writeLogRow(context, "AzureActivity", values, at, target === watched ? undefined : target);
}

function commonValues(call: Call, { action, scope }: Activity): Record<string, unknown> {
  const [, subscriptionId = "", , resourceGroup = ""] = scope.split("/").filter(Boolean);
  const { caller } = call;
  return {
    OperationNameValue: action.toUpperCase(),
    OperationName: DISPLAY[action.toLowerCase()] ?? action,
    CategoryValue: "Administrative",
    Category: "Administrative",
    Level: "Information",
    Caller: caller.upn ?? caller.oid,
    CallerIpAddress: call.request.callerAddress,
    CorrelationId: correlationId(call),
    ResourceProviderValue: (action.split("/")[0] ?? "").toUpperCase(),
    ResourceGroup: resourceGroup,
    SubscriptionId: subscriptionId.toLowerCase(),
    Claims_d: { oid: caller.oid, appid: caller.appId, ...(caller.upn === undefined ? {} : { upn: caller.upn }) },
    Authorization_d: { scope, action },
    Properties_d: { entity: scope, message: action, hierarchy: `${call.identity.tenantId}/${subscriptionId}` },
    SourceSystem: "Azure",
    Type: "AzureActivity",
    _ResourceId: scope.toLowerCase(),
  };
}

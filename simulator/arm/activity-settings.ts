import type { Call, Context } from "../context";
import { AzureError, type SimResponse } from "../http";
import type { Subscription } from "../model";
import type { ActivitySetting } from "../monitor/documents";
import { worldIds } from "../world/ids";
import { ACTIVITY_CATEGORIES, DiagnosticBody, readSetting, sendsCategory } from "./diagnostic-body";
import { badRequest, conflict } from "./errors";
import { noContent, ok, readBody } from "./respond";

/*
 * Diagnostic settings of a subscription: they send its activity log somewhere. Source: Microsoft's description
 * subscriptionDiagnosticsSettings_API.json, 2021-05-01-preview.
 */

/** Settings of one subscription at most. Source: Azure Monitor limits. */
const SETTINGS_MAX = 5;

const idOf = (subscription: Subscription) => `/subscriptions/${subscription.id}`;

/** Every subscription sends its log to the watched workspace, as it does in an estate that has been set up. */
export function createActivitySettings(context: Context): void {
  const { workspace, subscriptions } = worldIds(context);
  for (const id of subscriptions) {
    const subscriptionId = `/subscriptions/${id}`;
    context.model.activitySettings.put(`${subscriptionId}/activity-to-sentinel`, {
      subscriptionId,
      name: "activity-to-sentinel",
      workspaceId: workspace.resourceId,
      logs: ACTIVITY_CATEGORIES.map((category) => ({ category, enabled: true })),
      effectiveAt: context.identity.firstStart,
    });
  }
}

/** The workspaces, lower-case ids, that receive a subscription's administrative events now. */
export function activityWorkspaces(context: Context, subscriptionId: string): Set<string> {
  const now = context.now();
  const found = [...context.model.activitySettings.values()].flatMap((setting) => {
    const reaches = setting.subscriptionId.toLowerCase() === `/subscriptions/${subscriptionId.toLowerCase()}`;
    if (!reaches || setting.workspaceId === undefined || setting.effectiveAt > now) return [];
    return sendsCategory(setting, "Administrative") ? [setting.workspaceId.toLowerCase()] : [];
  });
  return new Set(found);
}

export function listActivitySettings(call: Call, subscription: Subscription): SimResponse {
  return ok({ value: settingsOf(call, subscription).map(body) });
}

export function getActivitySetting(call: Call, subscription: Subscription, name: string): SimResponse {
  const found = call.model.activitySettings.get(`${idOf(subscription)}/${name}`);
  if (!found) throw new AzureError(404, "ResourceNotFound", `The diagnostic setting '${name}' doesn't exist.`);
  return ok(body(found));
}

export function deleteActivitySetting(call: Call, subscription: Subscription, name: string): SimResponse {
  return call.model.activitySettings.delete(`${idOf(subscription)}/${name}`) ? { status: 200 } : noContent();
}

/**
 * Creates or replaces a setting; `checkWorkspace` asks for the right on the receiving workspace.
 * @throws AzureError 400 for a body that Azure refuses, 409 for a sink that another setting has, or a sixth setting.
 */
export function putActivitySetting(
  call: Call,
  subscription: Subscription,
  { name, checkWorkspace }: { name: string; checkWorkspace(workspaceId: string): void },
): SimResponse {
  const { properties } = readBody(call, DiagnosticBody);
  if (properties.metrics?.length) throw badRequest("A subscription has no metrics to send.");
  const { destinationType: _, metrics: __, ...wanted } = readSetting(properties, ACTIVITY_CATEGORIES);
  if (wanted.workspaceId !== undefined) checkWorkspace(wanted.workspaceId);
  const others = settingsOf(call, subscription).filter((one) => one.name.toLowerCase() !== name.toLowerCase());
  for (const other of others) {
    const same =
      wanted.workspaceId !== undefined && other.workspaceId?.toLowerCase() === wanted.workspaceId.toLowerCase();
    const taken = ACTIVITY_CATEGORIES.find((one) => sendsCategory(other, one) && sendsCategory(wanted, one));
    if (same && taken !== undefined)
      throw conflict(`Data sink '${wanted.workspaceId}' is already used in '${other.name}' for category '${taken}'.`);
  }
  if (others.length >= SETTINGS_MAX)
    throw conflict(
      `The limit of ${SETTINGS_MAX} diagnostic settings was reached. To create a new one, delete another.`,
    );
  const present = call.model.activitySettings.get(`${idOf(subscription)}/${name}`);
  const setting: ActivitySetting = {
    subscriptionId: idOf(subscription),
    name: present?.name ?? name,
    ...wanted,
    effectiveAt: call.now() + call.settings.delays.diagnostics,
  };
  // One that says the same as before goes on as before.
  if (present && JSON.stringify(body(present)) === JSON.stringify(body(setting)))
    setting.effectiveAt = present.effectiveAt;
  call.model.activitySettings.put(`${setting.subscriptionId}/${setting.name}`, setting);
  return ok(body(setting));
}

function settingsOf({ model }: Context, subscription: Subscription): ActivitySetting[] {
  const id = idOf(subscription).toLowerCase();
  return [...model.activitySettings.values()].filter((setting) => setting.subscriptionId.toLowerCase() === id);
}

/** As ARM answers it: an id without a leading slash, and no type. */
function body({ subscriptionId, name, effectiveAt: _, ...properties }: ActivitySetting) {
  return {
    id: `${subscriptionId.slice(1)}/providers/AzureResourceManager/diagnosticSettings/${name}`,
    type: null,
    name,
    properties,
  };
}

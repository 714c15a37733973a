import { z } from "zod";
import type { DiagnosticSetting } from "../model";
import { badRequest } from "./errors";

/** Log categories of a vault with the groups they are in. Source: diagnosticSettingsCategories of a real vault's type. */
export const LOG_CATEGORIES: Readonly<Record<string, readonly string[]>> = {
  AuditEvent: ["audit", "allLogs"],
  AzurePolicyEvaluationDetails: ["allLogs"],
};

/** Log categories of a subscription. Source: Azure Monitor, categories of the activity log. */
export const ACTIVITY_CATEGORIES: readonly string[] = [
  ...["Administrative", "Security", "ServiceHealth", "Alert", "Recommendation", "Policy", "Autoscale"],
  "ResourceHealth",
];

/** Whether a setting of a subscription sends a category. */
export function sendsCategory({ logs }: Pick<DiagnosticSetting, "logs">, category: string): boolean {
  return logs.some(
    (log) => log.enabled && (log.category === category || log.categoryGroup?.toLowerCase() === "alllogs"),
  );
}

const GROUPS = ["audit", "allLogs"];

export const DiagnosticBody = z.object({
  properties: z.object({
    workspaceId: z.string().max(1024).nullish(),
    storageAccountId: z.string().max(1024).nullish(),
    eventHubAuthorizationRuleId: z.string().max(1024).nullish(),
    eventHubName: z.string().max(1024).nullish(),
    logAnalyticsDestinationType: z.enum(["Dedicated", "AzureDiagnostics"]).nullish(),
    logs: z
      .array(
        z.object({
          category: z.string().max(1024).nullish(),
          categoryGroup: z.string().max(1024).nullish(),
          enabled: z.boolean(),
        }),
      )
      .nullish(),
    metrics: z.array(z.object({ category: z.string().max(1024), enabled: z.boolean() })).nullish(),
  }),
});

type Properties = z.infer<typeof DiagnosticBody>["properties"];

/**
 * The setting that a body describes.
 * @throws AzureError 400: no destination, nothing selected, a category that is none of `categories`, a log entry with both
 * or neither of category and group, categories and groups mixed in one setting.
 */
export function readSetting(
  properties: Properties,
  categories: readonly string[] = Object.keys(LOG_CATEGORIES),
): Pick<
  DiagnosticSetting,
  | "workspaceId"
  | "storageAccountId"
  | "eventHubAuthorizationRuleId"
  | "eventHubName"
  | "destinationType"
  | "logs"
  | "metrics"
> {
  const logs = (properties.logs ?? []).map(({ category, categoryGroup, enabled }) => {
    if (category && !categoryGroup) return { category: known(categories, category), enabled };
    if (categoryGroup && !category) return { categoryGroup: known(GROUPS, categoryGroup), enabled };
    throw badRequest("A log setting must name either a category or a category group.");
  });
  if (logs.some((log) => "category" in log) && logs.some((log) => "categoryGroup" in log)) {
    throw badRequest("Category groups and categories cannot be used in the same diagnostic setting.");
  }
  const metrics = (properties.metrics ?? []).map(({ category, enabled }) => ({
    category: known(["AllMetrics"], category),
    enabled,
  }));
  if (logs.length + metrics.length === 0) {
    throw badRequest("At least one data sink needs to be specified with at least one category.");
  }
  const { workspaceId, storageAccountId, eventHubAuthorizationRuleId, eventHubName } = properties;
  if (!workspaceId && !storageAccountId && !eventHubAuthorizationRuleId) {
    throw badRequest("At least one data sink needs to be specified.");
  }
  return {
    ...(workspaceId ? { workspaceId } : {}),
    ...(storageAccountId ? { storageAccountId } : {}),
    ...(eventHubAuthorizationRuleId ? { eventHubAuthorizationRuleId } : {}),
    ...(eventHubName ? { eventHubName } : {}),
    ...(properties.logAnalyticsDestinationType === "Dedicated" ? { destinationType: "Dedicated" as const } : {}),
    logs,
    ...(metrics.length > 0 ? { metrics } : {}),
  };
}

function known(names: readonly string[], given: string): string {
  const found = names.find((name) => name.toLowerCase() === given.toLowerCase());
  if (found === undefined) throw badRequest(`Category '${given}' is not supported.`);
  return found;
}

/** The log categories that a setting sends, groups resolved. */
export function categoriesOf(setting: Pick<DiagnosticSetting, "logs">): Set<string> {
  const enabled = setting.logs.filter((log) => log.enabled);
  const names = Object.entries(LOG_CATEGORIES).filter(([category, groups]) =>
    enabled.some(
      (log) => log.category === category || (log.categoryGroup !== undefined && groups.includes(log.categoryGroup)),
    ),
  );
  return new Set(names.map(([category]) => category));
}

/** A setting as ARM answers it: the id in lower case down to the provider, as the real service writes it. */
export function settingBody(setting: DiagnosticSetting) {
  const retentionPolicy = { enabled: false, days: 0 };
  const { workspaceId, storageAccountId, eventHubAuthorizationRuleId, eventHubName, destinationType } = setting;
  return {
    id: `${setting.vaultId.toLowerCase()}/providers/microsoft.insights/diagnosticSettings/${setting.name}`,
    name: setting.name,
    type: "Microsoft.Insights/diagnosticSettings",
    properties: {
      ...(workspaceId === undefined ? {} : { workspaceId }),
      ...(storageAccountId === undefined ? {} : { storageAccountId }),
      ...(eventHubAuthorizationRuleId === undefined ? {} : { eventHubAuthorizationRuleId }),
      ...(eventHubName === undefined ? {} : { eventHubName }),
      ...(destinationType === undefined ? {} : { logAnalyticsDestinationType: destinationType }),
      logs: setting.logs.map((log) => ({ ...log, retentionPolicy })),
      metrics: (setting.metrics ?? []).map((metric) => ({ ...metric, retentionPolicy })),
    },
  };
}

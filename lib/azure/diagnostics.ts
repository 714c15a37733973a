import "server-only";
import { MonitorClient } from "@azure/arm-monitor";
import { z } from "zod";
import type { AzureAccess } from "@/lib/context";
import { armOptions, drain, keepPerAccess } from "./clients";
import { toAppError } from "./parse-error";
import { normaliseId, type VaultId } from "./resource-id.pure";

export interface DiagnosticSetting {
  name: string;
  /** Normalised ARM id of the Log Analytics workspace, when it sends to one. */
  workspaceId: string | undefined;
  /** Which table the rows land in. */
  table: "AzureDiagnostics" | "AZKVAuditLogs";
  /** `AuditEvent`, or the group `audit` or `allLogs`, is switched on. */
  audit: boolean;
}

const Answer = z.object({
  name: z.string(),
  workspaceId: z.string().nullish(),
  logAnalyticsDestinationType: z.string().nullish(),
  logs: z
    .array(z.object({ category: z.string().nullish(), categoryGroup: z.string().nullish(), enabled: z.boolean() }))
    .nullish(),
});

const clientOf = keepPerAccess((azure) => new MonitorClient(azure.credential, armOptions(azure)));

/** All diagnostic settings of a vault. One ARM read. */
export async function listDiagnosticSettings(azure: AzureAccess, vaultId: VaultId): Promise<DiagnosticSetting[]> {
  try {
    return (await drain(clientOf(azure, "").diagnosticSettings.list(vaultId))).map(shape);
  } catch (error) {
    throw toAppError(error, "read the vault's logging settings");
  }
}

/**
 * Creates or replaces the setting `name`: category group `audit` to the workspace, in the resource-specific table.
 * Throws AppError conflict when another setting already sends the same to the same workspace.
 */
export async function putAuditSetting(
  azure: AzureAccess,
  vaultId: VaultId,
  { name, workspaceResourceId }: { name: string; workspaceResourceId: string },
): Promise<DiagnosticSetting> {
  try {
    const setting = await clientOf(azure, "").diagnosticSettings.createOrUpdate(vaultId, name, {
      workspaceId: workspaceResourceId,
      logAnalyticsDestinationType: "Dedicated",
      logs: [{ categoryGroup: "audit", enabled: true }],
    });
    return shape(setting);
  } catch (error) {
    throw toAppError(error, "switch the vault's audit log on");
  }
}

/** What the product's rules read of an activity log: every write of somebody. */
export const ACTIVITY_CATEGORY = "Administrative";

export interface ActivitySetting {
  name: string;
  /** Normalised ARM id of the Log Analytics workspace, when it sends to one. */
  workspaceId: string | undefined;
  /** The category Administrative, or the group with all of them, is switched on. */
  administrative: boolean;
}

/** All settings that send a subscription's activity log somewhere. `subscription` is its ARM id. One ARM read. */
export async function listActivitySettings(azure: AzureAccess, subscription: string): Promise<ActivitySetting[]> {
  try {
    const listed = await drain(clientOf(azure, "").diagnosticSettings.list(subscription));
    return listed.map((one) => {
      const { name, workspaceId, logs } = Answer.parse(one);
      const administrative = (logs ?? []).some(
        ({ category, categoryGroup, enabled }) =>
          enabled &&
          (category?.toLowerCase() === ACTIVITY_CATEGORY.toLowerCase() || categoryGroup?.toLowerCase() === "alllogs"),
      );
      return { name, workspaceId: workspaceId ? normaliseId(workspaceId) : undefined, administrative };
    });
  } catch (error) {
    throw toAppError(error, "read where the subscription sends its activity log");
  }
}

/** Creates or replaces the setting `name` of a subscription: the category Administrative to the workspace. */
export async function putActivitySetting(
  azure: AzureAccess,
  subscription: string,
  { name, workspaceResourceId }: { name: string; workspaceResourceId: string },
): Promise<void> {
  try {
    await clientOf(azure, "").diagnosticSettings.createOrUpdate(subscription, name, {
      workspaceId: workspaceResourceId,
      logs: [{ category: ACTIVITY_CATEGORY, enabled: true }],
    });
  } catch (error) {
    throw toAppError(error, "send the subscription's activity log to the workspace");
  }
}

function shape(answer: unknown): DiagnosticSetting {
  const setting = Answer.parse(answer);
  return {
    name: setting.name,
    workspaceId: setting.workspaceId ? normaliseId(setting.workspaceId) : undefined,
    table: setting.logAnalyticsDestinationType?.toLowerCase() === "dedicated" ? "AZKVAuditLogs" : "AzureDiagnostics",
    audit: (setting.logs ?? []).some(
      ({ category, categoryGroup, enabled }) =>
        enabled &&
        (category?.toLowerCase() === "auditevent" || ["audit", "alllogs"].includes(categoryGroup?.toLowerCase() ?? "")),
    ),
  };
}

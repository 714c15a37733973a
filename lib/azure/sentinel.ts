import "server-only";
import { SecurityInsights } from "@azure/arm-securityinsight";
import type { AzureAccess } from "@/lib/context";
import { armOptions, keepPerAccess } from "./clients";
import { type WorkspaceIdParts, workspaceIdParts } from "./workspace-id.pure";

const clientOf = keepPerAccess(
  (azure, subscriptionId) => new SecurityInsights(azure.credential, subscriptionId, armOptions(azure)),
);

/** The Sentinel client for a workspace (ARM id), with the parts that each of its calls asks for. */
export function sentinelOf(azure: AzureAccess, workspaceId: string): WorkspaceIdParts & { client: SecurityInsights } {
  const parts = workspaceIdParts(workspaceId);
  return { ...parts, client: clientOf(azure, parts.subscriptionId) };
}

const clientOnceOf = keepPerAccess(
  (azure, subscriptionId) =>
    new SecurityInsights(azure.credential, subscriptionId, { ...armOptions(azure), retryOptions: { maxRetries: 0 } }),
);

/** The same with the SDK's retries off, for what must not be sent twice unseen. */
export function sentinelOnceOf(azure: AzureAccess, workspaceId: string): ReturnType<typeof sentinelOf> {
  const parts = workspaceIdParts(workspaceId);
  return { ...parts, client: clientOnceOf(azure, parts.subscriptionId) };
}

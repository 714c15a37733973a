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

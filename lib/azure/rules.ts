import "server-only";
import type { AzureAccess } from "@/lib/context";

export interface AlertRule {
  /** The rule's id: the last segment of its ARM id. */
  name: string;
  kind: string;
  enabled: boolean;
  /** Empty for kinds without a query. */
  query: string;
  /** All properties as the service sent them, for comparing with what we deployed. */
  properties: Record<string, unknown>;
}

/** All analytics rules of the workspace (ARM id), to the last page. */
export async function listAlertRules(_azure: AzureAccess, _workspaceId: string): Promise<AlertRule[]> {
  throw new Error("being written");
}

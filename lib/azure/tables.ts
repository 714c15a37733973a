import "server-only";
import { OperationalInsightsManagementClient } from "@azure/arm-operationalinsights";
import { z } from "zod";
import type { AzureAccess } from "@/lib/context";
import { armOptions, drain, keepPerAccess } from "./clients";
import { toAppError } from "./parse-error";
import { workspaceIdParts } from "./workspace-id.pure";

export interface TablePlan {
  name: string;
  plan: "Analytics" | "Basic" | "Auxiliary";
  /** How far back queries reach. */
  retentionInDays?: number | undefined;
}

const Answer = z.object({
  name: z.string(),
  plan: z.enum(["Analytics", "Basic", "Auxiliary"]).default("Analytics"),
  retentionInDays: z.number().positive().optional().catch(undefined),
});

const clientOf = keepPerAccess(
  (azure, subscriptionId) =>
    new OperationalInsightsManagementClient(azure.credential, subscriptionId, armOptions(azure)),
);

const Workspace = z.object({ customerId: z.guid().toLowerCase() });

/** The GUID by which the log service knows the workspace (ARM id), lower case. */
export async function customerIdOf(azure: AzureAccess, workspaceId: string): Promise<string> {
  const { subscriptionId, resourceGroup, name } = workspaceIdParts(workspaceId);
  try {
    return Workspace.parse(await clientOf(azure, subscriptionId).workspaces.get(resourceGroup, name)).customerId;
  } catch (error) {
    throw toAppError(error, "read the workspace");
  }
}

/** Every table of the workspace (ARM id) with its plan; rules can read Analytics tables only. */
export async function listTablePlans(azure: AzureAccess, workspaceId: string): Promise<TablePlan[]> {
  const { subscriptionId, resourceGroup, name } = workspaceIdParts(workspaceId);
  try {
    const tables = await drain(clientOf(azure, subscriptionId).tables.listByWorkspace(resourceGroup, name));
    return tables.map((table) => Answer.parse(table));
  } catch (error) {
    throw toAppError(error, "list the workspace's tables");
  }
}

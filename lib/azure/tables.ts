import "server-only";
import type { AzureAccess } from "@/lib/context";

export interface TablePlan {
  name: string;
  plan: "Analytics" | "Basic" | "Auxiliary";
}

/** Every table of the workspace (ARM id) with its plan; rules can read Analytics tables only. */
export async function listTablePlans(_azure: AzureAccess, _workspaceId: string): Promise<TablePlan[]> {
  throw new Error("being written");
}

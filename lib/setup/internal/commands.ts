import "server-only";
import { ACTIVITY_CATEGORY } from "@/lib/azure/diagnostics";

/** A text as one word of a shell, whatever it holds: Azure's names are not ours. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A command that sends one write to Azure Resource Manager, as the signed-in person of the Azure CLI. */
export function armPut(arm: string, path: string, apiVersion: string, body: object): string {
  return `az rest --method put --url "${arm}${path}?api-version=${apiVersion}" --body ${quoted(JSON.stringify(body))}`;
}

/** Switches Microsoft Sentinel on for a workspace (ARM id). */
export function sentinelCommand(arm: string, workspace: string): string {
  const path = `${workspace}/providers/Microsoft.SecurityInsights/onboardingStates/default`;
  return armPut(arm, path, "2022-09-01-preview", { properties: { customerManagedKey: false } });
}

/** Sends the activity log of a subscription (id) to a workspace (ARM id), by a setting of that name. */
export function activityCommand(
  arm: string,
  { subscription, name, workspace }: { subscription: string; name: string; workspace: string },
): string {
  const path = `/subscriptions/${subscription}/providers/Microsoft.Insights/diagnosticSettings/${name}`;
  const logs = [{ category: ACTIVITY_CATEGORY, enabled: true }];
  return armPut(arm, path, "2021-05-01-preview", { properties: { workspaceId: workspace, logs } });
}

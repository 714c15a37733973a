import "server-only";
import type { AzureAccess } from "@/lib/context";
import { azureErrorOf } from "./azure-error";
import { toAppError } from "./parse-error";
import { sentinelOf } from "./sentinel";

/** Whether Microsoft Sentinel is switched on for the workspace (ARM id). */
export async function sentinelIsOn(azure: AzureAccess, workspaceId: string): Promise<boolean> {
  const { client, resourceGroup, name } = sentinelOf(azure, workspaceId);
  try {
    await client.sentinelOnboardingStates.get(resourceGroup, name, "default");
    return true;
  } catch (error) {
    if (azureErrorOf(error)?.status === 404) return false;
    throw toAppError(error, "ask whether Microsoft Sentinel is on");
  }
}

/** Switches Microsoft Sentinel on for the workspace (ARM id). Where it is on already nothing changes. */
export async function switchSentinelOn(azure: AzureAccess, workspaceId: string): Promise<void> {
  const { client, resourceGroup, name } = sentinelOf(azure, workspaceId);
  try {
    await client.sentinelOnboardingStates.create(resourceGroup, name, "default", {
      sentinelOnboardingStateParameter: { customerManagedKey: false },
    });
  } catch (error) {
    throw toAppError(error, "switch Microsoft Sentinel on");
  }
}

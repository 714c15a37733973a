import "server-only";
import { ResourceManagementClient } from "@azure/arm-resources";
import type { AzureAccess } from "@/lib/context";
import { armOptions, keepPerAccess } from "./clients";
import { toAppError } from "./parse-error";
import { type VaultId, vaultIdParts } from "./resource-id.pure";

const clientOf = keepPerAccess(
  (azure, subscriptionId) => new ResourceManagementClient(azure.credential, subscriptionId, armOptions(azure)),
);

/**
 * Sets tags of a vault and leaves its others as they are. By the tags' own operation, which needs no right to write the
 * vault and cannot change anything else of it.
 */
export async function mergeTags(azure: AzureAccess, id: VaultId, tags: Record<string, string>): Promise<void> {
  try {
    await clientOf(azure, vaultIdParts(id).subscriptionId).tagsOperations.updateAtScope(id, {
      operation: "Merge",
      properties: { tags },
    });
  } catch (error) {
    throw toAppError(error, "set the vault's tags");
  }
}

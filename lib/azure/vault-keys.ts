import "server-only";
import { KeyVaultManagementClient } from "@azure/arm-keyvault";
import { z } from "zod";
import type { AzureAccess } from "@/lib/context";
import { armOptions, keepPerAccess } from "./clients";
import type { KeyShape, Written } from "./key-vault";
import { toAppError } from "./parse-error";
import { type VaultId, vaultIdParts } from "./resource-id.pure";

/*
 * Keys as Azure Resource Manager knows them. Their calls go to management.azure.com and not to the vault's own address, so
 * they need a right on the vault as a resource and no way through its network.
 */

const clientOf = keepPerAccess(
  (azure, subscriptionId) => new KeyVaultManagementClient(azure.credential, subscriptionId, armOptions(azure)),
);

const Created = z.object({
  keyUriWithVersion: z.string().nullish(),
  attributes: z.object({ created: z.number().nullish() }).nullish(),
});

/**
 * Has ARM make a key unless the vault has one of that name. It never adds a version and leaves an
 * existing key alone, which it answers with as if it were new: the caller looks at `created`, which has whole seconds. So
 * the SDK's retries stay on.
 * Source: Keys_CreateIfNotExist in Microsoft's description of Microsoft.KeyVault.
 *
 * @returns `version` is empty when Azure did not say
 * @throws AppError; `conflict` when a key of that name is deleted and can still be recovered
 */
export async function createKeyByArm(azure: AzureAccess, id: VaultId, key: KeyShape): Promise<Written> {
  const { subscriptionId, resourceGroup, name } = vaultIdParts(id);
  const { kty, size, curve, notBefore, expires, tags } = key;
  try {
    const attributes = {
      ...(notBefore && { notBefore: notBefore.getTime() / 1_000 }),
      ...(expires && { expires: expires.getTime() / 1_000 }),
    };
    const shape = kty.startsWith("RSA") ? { keySize: size ?? 2048 } : { curveName: curve ?? "P-256" };
    const parameters = { properties: { kty, ...shape, attributes }, ...(tags && { tags }) };
    const { keys } = clientOf(azure, subscriptionId);
    const answer = Created.parse(await keys.createIfNotExist(resourceGroup, name, key.name, parameters));
    const created = answer.attributes?.created;
    return {
      version: /\/([0-9a-f]{32})\/?$/i.exec(answer.keyUriWithVersion ?? "")?.[1]?.toLowerCase() ?? "",
      created: typeof created === "number" ? new Date(created * 1_000) : undefined,
    };
  } catch (error) {
    throw toAppError(error, "create a key in the vault through Azure Resource Manager");
  }
}

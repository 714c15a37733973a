import "server-only";
import { KeyVaultManagementClient } from "@azure/arm-keyvault";
import { z } from "zod";
import type { AzureAccess } from "@/lib/context";
import { armOptions, drain, keepPerAccess } from "./clients";
import type { Written } from "./key-vault";
import { toAppError } from "./parse-error";
import { type VaultId, vaultIdParts } from "./resource-id.pure";

/*
 * Keys as Azure Resource Manager knows them. Their calls go to management.azure.com and not to the vault's own address, so
 * they need a right on the vault as a resource and no way through its network.
 */

const clientOf = keepPerAccess(
  (azure, subscriptionId) => new KeyVaultManagementClient(azure.credential, subscriptionId, armOptions(azure)),
);

export interface KeyResource {
  name: string;
  enabled: boolean;
}

const Listed = z.object({
  name: z.string(),
  attributes: z.object({ enabled: z.boolean().nullish() }).nullish(),
});

/** The vault's keys that are not deleted, to the last page. No key is named in a request or in the vault's log. */
export async function listKeysByArm(azure: AzureAccess, id: VaultId): Promise<KeyResource[]> {
  const { subscriptionId, resourceGroup, name } = vaultIdParts(id);
  try {
    const keys = await drain(clientOf(azure, subscriptionId).keys.list(resourceGroup, name));
    return keys.map((key) => {
      const { name: text, attributes } = Listed.parse(key);
      // Some api-versions name a child `vault/name`.
      return { name: text.slice(text.lastIndexOf("/") + 1), enabled: attributes?.enabled !== false };
    });
  } catch (error) {
    throw toAppError(error, "list the vault's keys");
  }
}

const Created = z.object({
  keyUriWithVersion: z.string().nullish(),
  attributes: z.object({ created: z.number().nullish() }).nullish(),
});

/**
 * Has ARM make an RSA key of 2,048 bits unless the vault has one of that name. It never adds a version and leaves an
 * existing key alone, which it answers with as if it were new: the caller looks at `created`, which has whole seconds. So
 * the SDK's retries stay on.
 * Source: Keys_CreateIfNotExist in Microsoft's description of Microsoft.KeyVault.
 *
 * @returns `version` is empty when Azure did not say
 * @throws AppError; `conflict` when a key of that name is deleted and can still be recovered
 */
export async function createKeyByArm(azure: AzureAccess, id: VaultId, keyName: string): Promise<Written> {
  const { subscriptionId, resourceGroup, name } = vaultIdParts(id);
  try {
    const parameters = { properties: { kty: "RSA", keySize: 2048 } };
    const { keys } = clientOf(azure, subscriptionId);
    const answer = Created.parse(await keys.createIfNotExist(resourceGroup, name, keyName, parameters));
    const created = answer.attributes?.created;
    return {
      version: /\/([0-9a-f]{32})\/?$/i.exec(answer.keyUriWithVersion ?? "")?.[1]?.toLowerCase() ?? "",
      created: typeof created === "number" ? new Date(created * 1_000) : undefined,
    };
  } catch (error) {
    throw toAppError(error, "create a key in the vault through Azure Resource Manager");
  }
}

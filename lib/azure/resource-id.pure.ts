/** A Key Vault's ARM id in the one form that this product compares: lower case, no trailing slash. */
export type VaultId = string & { readonly __brand: "VaultId" };

/**
 * The name of a resource group, as part of a regular expression with the flag `u`: letters and digits of any script, and a
 * few signs. Nothing of it ends a segment of an id or a string of KQL.
 * Source: naming rules of Azure resources, whose letters and digits are those of .NET's Char.IsLetterOrDigit.
 */
export const GROUP_NAME = String.raw`[-_.()\p{L}\p{Nd}]{1,90}`;

/** The id of a subscription, likewise. */
export const SUBSCRIPTION_ID = "/subscriptions/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";

const VAULT_ID = new RegExp(
  String.raw`^${SUBSCRIPTION_ID}/resourcegroups/${GROUP_NAME}/providers/microsoft\.keyvault/vaults/[a-z][a-z0-9\-]{1,22}[a-z0-9]$`,
  "u",
);

/**
 * Lower case, single slashes, none at the end. The only way resource ids are compared in this product. A letter becomes the
 * same one wherever it stands, as in KQL's tolower and in Azure's own comparison: JavaScript makes another one of a sigma
 * at the end of a word.
 */
export function normaliseId(id: string): string {
  return id.trim().replace(/\/+/g, "/").replace(/\/$/, "").replaceAll("Σ", "σ").toLowerCase();
}

/** The vault id in `text`, or undefined when it is not the ARM id of a Key Vault. */
export function parseVaultId(text: string): VaultId | undefined {
  const id = normaliseId(text);
  return isVaultId(id) ? id : undefined;
}

function isVaultId(id: string): id is VaultId {
  return VAULT_ID.test(id);
}

export interface VaultIdParts {
  subscriptionId: string;
  resourceGroup: string;
  name: string;
}

/** The parts of a vault id, lower case. */
export function vaultIdParts(id: VaultId): VaultIdParts {
  const [, , subscriptionId = "", , resourceGroup = "", , , , name = ""] = id.split("/");
  return { subscriptionId, resourceGroup, name };
}

/** Builds a vault id from the three parts that the product's own URLs carry; undefined when they do not make one. */
export function vaultIdOf(parts: VaultIdParts): VaultId | undefined {
  return parseVaultId(
    `/subscriptions/${parts.subscriptionId}/resourceGroups/${parts.resourceGroup}/providers/Microsoft.KeyVault/vaults/${parts.name}`,
  );
}

/** `/vaults/{subscription}/{group}/{name}`: the address of a vault's page, as it may stand in a link. */
export function vaultPath(id: VaultId): string {
  const { subscriptionId, resourceGroup, name } = vaultIdParts(id);
  return `/vaults/${subscriptionId}/${encodeURIComponent(resourceGroup)}/${name}`;
}

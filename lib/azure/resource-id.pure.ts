/** A Key Vault's ARM id in the one form that this product compares: lower case, no trailing slash. */
export type VaultId = string & { readonly __brand: "VaultId" };

const VAULT_ID =
  /^\/subscriptions\/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\/resourcegroups\/([-\w._()]{1,90})\/providers\/microsoft\.keyvault\/vaults\/([a-z][a-z0-9-]{1,22}[a-z0-9])$/;

/** Lower case, single slashes, none at the end. The only way resource ids are compared in this product. */
export function normaliseId(id: string): string {
  return id.trim().replace(/\/+/g, "/").replace(/\/$/, "").toLowerCase();
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

/** `/vaults/{subscription}/{group}/{name}`: the address of a vault's page. */
export function vaultPath(id: VaultId): string {
  const { subscriptionId, resourceGroup, name } = vaultIdParts(id);
  return `/vaults/${subscriptionId}/${resourceGroup}/${name}`;
}

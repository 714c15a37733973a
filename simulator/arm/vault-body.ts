import type { Context } from "../context";
import type { Vault } from "../model";
import { iso } from "./respond";
import { connectionItems } from "./vault-endpoints";

/** `https://{vault}.vault.azure.net`, no slash at the end. */
export function vaultOrigin(vault: Pick<Vault, "name">): string {
  return `https://${vault.name.toLowerCase()}.vault.azure.net`;
}

/** A vault's `properties`, as ARM and Resource Graph show them. What was never set is absent, not null. */
export function vaultProperties(context: Context, vault: Vault) {
  return {
    sku: { family: "A", name: vault.sku ?? "standard" },
    tenantId: context.identity.tenantId,
    ...(vault.networkAcls ? { networkAcls: vault.networkAcls } : {}),
    accessPolicies: vault.accessPolicies,
    enabledForDeployment: vault.enabledFor?.includes("deployment") ?? false,
    enabledForDiskEncryption: vault.enabledFor?.includes("diskEncryption") ?? false,
    enabledForTemplateDeployment: vault.enabledFor?.includes("templateDeployment") ?? false,
    enableSoftDelete: true,
    softDeleteRetentionInDays: vault.softDeleteRetentionInDays,
    ...(vault.enableRbacAuthorization === undefined ? {} : { enableRbacAuthorization: vault.enableRbacAuthorization }),
    ...(vault.enablePurgeProtection ? { enablePurgeProtection: true } : {}),
    vaultUri: `${vaultOrigin(vault)}/`,
    provisioningState: (vault.readyAt ?? 0) > context.now() ? "RegisteringDns" : "Succeeded",
    publicNetworkAccess: vault.publicNetworkAccess,
    ...connectionItems(vault),
  };
}

/** A vault as ARM answers it. */
export function vaultBody(context: Context, vault: Vault) {
  return {
    id: vault.id,
    name: vault.name,
    type: "Microsoft.KeyVault/vaults",
    location: vault.location,
    tags: vault.tags,
    systemData: { createdAt: iso(vault.createdAt), createdByType: "User" },
    properties: vaultProperties(context, vault),
  };
}

const DAY = 86_400_000;

/** A soft-deleted vault as ARM lists it. */
export function deletedVaultBody(vault: Vault & { deletedAt: number }) {
  return {
    id: `/subscriptions/${vault.subscriptionId}/providers/Microsoft.KeyVault/locations/${vault.location}/deletedVaults/${vault.name}`,
    name: vault.name,
    type: "Microsoft.KeyVault/deletedVaults",
    properties: {
      vaultId: vault.id,
      location: vault.location,
      tags: vault.tags,
      deletionDate: iso(vault.deletedAt),
      scheduledPurgeDate: iso(vault.deletedAt + vault.softDeleteRetentionInDays * DAY),
      ...(vault.enablePurgeProtection ? { purgeProtectionEnabled: true } : {}),
    },
  };
}

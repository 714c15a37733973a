import "server-only";
import { KeyVaultManagementClient } from "@azure/arm-keyvault";
import { z } from "zod";
import type { AzureAccess } from "@/lib/context";
import { armOptions, drain, keepPerAccess } from "./clients";
import { toAppError } from "./parse-error";
import { normaliseId, parseVaultId, type VaultId, vaultIdParts } from "./resource-id.pure";
import { NetworkSettings, networkOf } from "./vault-network";
import type { VaultNetwork } from "./vault-network.pure";

export interface AccessPolicyEntry {
  tenantId: string;
  objectId: string;
  /** Lower case, as `get`, `set`, `list`; Azure's `all` stays `all`. */
  secrets: string[];
  keys: string[];
}

export interface VaultResource {
  id: VaultId;
  name: string;
  location: string;
  tenantId: string;
  /** `https://{name}.{suffix}` without a trailing slash. */
  uri: string;
  permissionModel: "rbac" | "policies";
  network: VaultNetwork;
  accessPolicies: AccessPolicyEntry[];
  tags: Record<string, string>;
  purgeProtection: boolean;
  softDeleteRetentionDays: number;
  /** When it was made; older vaults do not say. */
  createdAt: Date | undefined;
}

const Permissions = z
  .array(z.string().toLowerCase())
  .nullish()
  .transform((list) => list ?? []);
const VaultAnswer = z.object({
  name: z.string(),
  location: z.string().default(""),
  systemData: z.object({ createdAt: z.date().nullish() }).nullish(),
  tags: z
    .record(z.string(), z.string())
    .nullish()
    .transform((tags) => tags ?? {}),
  properties: z.object({
    tenantId: z.string(),
    vaultUri: z.string().nullish(),
    enableRbacAuthorization: z.boolean().nullish(),
    enablePurgeProtection: z.boolean().nullish(),
    // 90 days is what Azure applies when a vault does not say.
    softDeleteRetentionInDays: z.number().default(90),
    ...NetworkSettings.shape,
    accessPolicies: z
      .array(
        z.object({
          tenantId: z.string().toLowerCase(),
          objectId: z.string().toLowerCase(),
          permissions: z.object({ secrets: Permissions, keys: Permissions }),
        }),
      )
      .nullish(),
  }),
});

const clientOf = keepPerAccess(
  (azure, subscriptionId) => new KeyVaultManagementClient(azure.credential, subscriptionId, armOptions(azure)),
);

/** The vault as ARM knows it. Throws AppError not_found or forbidden. */
export async function getVault(azure: AzureAccess, id: VaultId): Promise<VaultResource> {
  const { subscriptionId, resourceGroup, name } = vaultIdParts(id);
  try {
    return shape(azure, id, await clientOf(azure, subscriptionId).vaults.get(resourceGroup, name));
  } catch (error) {
    throw toAppError(error, "read the vault");
  }
}

/** The vaults of a subscription that the caller may see, whole, as ARM has them this moment: one read per 100 of them. */
export async function listVaultsOfSubscription(azure: AzureAccess, subscriptionId: string): Promise<VaultResource[]> {
  try {
    const vaults = await drain(clientOf(azure, subscriptionId).vaults.listBySubscription());
    return vaults.flatMap((vault) => {
      const id = parseVaultId(vault.id ?? "");
      return id ? [shape(azure, id, vault)] : [];
    });
  } catch (error) {
    throw toAppError(error, "list the vaults of the subscription");
  }
}

function shape(azure: AzureAccess, id: VaultId, answer: unknown): VaultResource {
  const { name, location, tags, properties, systemData } = VaultAnswer.parse(answer);
  return {
    id,
    name,
    location,
    tenantId: properties.tenantId.toLowerCase(),
    uri: (properties.vaultUri ?? `https://${name.toLowerCase()}.${azure.cloud.vaultSuffix}`).replace(/\/$/, ""),
    // Absent means access policies: the API's default, whatever the portal preselects.
    permissionModel: properties.enableRbacAuthorization === true ? "rbac" : "policies",
    network: networkOf(properties, azure.outbound),
    accessPolicies: (properties.accessPolicies ?? []).map((entry) => ({
      tenantId: entry.tenantId,
      objectId: entry.objectId,
      secrets: entry.permissions.secrets,
      keys: entry.permissions.keys,
    })),
    tags,
    purgeProtection: properties.enablePurgeProtection === true,
    softDeleteRetentionDays: properties.softDeleteRetentionInDays,
    createdAt: systemData?.createdAt ?? undefined,
  };
}

/** The vaults of a resource group that the caller may see, as ARM has them this moment: normalised ids, whatever their form. */
export async function listVaultsOfGroup(
  azure: AzureAccess,
  { subscriptionId, resourceGroup }: { subscriptionId: string; resourceGroup: string },
): Promise<string[]> {
  try {
    const vaults = await drain(clientOf(azure, subscriptionId).vaults.listByResourceGroup(resourceGroup));
    return vaults.map(({ id }) => normaliseId(id ?? ""));
  } catch (error) {
    throw toAppError(error, "list the vaults of the resource group");
  }
}

/** Adds these permissions to the identity's entry (ARM merges them into an existing one). */
export async function addAccessPolicy(azure: AzureAccess, id: VaultId, entry: AccessPolicyEntry): Promise<void> {
  await changeAccessPolicy(azure, id, entry, "add");
}

/** Takes exactly these permissions out of the identity's entry. */
export async function removeAccessPolicy(azure: AzureAccess, id: VaultId, entry: AccessPolicyEntry): Promise<void> {
  await changeAccessPolicy(azure, id, entry, "remove");
}

async function changeAccessPolicy(azure: AzureAccess, id: VaultId, entry: AccessPolicyEntry, change: "add" | "remove") {
  const { subscriptionId, resourceGroup, name } = vaultIdParts(id);
  const { tenantId, objectId, secrets, keys } = entry;
  const accessPolicies = [{ tenantId, objectId, permissions: { secrets, keys } }];
  try {
    await clientOf(azure, subscriptionId).vaults.updateAccessPolicy(resourceGroup, name, change, {
      properties: { accessPolicies },
    });
  } catch (error) {
    throw toAppError(
      error,
      change === "add" ? "add to the vault's access policy" : "take from the vault's access policy",
    );
  }
}

/** A secret or key as ARM lists it: never a value. Dates of the current version; absent is `undefined`. */
export interface ArmObject {
  name: string;
  kind: "secret" | "key";
  enabled: boolean;
  created: Date | undefined;
  updated: Date | undefined;
  notBefore: Date | undefined;
  expires: Date | undefined;
  contentType: string | undefined;
  tags: Record<string, string>;
  /** How a key is made: its `kty`, with bits for RSA and a curve for EC. */
  key: { type: string; size: number | undefined; curve: string | undefined } | undefined;
}

// The SDK gives dates of secrets as such and those of keys in seconds since 1970.
const ArmDate = z
  .union([z.date(), z.number().transform((seconds) => new Date(seconds * 1_000))])
  .nullish()
  .transform((date) => date ?? undefined);
const ArmListed = z.object({
  name: z.string(),
  tags: z
    .record(z.string(), z.string())
    .nullish()
    .transform((tags) => tags ?? {}),
  properties: z
    .object({
      contentType: z.string().optional(),
      kty: z.string().optional(),
      keySize: z.number().optional(),
      curveName: z.string().optional(),
      attributes: z
        .object({
          enabled: z.boolean().nullish(),
          created: ArmDate,
          updated: ArmDate,
          notBefore: ArmDate,
          expires: ArmDate,
        })
        .optional(),
    })
    .default({}),
});

/** The secrets as ARM lists them: needs no data-plane right and no network path, leaves no name in the vault's log. */
export async function listSecretsByArm(azure: AzureAccess, id: VaultId): Promise<ArmObject[]> {
  const { subscriptionId, resourceGroup, name } = vaultIdParts(id);
  try {
    const secrets = await drain(clientOf(azure, subscriptionId).secrets.list(resourceGroup, name));
    return secrets.map((secret) => armObject("secret", secret));
  } catch (error) {
    throw toAppError(error, "list the vault's secrets");
  }
}

/** The keys as ARM lists them. */
export async function listKeysByArm(azure: AzureAccess, id: VaultId): Promise<ArmObject[]> {
  const { subscriptionId, resourceGroup, name } = vaultIdParts(id);
  try {
    const keys = await drain(clientOf(azure, subscriptionId).keys.list(resourceGroup, name));
    // Of keys the SDK flattens what it leaves under `properties` of secrets.
    return keys.map((key) => armObject("key", { name: key.name, tags: key.tags, properties: key }));
  } catch (error) {
    throw toAppError(error, "list the vault's keys");
  }
}

function armObject(kind: ArmObject["kind"], listed: unknown): ArmObject {
  const { name, tags, properties } = ArmListed.parse(listed);
  const { attributes, contentType, kty, keySize, curveName } = properties;
  return {
    name: lastSegment(name),
    kind,
    enabled: attributes?.enabled ?? true,
    created: attributes?.created,
    updated: attributes?.updated,
    notBefore: attributes?.notBefore,
    expires: attributes?.expires,
    contentType,
    tags,
    key: kty === undefined ? undefined : { type: kty, size: keySize, curve: curveName },
  };
}

/** Some api-versions name a child `vault/name`. */
function lastSegment(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

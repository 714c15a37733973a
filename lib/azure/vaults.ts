import "server-only";
import type { AzureAccess } from "@/lib/context";
import type { VaultId } from "./resource-id.pure";

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
  /** `firewall` = open to chosen networks only; `private` = private endpoints only. */
  network: "public" | "firewall" | "private";
  accessPolicies: AccessPolicyEntry[];
  tags: Record<string, string>;
  purgeProtection: boolean;
  softDeleteRetentionDays: number;
}

/** The vault as ARM knows it. Throws AppError not_found or forbidden. */
export async function getVault(_azure: AzureAccess, _id: VaultId): Promise<VaultResource> {
  throw new Error("being written");
}

/** Adds these permissions to the identity's entry (ARM merges them into an existing one). */
export async function addAccessPolicy(_azure: AzureAccess, _id: VaultId, _entry: AccessPolicyEntry): Promise<void> {
  throw new Error("being written");
}

/** Takes exactly these permissions out of the identity's entry. */
export async function removeAccessPolicy(_azure: AzureAccess, _id: VaultId, _entry: AccessPolicyEntry): Promise<void> {
  throw new Error("being written");
}

/** Names of the secrets as ARM lists them: needs no data-plane right and no network path, leaves no name in the log. */
export async function listSecretNamesByArm(_azure: AzureAccess, _id: VaultId): Promise<string[]> {
  throw new Error("being written");
}

/** Names of the keys as ARM lists them. */
export async function listKeyNamesByArm(_azure: AzureAccess, _id: VaultId): Promise<string[]> {
  throw new Error("being written");
}

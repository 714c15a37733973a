import "server-only";
import type { AzureAccess } from "@/lib/context";

/** One secret or key as a collection list shows it; never a value. */
export interface ListedObject {
  name: string;
  enabled: boolean;
  created: Date | undefined;
  updated: Date | undefined;
  expires: Date | undefined;
  contentType: string | undefined;
  tags: Record<string, string>;
  /** A certificate owns it. */
  managed: boolean;
}

export interface ListedDeletedObject {
  name: string;
  deleted: Date | undefined;
  purgeAt: Date | undefined;
}

/** The vault's data-plane address: `https://{name}.{suffix of the cloud}`. */
export function vaultUri(azure: AzureAccess, vaultName: string): string {
  return `https://${vaultName}.${azure.cloud.vaultSuffix}`;
}

/** All secrets, to the last page. A collection list: no object name reaches the vault's log. */
export async function listSecrets(_azure: AzureAccess, _vaultName: string): Promise<ListedObject[]> {
  throw new Error("being written");
}

export async function listDeletedSecrets(_azure: AzureAccess, _vaultName: string): Promise<ListedDeletedObject[]> {
  throw new Error("being written");
}

export async function listKeys(_azure: AzureAccess, _vaultName: string): Promise<ListedObject[]> {
  throw new Error("being written");
}

export async function listDeletedKeys(_azure: AzureAccess, _vaultName: string): Promise<ListedDeletedObject[]> {
  throw new Error("being written");
}

export interface Written {
  /** Version id, 32 hex digits. */
  version: string;
  created: Date | undefined;
}

/**
 * Sets a secret with the SDK's retries off: Key Vault has no create-only write, and a blind second try could add a
 * version. The caller has listed right before, and looks before anything else after an ambiguous answer
 * (AppError `unavailable`).
 */
export async function setSecretOnce(
  _azure: AzureAccess,
  _vaultName: string,
  _secret: { name: string; value: string; contentType?: string; expires?: Date; tags?: Record<string, string> },
): Promise<Written> {
  throw new Error("being written");
}

/** Creates a key with the SDK's retries off; the same rules as `setSecretOnce`. */
export async function createKeyOnce(
  _azure: AzureAccess,
  _vaultName: string,
  _key: { name: string; kty: "RSA" | "EC"; size?: 2048 | 3072 | 4096; expires?: Date },
): Promise<Written> {
  throw new Error("being written");
}

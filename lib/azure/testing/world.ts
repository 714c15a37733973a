import { z } from "zod";
import { parseVaultId, type VaultId } from "../resource-id.pure";
import type { RunningTenant } from "./tenant";

const Vault = z.looseObject({
  id: z.string(),
  name: z.string(),
  enableRbacAuthorization: z.boolean().optional(),
  publicNetworkAccess: z.string(),
  networkAcls: z.looseObject({ defaultAction: z.string() }).optional(),
});
export type TrueVault = z.infer<typeof Vault>;

const StoredObject = z.looseObject({
  vaultId: z.string(),
  kind: z.string(),
  name: z.string(),
  deletedAt: z.number().optional(),
  versions: z.array(
    z.looseObject({
      enabled: z.boolean(),
      created: z.number(),
      updated: z.number(),
      notBefore: z.number().optional(),
      expires: z.number().optional(),
      contentType: z.string().optional(),
      tags: z.record(z.string(), z.string()).optional(),
      jwk: z.looseObject({ kty: z.string(), crv: z.string().optional() }).optional(),
    }),
  ),
});

/** The vaults of the simulated tenant, as they really are. */
export function vaultsOf(tenant: RunningTenant): Promise<TrueVault[]> {
  return tenant.collection("vaults", Vault);
}

/** Every secret and key, deleted ones too; no values. */
export function objectsOf(tenant: RunningTenant): Promise<z.infer<typeof StoredObject>[]> {
  return tenant.collection("objects", StoredObject);
}

/** The id of the first vault that fits; throws when the world has none. */
export function vaultThat(vaults: readonly TrueVault[], fits: (vault: TrueVault) => boolean, skip = 0): VaultId {
  const id = parseVaultId(vaults.filter(fits)[skip]?.id ?? "");
  if (!id) throw new Error("The world has no such vault.");
  return id;
}

/** The id of a vault of this permission model that any network reaches. */
export function openVault(vaults: readonly TrueVault[], rbac: boolean, skip = 0): VaultId {
  const fits = ({ enableRbacAuthorization, publicNetworkAccess, networkAcls }: TrueVault) =>
    (enableRbacAuthorization === true) === rbac &&
    publicNetworkAccess === "Enabled" &&
    networkAcls?.defaultAction !== "Deny";
  return vaultThat(vaults, fits, skip);
}

/** The vault's name, from its id. */
export function nameOf(id: VaultId): string {
  return id.slice(id.lastIndexOf("/") + 1);
}

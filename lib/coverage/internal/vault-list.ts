import "server-only";
import { z } from "zod";
import { type Permission, permits } from "@/lib/azure/permits.pure";
import { queryResourceGraph } from "@/lib/azure/resource-graph";
import { parseVaultId, type VaultId } from "@/lib/azure/resource-id.pure";
import { NetworkSettings, networkOf } from "@/lib/azure/vault-network";
import type { VaultNetwork } from "@/lib/azure/vault-network.pure";
import type { AzureAccess } from "@/lib/context";
import { DecoyKind } from "@/lib/deployments/plan.pure";
import { mayPlant } from "@/lib/deployments/rights";
import { tagValue } from "@/lib/distribution/review-tag.pure";
import { readKql, withoutComments } from "@/lib/kql-files";

/** A vault as Resource Graph shows it. */
export interface ListedVault {
  id: VaultId;
  name: string;
  subscriptionId: string;
  /** Its name; empty where Resource Graph does not show the subscription's own row to the caller. */
  subscription: string;
  resourceGroup: string;
  location: string;
  permissionModel: "rbac" | "policies";
  network: VaultNetwork;
  /** Value of the review tag; undefined = the vault does not have it. */
  reviewTag: string | undefined;
}

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? "");

const VaultRow = z.object({
  id: z.string(),
  name: z.string(),
  subscriptionId: z.string(),
  subscription: text,
  resourceGroup: z.string(),
  location: text,
  tags: z.record(z.string(), z.string()).nullish(),
  rbac: z.boolean().nullish(),
  ...NetworkSettings.shape,
});

/** What Resource Graph lists for one caller. */
export interface VaultList {
  vaults: ListedVault[];
  /** Vaults whose ids this product does not take for one: nothing can be done about them, so whoever looks is told. */
  unnamed: number;
}

/**
 * Every vault that `azure` may see, with the value of the tag of that name and of no other: one Resource Graph call per
 * 1,000.
 */
export async function listVaults(azure: AzureAccess, tagName: string): Promise<VaultList> {
  const rows = await queryResourceGraph(azure, withoutComments(readKql("lib/coverage/queries/vaults.kql")), VaultRow);
  const vaults = rows.flatMap((row): ListedVault[] => {
    const id = parseVaultId(row.id);
    if (!id) return [];
    return [
      {
        id,
        name: row.name,
        subscriptionId: row.subscriptionId.toLowerCase(),
        subscription: row.subscription,
        resourceGroup: row.resourceGroup,
        location: row.location,
        // Absent means access policies: it is the form of vaults made before the default changed.
        permissionModel: row.rbac === true ? "rbac" : "policies",
        network: networkOf(row, azure.outbound),
        reviewTag: tagValue(row.tags ?? {}, tagName),
      },
    ];
  });
  return { vaults, unnamed: rows.length - vaults.length };
}

/** Whether such permissions allow planting in a vault of this permission model, by role alone. */
export function mayPlantByRole(permissions: readonly Permission[], model: ListedVault["permissionModel"]): boolean {
  const byRole = { permissionModel: model, accessPolicies: [] };
  return DecoyKind.options.some((kind) => mayPlant(permissions, byRole, { oid: "" }, kind));
}

/** Whether such permissions allow listing a vault's secrets and keys without reading any: Key Vault Reader and wider. */
export function mayListByRole(permissions: readonly Permission[], model: ListedVault["permissionModel"]): boolean {
  const data = ["Microsoft.KeyVault/vaults/secrets/readMetadata/action", "Microsoft.KeyVault/vaults/keys/read"];
  return model === "rbac" && data.every((action) => permits(permissions, action, "data"));
}

import "server-only";
import { z } from "zod";
import { kqlLiteral } from "@/lib/azure/kql-literal.pure";
import { queryResourceGraph } from "@/lib/azure/resource-graph";
import { normaliseId, type VaultId } from "@/lib/azure/resource-id.pure";
import { NetworkSettings, networkOf, type Outbound } from "@/lib/azure/vault-network";
import type { AzureAccess } from "@/lib/context";
import { readKql, withoutComments } from "@/lib/kql-files";
import type { VaultProperties } from "../facts.pure";

/** Up to so many vaults are asked for by id: one page whatever the estate's size. */
const NAMED_MAX = 100;

/** A vault as Resource Graph shows it, with the management groups above its subscription. */
export interface VaultRow extends VaultProperties {
  id: string;
  /** Lower-case names of the management groups above; undefined when Resource Graph did not show the subscription. */
  groups: readonly string[] | undefined;
}

const Row = z.object({
  id: z.string(),
  location: z
    .string()
    .nullish()
    .transform((text) => text ?? ""),
  tags: z
    .record(z.string(), z.string())
    .nullish()
    .transform((tags) => tags ?? {}),
  rbac: z.boolean().nullish(),
  ...NetworkSettings.shape,
  purgeProtection: z.boolean().nullish(),
  softDelete: z.boolean().nullish(),
  retentionDays: z.number().nullish(),
  accessPolicies: z.number().nullish(),
  groups: z.array(z.object({ name: z.string() })).nullish(),
  roleAssignments: z.number().nullish(),
});

/**
 * These vaults by normalised id: one Resource Graph query, a page per 1,000 vaults that the collector sees. `planter` is the
 * object id of the identity whose role assignments do not count.
 */
export async function readVaultRows(
  azure: AzureAccess,
  vaultIds: readonly VaultId[],
  planter: string,
): Promise<Map<string, VaultRow>> {
  const kql = withoutComments(readKql("lib/safety/queries/vaults.kql"));
  const text = kql.replace("'PLANTER'", () => kqlLiteral(planter));
  const rows = await queryResourceGraph(azure, onlyThese(text, vaultIds), Row, { alsoAbove: true });
  return new Map(rows.map((row) => [normaliseId(row.id), rowOf(row, azure.outbound)]));
}

/** Resource Graph takes no parameters; ids enter as literals, each of them parsed as a vault's before. */
function onlyThese(kql: string, vaultIds: readonly VaultId[]): string {
  if (vaultIds.length > NAMED_MAX) return kql;
  const anchor = "| where type =~ 'microsoft.keyvault/vaults'";
  return kql.replace(anchor, () => `${anchor}\n| where id in~ (${vaultIds.map((id) => kqlLiteral(id)).join(", ")})`);
}

function rowOf(row: z.infer<typeof Row>, outbound: Outbound): VaultRow {
  return {
    id: normaliseId(row.id),
    location: row.location.toLowerCase(),
    tags: row.tags,
    // Absent means access policies: it is the form of vaults made before the default changed.
    permissionModel: row.rbac === true ? "rbac" : "policies",
    network: networkOf(row, outbound),
    purgeProtection: row.purgeProtection === true,
    softDelete: row.softDelete !== false,
    // 90 days is what Azure applies when a vault does not say.
    retentionDays: row.retentionDays ?? 90,
    accessPolicies: row.accessPolicies ?? 0,
    roleAssignments: row.roleAssignments ?? undefined,
    groups: row.groups?.map(({ name }) => name.toLowerCase()),
  };
}

import "server-only";
import { z } from "zod";
import { kqlLiteral } from "@/lib/azure/kql-literal.pure";
import type { Permission } from "@/lib/azure/permits.pure";
import { queryResourceGraph } from "@/lib/azure/resource-graph";
import { normaliseId, type VaultId } from "@/lib/azure/resource-id.pure";
import type { AzureAccess, ServiceContext } from "@/lib/context";
import { readKql, withoutComments } from "@/lib/kql-files";

const strings = z
  .array(z.string())
  .nullish()
  .transform((value) => value ?? []);

const AssignmentRow = z.object({
  id: z.string(),
  scope: z.string(),
  role: z.string(),
  permissions: z
    .array(z.object({ actions: strings, notActions: strings, dataActions: strings, notDataActions: strings }))
    .nullish()
    .transform((value) => value ?? []),
});

/** What one principal holds directly (assignments to its groups are not seen), by normalised scope. */
export type Assignments = ReadonlyMap<string, Permission[]>;

/** The role assignments of `principalId` that `azure` may see: normally one Resource Graph call. */
export async function listAssignments(azure: AzureAccess, principalId: string): Promise<Assignments> {
  return byScope(await readRows(azure, principalId));
}

/**
 * What the planting identity holds for good. Left out is what this product gives it for the time of a job: the two
 * custom roles at vaults and resource groups.
 */
export async function planterAssignments({
  azure,
  config,
}: Pick<ServiceContext, "azure" | "config">): Promise<Assignments> {
  const lent = new Set([config.plantRoleId, config.retireRoleId].map((id) => id?.toLowerCase()));
  const rows = await readRows(azure.collector, config.identities.planter.objectId);
  return byScope(rows.filter(({ role, scope }) => !(lent.has(role) && BELOW_A_SUBSCRIPTION.test(normaliseId(scope)))));
}

const BELOW_A_SUBSCRIPTION = /^\/subscriptions\/[^/]+\/resourcegroups\//;

type Row = z.infer<typeof AssignmentRow>;

function readRows(azure: AzureAccess, principalId: string): Promise<Row[]> {
  const kql = withoutComments(readKql("lib/coverage/queries/assignments.kql"));
  return queryResourceGraph(
    azure,
    kql.replace("'PRINCIPAL'", () => kqlLiteral(principalId)),
    AssignmentRow,
  );
}

function byScope(rows: readonly Row[]): Assignments {
  const found = new Map<string, Permission[]>();
  for (const { scope, permissions } of rows) {
    const key = normaliseId(scope);
    found.set(key, [...(found.get(key) ?? []), ...permissions]);
  }
  return found;
}

/** What the assignments give at a vault: those at the vault, its resource group and its subscription. */
export function permissionsAtVault(assignments: Assignments, vaultId: VaultId): Permission[] {
  const parts = vaultId.split("/");
  const scopes = [vaultId, parts.slice(0, 5).join("/"), parts.slice(0, 3).join("/")];
  return scopes.flatMap((scope) => assignments.get(scope) ?? []);
}

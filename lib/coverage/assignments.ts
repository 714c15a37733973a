import "server-only";
import { z } from "zod";
import { kqlLiteral } from "@/lib/azure/kql-literal.pure";
import type { Permission } from "@/lib/azure/permits.pure";
import { queryResourceGraph } from "@/lib/azure/resource-graph";
import { normaliseId, type VaultId } from "@/lib/azure/resource-id.pure";
import type { AzureAccess } from "@/lib/context";
import { readKql, withoutComments } from "@/lib/kql-files";

const strings = z
  .array(z.string())
  .nullish()
  .transform((value) => value ?? []);

const AssignmentRow = z.object({
  id: z.string(),
  scope: z.string(),
  permissions: z
    .array(z.object({ actions: strings, notActions: strings, dataActions: strings, notDataActions: strings }))
    .nullish()
    .transform((value) => value ?? []),
});

/** What one principal holds directly (assignments to its groups are not seen), by normalised scope. */
export type Assignments = ReadonlyMap<string, Permission[]>;

/** The role assignments of `principalId` that `azure` may see: normally one Resource Graph call. */
export async function listAssignments(azure: AzureAccess, principalId: string): Promise<Assignments> {
  const kql = withoutComments(readKql("lib/coverage/queries/assignments.kql"));
  const rows = await queryResourceGraph(
    azure,
    kql.replace("'PRINCIPAL'", () => kqlLiteral(principalId)),
    AssignmentRow,
  );
  const byScope = new Map<string, Permission[]>();
  for (const { scope, permissions } of rows) {
    const key = normaliseId(scope);
    byScope.set(key, [...(byScope.get(key) ?? []), ...permissions]);
  }
  return byScope;
}

/** What the assignments give at a vault: those at the vault, its resource group and its subscription. */
export function permissionsAtVault(assignments: Assignments, vaultId: VaultId): Permission[] {
  const parts = vaultId.split("/");
  const scopes = [vaultId, parts.slice(0, 5).join("/"), parts.slice(0, 3).join("/")];
  return scopes.flatMap((scope) => assignments.get(scope) ?? []);
}

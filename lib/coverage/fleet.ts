import "server-only";
import type { ServiceContext, UserContext } from "@/lib/context";
import { readRecommendation } from "@/lib/settings/settings";
import { permissionsAtVault, planterAssignments } from "./assignments";
import { rowOf } from "./board";
import type { BoardRow } from "./board.pure";
import type { Fact } from "./facts.pure";
import { gatherKnowledge } from "./internal/knowledge";
import { inventoryOf } from "./internal/vault-inventory";
import { type ListedVault, listVaults } from "./internal/vault-list";

/** The vaults of one person, or all, with what planning a deployment has to know of each. */
export interface Fleet {
  rows: BoardRow[];
  /** Whether the vault's audit log reaches the watched workspace, as last collected. */
  auditLogOf(vaultId: string): Fact | undefined;
  /** Vaults of a resource group, whoever may read them, as the collecting identity sees them: ids by group id. */
  groups: ReadonlyMap<string, ReadonlySet<string>>;
  /** The planting identity's standing roles. */
  planterAt(vaultId: BoardRow["id"]): ReturnType<typeof permissionsAtVault>;
  /** Value of a vault's review tag; undefined = it does not have it. */
  reviewTagOf(vaultId: string): string | undefined;
}

/**
 * Reads the fleet of one person for a plan: the board's bulk calls, one list of vaults and one of role assignments as the
 * collecting identity. Throws AppError when the person's vaults cannot be read.
 */
export async function readFleet(ctx: UserContext): Promise<Fleet> {
  const [{ vaults, mine }, everything] = await Promise.all([inventoryOf(ctx), listAll(ctx)]);
  return fleetOf(ctx, vaults, mine, everything);
}

/** The same for a plan of the product's own: every vault that the collecting identity sees. */
export async function readWholeFleet(service: ServiceContext): Promise<Fleet> {
  const everything = await listAll(service);
  return fleetOf(service, everything, new Set(), everything);
}

async function listAll({ azure, db }: ServiceContext): Promise<ListedVault[]> {
  const { names } = await readRecommendation(db);
  return (await listVaults(azure.collector, names.tagName)).vaults;
}

async function fleetOf(
  service: ServiceContext,
  vaults: readonly ListedVault[],
  mine: ReadonlySet<string>,
  everything: readonly ListedVault[],
): Promise<Fleet> {
  const [knowledge, standing] = await Promise.all([gatherKnowledge(service), planterAssignments(service)]);
  const groups = new Map<string, Set<string>>();
  for (const { id } of everything) {
    const group = id.split("/").slice(0, 5).join("/");
    const found = groups.get(group);
    if (found) found.add(id);
    else groups.set(group, new Set([id]));
  }
  const ids = new Map<string, ListedVault["id"]>(vaults.map(({ id }) => [id, id]));
  const tags = new Map<string, string | undefined>(vaults.map((vault) => [vault.id, knowledge.reviewTagOf(vault)]));
  return {
    rows: vaults.map((vault) => rowOf(vault, mine.has(vault.id), knowledge, knowledge.factsOf(vault.id))),
    auditLogOf: (vaultId) => knowledge.factsOf(vaultId).find(({ name }) => name === "auditLog"),
    groups,
    reviewTagOf: (vaultId) => tags.get(vaultId),
    planterAt: (vaultId) => {
      const id = ids.get(vaultId);
      return id ? permissionsAtVault(standing, id) : [];
    },
  };
}

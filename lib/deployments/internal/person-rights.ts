import "server-only";
import pLimit from "p-limit";
import { permissionsAt } from "@/lib/azure/permissions";
import type { VaultId } from "@/lib/azure/resource-id.pure";
import { isClosed } from "@/lib/azure/vault-network.pure";
import { getVault } from "@/lib/azure/vaults";
import type { UserContext } from "@/lib/context";
import { listAssignments, permissionsAtVault } from "@/lib/coverage/assignments";
import type { BoardRow } from "@/lib/coverage/board.pure";
import { AppError } from "@/lib/errors";
import type { DecoyKind } from "../plan.pure";
import { mayPlant, mayRetire } from "../rights";
import type { Chosen } from "./choose-vaults";

/** Questions about single vaults under way at once. */
const ASKED_AT_ONCE = 16;

/** What somebody may do in a vault: the kinds that may be planted, and whether honeytokens may be removed. */
export interface Allowed {
  kinds: readonly DecoyKind[];
  /** Keys through Azure Resource Manager. */
  armKey: boolean;
  retire: boolean;
}

/** A sentence where it could not be found out. */
export type AllowedAt = (vaultId: VaultId, row: BoardRow) => Promise<Allowed | string>;

/** For a plan that nobody asked for: the rights of whoever starts it are asked for then, vault by vault. */
export const askedAtTheStart: AllowedAt = async () => ({
  kinds: ["secret", "key"],
  armKey: true,
  retire: true,
});

/**
 * What the person may do in each of the chosen vaults: by the roles that one query shows, read with the person's own
 * token; where they do not suffice, asked of Azure for that vault, since groups and access policies are not in that query.
 */
export async function rightsOfPerson(ctx: UserContext, chosen: readonly Chosen[]): Promise<AllowedAt> {
  const assignments = await listAssignments(ctx.asUser, ctx.user.oid);
  const ask = pLimit(ASKED_AT_ONCE);
  const asked = new Map<string, Promise<Allowed | string>>();
  const byRole = (vaultId: VaultId, row: BoardRow): Allowed => {
    const vault = { permissionModel: row.permissionModel, accessPolicies: [] };
    return allowedBy(permissionsAtVault(assignments, vaultId), vault, ctx);
  };
  // Asked ahead, all at once: whoever wants the answers takes them one after the other.
  for (const { vaultId, row } of chosen) {
    const known = row && byRole(vaultId, row);
    const enough = known && known.kinds.length === 2 && known.retire && (!isClosed(row.network) || known.armKey);
    if (!known || enough) continue;
    const answer = ask(() => allowedAt(ctx, vaultId));
    // Whoever takes it hears of a failure; until then it must not end the process.
    answer.catch(() => {});
    asked.set(vaultId, answer);
  }
  return async (vaultId, row) => (await asked.get(vaultId)) ?? byRole(vaultId, row);
}

function allowedBy(
  permissions: Parameters<typeof mayPlant>[0],
  vault: Parameters<typeof mayPlant>[1],
  { user }: UserContext,
): Allowed {
  return {
    kinds: (["secret", "key"] as const).filter((kind) => mayPlant(permissions, vault, user, kind)),
    armKey: mayPlant(permissions, vault, user, "key", "arm_key"),
    retire: mayRetire(permissions, vault, user),
  };
}

/** What Azure says that the person may do in this vault, or why that could not be found out. */
async function allowedAt(ctx: UserContext, vaultId: VaultId): Promise<Allowed | string> {
  try {
    const [permissions, vault] = await Promise.all([permissionsAt(ctx.asUser, vaultId), getVault(ctx.asUser, vaultId)]);
    return allowedBy(permissions, vault, ctx);
  } catch (error) {
    if (!(error instanceof AppError) || error.failure.code === "step_up") throw error;
    return `Your rights in this vault could not be found out. ${error.failure.message}`;
  }
}

import "server-only";
import type { Selectable } from "kysely";
import { parseVaultId } from "@/lib/azure/resource-id.pure";
import { getVault } from "@/lib/azure/vaults";
import type { User, UserContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import type { DeploymentTable } from "@/lib/store/schema";

export type Deployment = Selectable<DeploymentTable>;

/** Whether a person sees the deployments of others too. */
export function seesAll(user: User): boolean {
  return user.roles.includes("Soc.Analyst") || user.roles.includes("Platform.Admin");
}

/**
 * The deployment, if this person may see it: people see their own, and one in a single vault that they may read, whose
 * page leads to it; analysts and administrators see all.
 *
 * @throws AppError `not_found` when there is none, or this person may not see it
 */
export async function visibleDeployment(ctx: UserContext, id: string): Promise<Deployment> {
  const deployment = await ctx.db.selectFrom("deployment").selectAll().where("id", "=", id).executeTakeFirst();
  const own = deployment?.requested_by_oid === ctx.user.oid;
  if (deployment && (own || seesAll(ctx.user) || (await mayReadItsVault(ctx, deployment)))) return deployment;
  throw new AppError("not_found", "There is no such deployment.", {
    fix: "Look at the list of deployments; you see those that you started.",
  });
}

/** Whether a deployment is in one vault and Azure lets the person read that one. One ARM read. */
async function mayReadItsVault({ asUser, db }: UserContext, { id, total }: Deployment): Promise<boolean> {
  if (total !== 1) return false;
  const item = await db
    .selectFrom("deployment_item")
    .select("vault_id")
    .where("deployment_id", "=", id)
    .executeTakeFirst();
  const vaultId = item && parseVaultId(item.vault_id);
  if (!vaultId) return false;
  try {
    await getVault(asUser, vaultId);
    return true;
  } catch (error) {
    if (error instanceof AppError && ["forbidden", "not_found"].includes(error.failure.code)) return false;
    throw error;
  }
}

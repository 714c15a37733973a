import "server-only";
import { type RawBuilder, type Selectable, sql } from "kysely";
import { z } from "zod";
import { parseVaultId } from "@/lib/azure/resource-id.pure";
import { getVault } from "@/lib/azure/vaults";
import type { User, UserContext } from "@/lib/context";
import { readableOf } from "@/lib/coverage/visible";
import { AppError } from "@/lib/errors";
import { isAmong } from "@/lib/store/among";
import type { DeploymentTable } from "@/lib/store/schema";

export type Deployment = Selectable<DeploymentTable>;

/** Whether a person sees the deployments of others too. */
export function seesAll(user: User): boolean {
  return user.roles.includes("Soc.Analyst") || user.roles.includes("Platform.Admin");
}

/** Whether of this deployment a person sees only the vaults that they may read: it is that of somebody else. */
export function seesInPart(user: User, { requested_by_oid: by }: Pick<Deployment, "requested_by_oid">): boolean {
  return seesAll(user) && by !== user.oid;
}

/** Which vaults of a deployment a person is shown. */
export interface Shown {
  /** Undefined for all of them. */
  only: readonly string[] | undefined;
  /** How many are not shown. */
  leftOut: number;
}

const ALL: Shown = { only: undefined, leftOut: 0 };

/**
 * Whoever asked for a deployment is shown all of its vaults; analysts and administrators, of the deployments of others,
 * those that they may read.
 *
 * @throws AppError when Azure does not say which vaults the person may read
 */
export async function shownVaults(ctx: UserContext, deployment: Deployment): Promise<Shown> {
  if (!seesInPart(ctx.user, deployment)) return ALL;
  const vaults = await vaultsOf(ctx, deployment);
  const readable = await readableOf(ctx, vaults);
  const only = vaults.filter((id) => readable.has(id));
  const leftOut = vaults.length - only.length;
  return leftOut === 0 && isWhole(deployment, vaults) ? ALL : { only, leftOut };
}

/** Whether an item of the deployment is in one of these. */
export function isShown({ only }: Shown): RawBuilder<boolean> {
  return only === undefined ? sql<boolean>`true` : isAmong("vault_id", only);
}

/** Whether these are all the vaults that it will have: while it is planned there may be more in the next moment. */
function isWhole({ total }: Deployment, vaults: readonly string[]): boolean {
  return total > 0 && vaults.length === total;
}

/** The vaults of the deployments that were asked for last: a page is read every 2 s, and they stay the same. */
const kept = new Map<string, readonly string[]>();
const KEPT_MAX = 8;

async function vaultsOf({ db }: UserContext, deployment: Deployment): Promise<readonly string[]> {
  const { id } = deployment;
  const known = kept.get(id);
  if (known) return known;
  const items = await db.selectFrom("deployment_item").select("vault_id").where("deployment_id", "=", id).execute();
  const vaults = items.map((item) => item.vault_id);
  if (!isWhole(deployment, vaults)) return vaults;
  const [oldest] = kept.keys();
  if (kept.size >= KEPT_MAX && oldest !== undefined) kept.delete(oldest);
  kept.set(id, vaults);
  return vaults;
}

/**
 * The deployment, if this person may see it: people see their own, and one in a single vault that they may read, whose
 * page leads to it; analysts and administrators see all, of those of others the vaults that `shownVaults` names.
 *
 * @throws AppError `not_found` when there is none, or this person may not see it
 */
export async function visibleDeployment(ctx: UserContext, id: string): Promise<Deployment> {
  // What cannot be an id comes from an address that somebody typed: to them it is a deployment that is not there.
  const deployment = z.uuid().safeParse(id).success
    ? await ctx.db.selectFrom("deployment").selectAll().where("id", "=", id).executeTakeFirst()
    : undefined;
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

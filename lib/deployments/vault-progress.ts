import "server-only";
import { z } from "zod";
import { VaultIdText } from "@/lib/azure/vault-id-schema.pure";
import type { UserContext } from "@/lib/context";
import { requireVisible } from "@/lib/coverage/visible";
import { AppError } from "@/lib/errors";
import { itemView } from "./internal/shape";
import { spreadHoursOf } from "./internal/wanted";
import { opensFromVault } from "./opens";
import type { ItemState, VaultProgress } from "./views.pure";

export const VaultProgressQuery = z.strictObject({ id: z.uuid(), vaultId: VaultIdText });

/** The vault's own page does not name these, so they are shown to those alone who may open the deployment. */
const PLANNED_ONLY: readonly ItemState[] = ["planned", "blocked", "skipped"];

/**
 * How far a deployment is in one vault, however many others it has, for whoever may read that one. No times for those who
 * may not open the deployment: when something was written tells which object it is.
 *
 * @throws AppError `not_found` when the person may not read the vault, or the deployment does nothing there
 */
export async function readVaultProgress(
  ctx: UserContext,
  { id, vaultId }: z.infer<typeof VaultProgressQuery>,
): Promise<VaultProgress> {
  await requireVisible(ctx, vaultId);
  const deployment = await ctx.db.selectFrom("deployment").selectAll().where("id", "=", id).executeTakeFirst();
  const item = await ctx.db
    .selectFrom("deployment_item")
    .selectAll()
    .where("deployment_id", "=", id)
    .where("vault_id", "=", vaultId)
    .executeTakeFirst();
  const opens = deployment !== undefined && opensFromVault(ctx.user, deployment);
  if (!deployment || !item || (!opens && PLANNED_ONLY.includes(item.state))) {
    throw new AppError("not_found", "There is no such deployment in this vault.", { fix: "Open the vault again." });
  }
  const steps = await ctx.db.selectFrom("deployment_step").selectAll().where("item_id", "=", item.id).execute();
  const view = itemView(deployment.operation, item, steps, new Map());
  return {
    operation: deployment.operation,
    state: deployment.state,
    spreadHours: spreadHoursOf(deployment),
    opens,
    item: {
      state: view.state,
      kind: view.kind,
      count: view.count,
      problem: view.problem,
      steps: opens ? view.steps : view.steps.map((step) => ({ ...step, startedAt: null, endedAt: null })),
    },
  };
}

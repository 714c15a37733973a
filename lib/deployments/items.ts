import "server-only";
import { z } from "zod";
import { parseVaultId, vaultIdParts } from "@/lib/azure/resource-id.pure";
import type { UserContext } from "@/lib/context";
import { recoveryOf } from "./internal/recovery";
import { itemView, vaultNameOf } from "./internal/shape";
import { isShown, shownVaults, visibleDeployment } from "./internal/visible";
import { type DeploymentExport, DeploymentQuery, type ItemPage, ItemPlan, ItemState } from "./views.pure";

const PAGE = 200;

export const ItemsQuery = z.strictObject({
  ...DeploymentQuery.shape,
  state: ItemState.optional(),
  q: z.string().max(100).optional(),
  /** `next` of the page before. */
  after: z.string().max(400).optional(),
});

/**
 * One page of a deployment's vaults that this person is shown, in the order of their ids, which puts those of one group
 * together.
 *
 * @throws AppError `not_found` when there is no such deployment, or this person may not see it, or what Azure answers when
 *   it does not say which vaults the person may read
 */
export async function listItems(ctx: UserContext, query: z.infer<typeof ItemsQuery>): Promise<ItemPage> {
  const deployment = await visibleDeployment(ctx, query.id);
  const { id, operation } = deployment;
  const vaults = await shownVaults(ctx, deployment);
  const { state, q, after } = query;
  const items = await ctx.db
    .selectFrom("deployment_item")
    .selectAll()
    .where("deployment_id", "=", id)
    .where(isShown(vaults))
    .$if(state !== undefined, (select) => select.where("state", "=", state ?? "done"))
    // Not `like`: what a person types may hold its wildcards.
    .$if(q !== undefined, (select) =>
      select.where((eb) => eb(eb.fn("strpos", ["vault_id", eb.val(q?.toLowerCase() ?? "")]), ">", 0)),
    )
    .$if(after !== undefined, (select) => select.where("vault_id", ">", after ?? ""))
    .orderBy("vault_id")
    .limit(PAGE + 1)
    .execute();
  const shown = items.slice(0, PAGE);
  const steps = shown.length
    ? await ctx.db
        .selectFrom("deployment_step")
        .selectAll()
        .where(
          "item_id",
          "in",
          shown.map((item) => item.id),
        )
        .where("state", "=", "running")
        .execute()
    : [];
  const recoverable = await recoveryOf(ctx, id);
  return {
    items: shown.map((item) => {
      const { steps: _, ...row } = itemView(
        operation,
        item,
        steps.filter((step) => step.item_id === item.id),
        recoverable,
      );
      return row;
    }),
    next: items.length > PAGE ? (shown.at(-1)?.vault_id ?? null) : null,
  };
}

/**
 * Every vault of a deployment that this person is shown, with what came of it, for a file. Holds no decoy's name.
 *
 * @throws AppError as `listItems`
 */
export async function exportDeployment(ctx: UserContext, id: string): Promise<DeploymentExport> {
  const deployment = await visibleDeployment(ctx, id);
  const vaults = await shownVaults(ctx, deployment);
  const items = await ctx.db
    .selectFrom("deployment_item")
    .selectAll()
    .where("deployment_id", "=", id)
    .where(isShown(vaults))
    .orderBy("vault_id")
    .execute();
  const recoverable = await recoveryOf(ctx, id);
  return {
    deployment: {
      id,
      operation: deployment.operation,
      state: deployment.state,
      requestedBy: deployment.requested_by_name,
      createdAt: deployment.created_at.toISOString(),
      endedAt: deployment.ended_at?.toISOString() ?? null,
    },
    leftOut: vaults.leftOut,
    rows: items.map((item) => {
      const vaultId = parseVaultId(item.vault_id);
      const place = vaultId ? vaultIdParts(vaultId) : undefined;
      const plan = ItemPlan.safeParse(item.plan).data;
      return {
        vaultId: item.vault_id,
        vault: vaultNameOf(item.vault_id),
        subscriptionId: place?.subscriptionId ?? "",
        resourceGroup: place?.resourceGroup ?? "",
        state: item.state,
        kind: item.kind ?? "",
        count: item.count ?? 0,
        grant: plan?.grant ?? "",
        reason: item.problem ?? plan?.reasons.join(" ") ?? "",
        recoverableUntil: recoverable.get(item.id)?.toISOString() ?? "",
        updatedAt: item.updated_at.toISOString(),
      };
    }),
  };
}

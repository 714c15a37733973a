import "server-only";
import { type Selectable, sql } from "kysely";
import { parseVaultId, vaultIdParts } from "@/lib/azure/resource-id.pure";
import type { ServiceContext } from "@/lib/context";
import type { DeploymentItemTable, DeploymentStepTable } from "@/lib/store/schema";
import { stepsOf } from "../plan.pure";
import { ItemPlan, type ItemState, type ItemView, type Operation } from "../views.pure";

type Item = Selectable<DeploymentItemTable>;
type Step = Selectable<DeploymentStepTable>;

const ENDED: readonly ItemState[] = ["done", "failed", "needs_person", "cancelled", "blocked", "skipped"];

/** Whether nothing more happens to an item by itself. */
export function hasEnded(state: ItemState): boolean {
  return ENDED.includes(state);
}

/** The vault's name for a page; the id itself where it cannot be read. */
export function vaultNameOf(vaultId: string): string {
  const id = parseVaultId(vaultId);
  return id ? vaultIdParts(id).name : vaultId;
}

/**
 * An item for a page. `steps` are those recorded for it, in any order; `recoverable`, by item, is what `recoveryOf` says.
 * No decoy's name is in any of it.
 */
export function itemView(
  operation: Operation,
  item: Item,
  steps: readonly Step[],
  recoverable: ReadonlyMap<string, Date>,
): ItemView {
  const ended = hasEnded(item.state);
  const recorded = new Map(steps.map((step) => [step.step, step]));
  const plan = ItemPlan.safeParse(item.plan);
  const running = steps.find((step) => step.state === "running");
  const order: readonly { name: string; title: string }[] = stepsOf(operation);
  const title = order.find(({ name }) => name === running?.step)?.title ?? "Taking back what was begun";
  return {
    id: item.id,
    vaultId: item.vault_id,
    vaultName: vaultNameOf(item.vault_id),
    state: item.state,
    kind: item.kind,
    count: item.count,
    plan: plan.success ? plan.data : null,
    problem: item.problem,
    now: !ended && running ? [title, running.detail].filter(Boolean).join(": ") : null,
    recoverableUntil: recoverable.get(item.id)?.toISOString() ?? null,
    updatedAt: item.updated_at.toISOString(),
    steps: order.map(({ name, title: heading }) => {
      const step = recorded.get(name);
      return {
        name,
        title: heading,
        state: step?.state ?? (ended ? ("skipped" as const) : ("pending" as const)),
        detail: step?.detail ?? "",
        startedAt: step?.started_at.toISOString() ?? null,
        endedAt: step?.ended_at?.toISOString() ?? null,
      };
    }),
  };
}

/** No vault in any state. */
export const NO_ITEMS: Readonly<Record<ItemState, number>> = {
  planned: 0,
  blocked: 0,
  skipped: 0,
  queued: 0,
  running: 0,
  done: 0,
  failed: 0,
  needs_person: 0,
  cancelled: 0,
};

/** How many vaults of a deployment are in each state. */
export async function countItems({ db }: Pick<ServiceContext, "db">, id: string): Promise<Record<ItemState, number>> {
  const rows = await db
    .selectFrom("deployment_item")
    .select(["state", sql<string>`count(*)`.as("vaults")])
    .where("deployment_id", "=", id)
    .groupBy("state")
    .execute();
  const counts = { ...NO_ITEMS };
  for (const { state, vaults } of rows) counts[state] = Number(vaults);
  return counts;
}

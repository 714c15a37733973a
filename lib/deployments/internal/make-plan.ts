import "server-only";
import { randomUUID } from "node:crypto";
import type { Insertable } from "kysely";
import type { ServiceContext } from "@/lib/context";
import type { Fleet } from "@/lib/coverage/fleet";
import type { DeploymentItemTable } from "@/lib/store/schema";
import type { FleetRequest } from "../fleet.pure";
import { approvalFor } from "./approval";
import { type Chosen, chooseVaults } from "./choose-vaults";
import { judgeFleet } from "./judge-fleet";
import type { AllowedAt } from "./person-rights";
import { planTotals } from "./totals";
import { type Verdict, withGrants } from "./ways";

/** PostgreSQL takes 65,535 parameters a statement. */
const ROWS_AT_ONCE = 1_000;

/** For whom a plan is made. */
export interface Planner {
  fleet: Fleet;
  allowedFor(chosen: readonly Chosen[]): Promise<AllowedAt>;
}

/**
 * Makes the plan of a recorded deployment: for each vault what would be done, or why nothing is. Reads Azure in bulk, as
 * the person and as the collecting identity; writes to our own ledger only.
 *
 * @throws AppError when what it rests on cannot be read, or when nothing was chosen
 */
export async function makePlan(
  ctx: ServiceContext,
  { fleet, allowedFor }: Planner,
  id: string,
  request: FleetRequest,
): Promise<void> {
  const chosen = chooseVaults(fleet.rows, request.selection);
  const allowedAt = await allowedFor(chosen);
  const verdicts = withGrants(fleet, request, await judgeFleet(ctx, allowedAt, fleet, chosen, request));
  const rows = verdicts.map((verdict) => itemOf(ctx, id, verdict));
  for (let start = 0; start < rows.length; start += ROWS_AT_ONCE) {
    await ctx.db
      .insertInto("deployment_item")
      .values(rows.slice(start, start + ROWS_AT_ONCE))
      .execute();
  }
  // However they were chosen: a filter that lets everything through means all vaults as well.
  const all = request.selection.by === "all" || (chosen.length > 1 && chosen.length >= fleet.rows.length);
  const totals = await planTotals(ctx, { id, operation: request.operation }, all);
  const planned = verdicts.filter(({ state }) => state === "planned").length;
  const reason = await approvalFor(ctx, request, { planned, all });
  await ctx.db
    .updateTable("deployment")
    .set({
      state: "planned",
      total: rows.length,
      totals: JSON.stringify(totals),
      approval: reason === undefined ? "not_needed" : "needed",
      approval_reason: reason ?? null,
    })
    .where("id", "=", id)
    // Discarded meanwhile: then it stays so.
    .where("state", "=", "planning")
    .execute();
}

function itemOf(
  { now }: Pick<ServiceContext, "now">,
  deploymentId: string,
  verdict: Verdict,
): Insertable<DeploymentItemTable> {
  const { vaultId, state, kind, count, plan, note } = verdict;
  return {
    id: randomUUID(),
    deployment_id: deploymentId,
    vault_id: vaultId,
    state,
    kind,
    count,
    plan: JSON.stringify({ ...plan, ...note }),
    created_at: now(),
    updated_at: now(),
  };
}

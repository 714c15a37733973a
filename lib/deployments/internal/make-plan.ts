import "server-only";
import { randomUUID } from "node:crypto";
import type { Insertable } from "kysely";
import type { UserContext } from "@/lib/context";
import { readFleet } from "@/lib/coverage/fleet";
import type { DeploymentItemTable } from "@/lib/store/schema";
import type { FleetRequest } from "../fleet.pure";
import { approvalFor } from "./approval";
import { chooseVaults } from "./choose-vaults";
import { judgeFleet } from "./judge-fleet";
import { planTotals } from "./totals";
import { type Verdict, withGrants } from "./ways";

/** PostgreSQL takes 65,535 parameters a statement. */
const ROWS_AT_ONCE = 1_000;

/**
 * Makes the plan of a recorded deployment: for each vault what would be done, or why nothing is. Reads Azure in bulk, as
 * the person and as the collecting identity; writes to our own ledger only.
 *
 * @throws AppError when the person's vaults cannot be read, or when nothing was chosen
 */
export async function makePlan(ctx: UserContext, id: string, request: FleetRequest): Promise<void> {
  const fleet = await readFleet(ctx);
  const chosen = chooseVaults(fleet.rows, request.selection);
  const verdicts = withGrants(fleet, await judgeFleet(ctx, fleet, chosen, request));
  const rows = verdicts.map((verdict) => itemOf(ctx, id, verdict));
  for (let start = 0; start < rows.length; start += ROWS_AT_ONCE) {
    await ctx.db
      .insertInto("deployment_item")
      .values(rows.slice(start, start + ROWS_AT_ONCE))
      .execute();
  }
  const totals = await planTotals(ctx, { id, operation: request.operation });
  const planned = verdicts.filter(({ state }) => state === "planned").length;
  const reason = await approvalFor(ctx, request, planned);
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

function itemOf({ now }: UserContext, deploymentId: string, verdict: Verdict): Insertable<DeploymentItemTable> {
  const { vaultId, state, kind, count, plan } = verdict;
  return {
    id: randomUUID(),
    deployment_id: deploymentId,
    vault_id: vaultId,
    state,
    kind,
    count,
    plan: JSON.stringify(plan),
    created_at: now(),
    updated_at: now(),
  };
}

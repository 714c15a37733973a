import "server-only";
import { randomUUID } from "node:crypto";
import { parseVaultId } from "@/lib/azure/resource-id.pure";
import type { ServiceContext } from "@/lib/context";
import { readWholeFleet } from "@/lib/coverage/fleet";
import { activeExceptions } from "@/lib/exceptions/exceptions";
import { readSettings } from "@/lib/settings/settings";
import { isWithin } from "@/lib/settings/settings.pure";
import { writeAudit } from "@/lib/store/audit";
import { listDecoys } from "@/lib/store/decoys";
import { readVaultFacts } from "@/lib/store/facts";
import { launch, saysNothingLeft } from "./control";
import { FleetRequest } from "./fleet.pure";
import { makePlan } from "./internal/make-plan";
import { askedAtTheStart } from "./internal/person-rights";
import { CHOSEN_ONE_BY_ONE_MAX } from "./limits.pure";
import { type KnownVaults, newVaultsToPlan, nightlyPlanDue } from "./nightly.pure";
import { giveUpPlan, withdrawPlan } from "./plan";
import type { ItemState } from "./views.pure";

/** Who a nightly plan is by, until an administrator starts it. */
const PLANNER = "Nightly plan";

/**
 * Makes the plan for new vaults when its hour has come. It waits for an administrator, or starts by itself in the name
 * of the administrator who set that, whose own rights are asked for at each vault then.
 *
 * @param since when this process began; a night before that is not made up for
 * @returns the plan's id; undefined when none was due or there is nothing new
 */
export async function planTheNight(service: ServiceContext, since: Date): Promise<string | undefined> {
  const { db, now } = service;
  const { newVaults, deployments } = await readSettings(db);
  // A plan that starts by itself waits until deployments may begin again.
  if (newVaults.nightlyPlan === "carry_out" && isWithin(deployments.refuseHours, now())) return undefined;
  const last = await db
    .selectFrom("audit")
    .select("at")
    .where("action", "=", "deployment.nightly")
    .orderBy("at", "desc")
    .limit(1)
    .executeTakeFirst();
  if (!nightlyPlanDue(newVaults, last?.at ?? null, since, now())) return undefined;
  const fleet = await readWholeFleet(service);
  const vaults = fleet.rows.flatMap((row) => parseVaultId(row.id) ?? []);
  const known = await knownVaults(service);
  const fresh = newVaultsToPlan(vaults, known, await activeExceptions(db, now()), newVaults, now());
  const chosen = fresh.slice(0, CHOSEN_ONE_BY_ONE_MAX);
  const id = chosen.length > 0 ? randomUUID() : undefined;
  const request = FleetRequest.safeParse({
    operation: "plant",
    selection: { by: "vaults", vaultIds: chosen },
    spreadHours: deployments.defaultSpreadHours,
  }).data;
  const by = { tid: service.config.tenantId, system: PLANNER };
  const after = { deployment: id ?? null, newVaults: fresh.length };
  await db.transaction().execute(async (transaction) => {
    await writeAudit(transaction, { by, action: "deployment.nightly", after, result: "ok" }, now());
    if (id === undefined || request === undefined) return;
    const authority = await transaction
      .selectFrom("setting")
      .select(["updated_by_oid", "updated_by_name"])
      .where("name", "=", "newVaults")
      .executeTakeFirst();
    const alone = newVaults.nightlyPlan === "carry_out" ? authority : undefined;
    await transaction
      .insertInto("deployment")
      .values({
        id,
        requested_by_tid: service.config.tenantId,
        requested_by_oid: alone?.updated_by_oid ?? "",
        requested_by_name: alone ? `${PLANNER}, for ${alone.updated_by_name}` : PLANNER,
        operation: request.operation,
        kind: request.kind,
        count: null,
        name: null,
        request: JSON.stringify(request),
        total: 0,
        state: "planning",
        created_at: now(),
      })
      .execute();
  });
  if (id === undefined || request === undefined) return undefined;
  try {
    await makePlan(service, { fleet, allowedFor: async () => askedAtTheStart }, id, request);
  } catch (error) {
    await giveUpPlan(service, id, error);
    return id;
  }
  if (newVaults.nightlyPlan === "carry_out") await launchAlone(service, id);
  return id;
}

/** Starts the plan by itself, unless it is so large that a second administrator has to see it. */
async function launchAlone(service: ServiceContext, id: string): Promise<void> {
  const deployment = await service.db
    .selectFrom("deployment")
    .selectAll()
    .where("id", "=", id)
    .executeTakeFirstOrThrow();
  if (deployment.state !== "planned" || deployment.requested_by_oid === "") return;
  if (deployment.approval === "needed") {
    await service.db.transaction().execute(async (transaction) => {
      await transaction.updateTable("deployment").set({ state: "awaiting_approval" }).where("id", "=", id).execute();
      const by = { tid: deployment.requested_by_tid, system: PLANNER };
      const after = { deployment: id, state: "awaiting_approval" };
      await writeAudit(
        transaction,
        { by, action: "deployment.confirm", before: { state: deployment.state }, after, result: "ok" },
        service.now(),
      );
    });
    return;
  }
  const user = {
    tid: deployment.requested_by_tid,
    oid: deployment.requested_by_oid,
    name: deployment.requested_by_name,
  };
  try {
    await launch(service, user, deployment, "deployment.start");
  } catch (error) {
    if (!saysNothingLeft(error)) throw error;
    // Nobody looks at it, and as a plan it would keep its vaults out of the next nights' plans.
    await withdrawPlan(service, id, { system: PLANNER, problem: error.failure.message });
  }
}

async function knownVaults({ db }: ServiceContext): Promise<KnownVaults> {
  const [facts, decoys, items] = await Promise.all([
    readVaultFacts(db, "diagnostics"),
    listDecoys(db),
    db.selectFrom("deployment_item").select(["vault_id", "state", "updated_at"]).execute(),
  ]);
  const deployed = new Map<string, { state: ItemState; at: Date }[]>();
  for (const { vault_id: vaultId, state, updated_at: at } of items)
    deployed.set(vaultId, [...(deployed.get(vaultId) ?? []), { state, at }]);
  return {
    collected: new Set(facts.map(({ vaultId }) => vaultId)),
    withDecoy: new Set(decoys.map((decoy) => decoy.vault_id)),
    deployed,
  };
}

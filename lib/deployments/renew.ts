import "server-only";
import { randomUUID } from "node:crypto";
import type { ServiceContext, UserContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { activeExceptions } from "@/lib/exceptions/exceptions";
import { exceptionIndex } from "@/lib/exceptions/exceptions.pure";
import { readSettings } from "@/lib/settings/settings";
import { isWithin } from "@/lib/settings/settings.pure";
import { writeAudit } from "@/lib/store/audit";
import { chunksFor, sendChunks } from "./internal/chunks";
import { controlsFor } from "./internal/controls";
import { afterVersion, nextDue } from "./internal/decoy-plan";
import { afterRounds } from "./internal/rounds";
import { type Scheduled, scheduledDecoys } from "./internal/scheduled";
import { countItems } from "./internal/shape";
import { type Deployment, visibleDeployment } from "./internal/visible";
import { scheduleOf } from "./internal/wanted";

/*
 * Further versions of decoys, where a plan asked for them: at the moments that were planned with each decoy, and after
 * each round in which its neighbours were renewed.
 */

/**
 * Begins a deployment for the versions that are due now, one for each plan that asked for them, in the name of whoever
 * started that plan: their right is asked for again at each vault. A version that fails is not tried again by itself; the
 * next one is.
 *
 * @returns ids of the deployments that were begun
 */
export async function renewWhatIsDue(service: ServiceContext): Promise<string[]> {
  const { db, now } = service;
  const { refuseHours } = (await readSettings(db)).deployments;
  if (isWithin(refuseHours, now())) return [];
  const exceptionsAt = exceptionIndex(await activeExceptions(db, now()));
  const scheduled = (await scheduledDecoys(service)).filter(({ vaultId }) => {
    const { exclusion, exemption } = exceptionsAt(vaultId);
    return !exclusion && !exemption;
  });
  const due = scheduled.filter(({ renewAt }) => renewAt !== null && renewAt <= now());
  const early = scheduled.filter((one) => !due.includes(one));
  const byPlan = new Map<string, Scheduled[]>();
  for (const one of [...due, ...(await afterRounds(service, early))]) {
    byPlan.set(one.deploymentId, [...(byPlan.get(one.deploymentId) ?? []), one]);
  }
  const begun: string[] = [];
  for (const [planId, decoys] of byPlan) {
    const id = await begin(service, planId, decoys);
    if (id === undefined) continue;
    await sendChunks(service, id);
    begun.push(id);
  }
  return begun;
}

/** Records the deployment with all that it is to write, and moves the schedule on; undefined when others were faster. */
async function begin(
  { db, now, config }: ServiceContext,
  planId: string,
  decoys: readonly Scheduled[],
): Promise<string | undefined> {
  const id = randomUUID();
  const at = now();
  const byVault = new Map<string, Scheduled[]>();
  for (const one of decoys) byVault.set(one.vaultId, [...(byVault.get(one.vaultId) ?? []), one]);
  return db.transaction().execute(async (transaction) => {
    const plan = await transaction.selectFrom("deployment").selectAll().where("id", "=", planId).executeTakeFirst();
    if (!plan) return undefined;
    const name = `The schedule of ${plan.requested_by_name}'s deployment of ${plan.created_at.toISOString().slice(0, 10)}`;
    await transaction
      .insertInto("deployment")
      .values({
        id,
        requested_by_tid: plan.requested_by_tid,
        requested_by_oid: plan.requested_by_oid,
        requested_by_name: name,
        operation: "renew",
        kind: "auto",
        count: null,
        name: null,
        request: JSON.stringify({ scheduleOf: planId }),
        total: byVault.size,
        state: "queued",
        created_at: at,
        started_at: at,
      })
      .execute();
    const chunks = chunksFor(byVault.size);
    const items = [...byVault].map(([vaultId, of], index) => ({
      id: randomUUID(),
      deployment_id: id,
      vault_id: vaultId,
      state: "queued" as const,
      kind: of[0]?.kind ?? "secret",
      count: of.length,
      chunk: index % chunks,
      created_at: at,
      updated_at: at,
    }));
    // A vault has one deployment at a time: where another one has just begun, these wait for the next look.
    const mine = await transaction
      .insertInto("deployment_item")
      .values(items)
      .onConflict((conflict) => conflict.doNothing())
      .returning(["id", "vault_id"])
      .execute();
    if (mine.length < items.length) {
      if (mine.length === 0) await transaction.deleteFrom("deployment").where("id", "=", id).execute();
      else await transaction.updateTable("deployment").set({ total: mine.length }).where("id", "=", id).execute();
      if (mine.length === 0) return undefined;
    }
    for (const item of mine) {
      for (const { decoyId, history } of byVault.get(item.vault_id) ?? []) {
        await transaction
          .insertInto("decoy_renewal")
          .values({ id: randomUUID(), decoy_id: decoyId, item_id: item.id, created_at: at })
          .execute();
        const next = afterVersion(history, at);
        await transaction
          .updateTable("decoy")
          .set({ history: JSON.stringify(next), renew_at: nextDue(next) })
          .where("id", "=", decoyId)
          // Ended in this moment: then it stays so.
          .where("history", "is not", null)
          .execute();
      }
    }
    const by = { tid: config.tenantId, system: name };
    const after = { deployment: id, scheduleOf: planId, vaults: mine.length, operation: "renew" };
    await writeAudit(transaction, { by, action: "deployment.renew", after, result: "ok" }, at);
    return id;
  });
}

/** How many decoys still get further versions by the schedule of this deployment, or by the one that it belongs to. */
export async function scheduledBy({ db }: Pick<ServiceContext, "db">, deployment: Deployment): Promise<number> {
  const { scheduled } = await ofSchedule(db, scheduleOf(deployment))
    .select(({ fn }) => fn.countAll<string>().as("scheduled"))
    .executeTakeFirstOrThrow();
  return Number(scheduled);
}

function ofSchedule(db: ServiceContext["db"], planId: string) {
  return db
    .selectFrom("decoy")
    .innerJoin("deployment_item", "deployment_item.id", "decoy.item_id")
    .where("deployment_item.deployment_id", "=", planId)
    .where("decoy.history", "is not", null)
    .where("decoy.state", "not in", ["retired", "failed"]);
}

/**
 * Ends a schedule: what it planted stays and is watched, and gets no further version. What it has begun goes on and is
 * cancelled by itself.
 *
 * @throws AppError `conflict` when the person may not, or there is none
 */
export async function stopSchedule(ctx: UserContext, { id }: { id: string }): Promise<{ state: Deployment["state"] }> {
  const deployment = await visibleDeployment(ctx, id);
  const scheduled = await scheduledBy(ctx, deployment);
  const { may } = controlsFor(deployment, await countItems(ctx, id), ctx.user, scheduled);
  if (!may.stopSchedule) {
    throw new AppError("conflict", "Only whoever asked for further versions, or an administrator, ends them.", {
      fix: "Open the deployment again to see whether there are any.",
    });
  }
  const planId = scheduleOf(deployment);
  await ctx.db.transaction().execute(async (transaction) => {
    const { numUpdatedRows } = await transaction
      .updateTable("decoy")
      .set({ history: null, renew_at: null })
      .where("id", "in", ofSchedule(transaction, planId).select("decoy.id"))
      .executeTakeFirstOrThrow();
    const before = { deployment: planId, honeytokens: Number(numUpdatedRows) };
    const audit = { by: ctx.user, action: "deployment.stopSchedule", before, result: "ok" };
    await writeAudit(transaction, audit, ctx.now());
  });
  return { state: deployment.state };
}

import "server-only";
import { type Kysely, sql } from "kysely";
import type { ServiceContext, User, UserContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { readSettings } from "@/lib/settings/settings";
import { isWithin } from "@/lib/settings/settings.pure";
import { writeAudit } from "@/lib/store/audit";
import { isTaken } from "@/lib/store/errors";
import type { Database } from "@/lib/store/schema";
import type { Confirmation } from "./fleet.pure";
import { approvalFor } from "./internal/approval";
import { rememberCaller } from "./internal/callers";
import { chunksFor, sendChunks } from "./internal/chunks";
import { controlsFor } from "./internal/controls";
import { leaveOut } from "./internal/leave-out";
import { endDeployment, itemsInOrder } from "./internal/ledger";
import { countItems } from "./internal/shape";
import { type Deployment, visibleDeployment } from "./internal/visible";
import { spreadHoursOf } from "./internal/wanted";
import { type DeploymentState, type DeploymentView, PlanTotals } from "./views.pure";

/*
 * What people do with a deployment. Each records the intent, with its audit row, and leaves the work to the workers.
 */

interface OnlyId {
  id: string;
}
/** Who does it. */
type Actor = Pick<User, "tid" | "oid" | "name">;

interface Answer {
  state: DeploymentState;
}

/**
 * Confirms a plan. It starts, or waits for a second administrator.
 *
 * @throws AppError `forbidden` when it is not this person's, `invalid` when the number that was typed is not the plan's,
 *   `conflict` when it is not a plan any more
 */
export async function startDeployment(ctx: UserContext, { id, typed }: Confirmation): Promise<Answer> {
  const { deployment, confirmByTyping, counts } = await permitted(ctx, id, "start");
  requireTyped(confirmByTyping, typed);
  await requireHour(ctx);
  // A plan of the product's own becomes that of the administrator who starts it.
  const { tid, oid, name } = ctx.user;
  const mine = { requested_by_tid: tid, requested_by_oid: oid, requested_by_name: name };
  const taken = deployment.requested_by_oid === "" ? mine : {};
  rememberCaller(id, ctx.asUser, ctx.now());
  const approval = await approvalNow(ctx, deployment, counts.planned);
  if (approval.approval === "needed") {
    await change(ctx, deployment, "deployment.confirm", { ...taken, ...approval, state: "awaiting_approval" });
    return { state: "awaiting_approval" };
  }
  return launch(ctx, ctx.user, deployment, "deployment.start", taken);
}

/** Whether a plan has to be approved: also by what the settings say now, since days may lie between it and its start. */
async function approvalNow(
  ctx: UserContext,
  { operation, totals, approval, approval_reason }: Deployment,
  planned: number,
): Promise<Pick<Deployment, "approval" | "approval_reason">> {
  if (approval !== "not_needed" || operation === "renew") return { approval, approval_reason };
  const all = PlanTotals.safeParse(totals).data?.all === true;
  const reason = await approvalFor(ctx, { operation }, { planned, all });
  return reason === undefined ? { approval, approval_reason } : { approval: "needed", approval_reason: reason };
}

/** Approves the plan of another administrator, and starts it. @throws AppError as `startDeployment` */
export async function approveDeployment(ctx: UserContext, { id }: OnlyId): Promise<Answer> {
  const { deployment } = await permitted(ctx, id, "approve");
  await requireHour(ctx);
  return launch(ctx, ctx.user, deployment, "deployment.approve", {
    approval: "given",
    approved_by_oid: ctx.user.oid,
    approved_by_name: ctx.user.name,
    approved_at: ctx.now(),
  });
}

/** Refuses the plan of another administrator; nothing was done. */
export async function refuseDeployment(ctx: UserContext, { id }: OnlyId): Promise<Answer> {
  const { deployment } = await permitted(ctx, id, "approve");
  await change(ctx, deployment, "deployment.refuse", {
    state: "cancelled",
    approval: "refused",
    approved_by_oid: ctx.user.oid,
    approved_by_name: ctx.user.name,
    approved_at: ctx.now(),
    ended_at: ctx.now(),
    problem: `${ctx.user.name} did not approve it.`,
  });
  return { state: "cancelled" };
}

/** Begins nothing new from now on; what is written already is brought to its end. */
export async function pauseDeployment(ctx: UserContext, { id }: OnlyId): Promise<Answer> {
  const { deployment } = await permitted(ctx, id, "pause");
  await change(ctx, deployment, "deployment.pause", { state: "paused" });
  return { state: "paused" };
}

export async function resumeDeployment(ctx: UserContext, { id }: OnlyId): Promise<Answer> {
  const { deployment } = await permitted(ctx, id, "resume");
  await change(ctx, deployment, "deployment.resume", { state: "running" });
  await sendChunks(ctx, id);
  return { state: "running" };
}

/** Ends it: what was not begun is not done, what was begun is taken back, what is written stays and is watched. */
export async function cancelDeployment(ctx: UserContext, { id }: OnlyId): Promise<Answer> {
  const { deployment } = await permitted(ctx, id, "cancel");
  await change(ctx, deployment, "deployment.cancel", { state: "cancelled" });
  const unclaimed = itemsInOrder(ctx.db)
    .where("deployment_id", "=", id)
    .where("state", "=", "queued")
    .where("claim", "is", null);
  await ctx.db
    .updateTable("deployment_item")
    .set({ state: "cancelled", updated_at: ctx.now() })
    .where("id", "in", unclaimed)
    .execute();
  // Whoever has the others may let them go before it hears of this: their chunks are looked at at once, and every minute.
  await sendChunks(ctx, id);
  await endDeployment(ctx, id);
  return { state: "cancelled" };
}

/** Does again, from the beginning, what failed or was cancelled. What needs a person stays a person's. */
export async function retryDeployment(ctx: UserContext, { id, typed }: Confirmation): Promise<Answer> {
  const { deployment, confirmByTyping, counts } = await permitted(ctx, id, "retry");
  requireTyped(confirmByTyping, typed);
  if (counts.failed + counts.cancelled > 1) await requireHour(ctx);
  // It goes on in the name of whoever asked for it, so only that person's own token says what may be done.
  if (deployment.requested_by_oid === ctx.user.oid) rememberCaller(id, ctx.asUser, ctx.now());
  await conflicting(async () => {
    await ctx.db.transaction().execute(async (transaction) => {
      const left = await leaveOut(transaction, deployment, ["failed", "cancelled"], ctx.now());
      const again = await transaction
        .updateTable("deployment_item")
        .set((eb) => ({
          state: "queued",
          ending: null,
          problem: null,
          not_before: null,
          attempt: eb("attempt", "+", 1),
          updated_at: ctx.now(),
        }))
        .where("deployment_id", "=", id)
        .where("state", "in", ["failed", "cancelled"])
        .returning("id")
        .execute();
      // There was something to do again a moment ago: where nothing of it was left out, somebody else has taken it.
      if (again.length === 0) throw left > 0 ? nothingLeft() : changedMeanwhile();
      for (let start = 0; start < again.length; start += 1_000) {
        const ids = again.slice(start, start + 1_000).map((item) => item.id);
        await transaction.deleteFrom("deployment_step").where("item_id", "in", ids).execute();
      }
      await changeIn(transaction, ctx, deployment, "deployment.retry", { state: "queued", ended_at: null });
    });
  });
  // A job may be waiting for the turn of another vault; what failed has had its own.
  await sendChunks(ctx, id);
  return { state: "queued" };
}

/** Throws a plan away; nothing was done. */
export async function discardDeployment(ctx: UserContext, { id }: OnlyId): Promise<Answer> {
  const { deployment } = await permitted(ctx, id, "discard");
  await change(ctx, deployment, "deployment.discard", { state: "cancelled", ended_at: ctx.now() });
  await ctx.db
    .updateTable("deployment_item")
    .set({ state: "cancelled", updated_at: ctx.now() })
    .where("deployment_id", "=", id)
    .where("state", "=", "planned")
    .execute();
  return { state: "cancelled" };
}

/** @throws AppError `invalid` when a number has to be typed and another one, or none, was */
function requireTyped(expected: number | null, typed: number | undefined): void {
  if (expected === null || typed === expected) return;
  throw new AppError("invalid", `This changes ${expected} vaults; another number was typed.`, {
    field: "typed",
    fix: "Look at the deployment once more, then type the number of vaults that it would change now.",
  });
}

/** @throws AppError `conflict` in the hours in which the settings let no deployment over many vaults begin */
async function requireHour({ db, now }: UserContext): Promise<void> {
  const { refuseHours } = (await readSettings(db)).deployments;
  if (refuseHours === null || !isWithin(refuseHours, now())) return;
  throw new AppError(
    "conflict",
    `No deployment over many vaults is started between ${refuseHours.from}:00 and ${refuseHours.to}:00 UTC.`,
    { fix: "Start it later, or ask an administrator to change the settings." },
  );
}

type Verb = Exclude<keyof DeploymentView["may"], "stopSchedule">;

const REFUSALS: Record<Verb, string> = {
  start: "Only whoever made a plan starts it, and only while it is a plan with something to do.",
  approve: "Only a second administrator approves a plan, and only while it waits for that.",
  pause: "Only a running deployment can be paused, by whoever started it or an administrator.",
  resume: "Only a paused deployment can be resumed, by whoever started it or an administrator.",
  cancel: "Only a deployment that has not ended can be cancelled, by whoever started it or an administrator.",
  retry:
    "Only a deployment that was started and ended with failures can be done again, by whoever started it or an administrator.",
  discard: "Only a plan that was not started can be discarded, by whoever made it or an administrator.",
};

async function permitted(ctx: UserContext, id: string, verb: Verb) {
  const deployment = await visibleDeployment(ctx, id);
  const counts = await countItems(ctx, id);
  const { may, confirmByTyping } = controlsFor(deployment, counts, ctx.user);
  if (may[verb]) return { deployment, confirmByTyping, counts };
  throw new AppError("conflict", REFUSALS[verb], { fix: "Open the deployment again to see where it stands now." });
}

/**
 * Puts the planned vaults into the hands of the workers; `user` is who said so. Whatever else changes with that is
 * written in the same moment, so that of two people who decide at once only one has decided.
 */
export async function launch(
  ctx: ServiceContext,
  user: Actor,
  deployment: Deployment,
  action: string,
  columns: Columns = {},
): Promise<Answer> {
  const { id } = deployment;
  const at = ctx.now();
  await conflicting(async () => {
    await ctx.db.transaction().execute(async (transaction) => {
      const left = await leaveOut(transaction, deployment, ["planned"], at);
      // What is planted comes at moments that fit each vault, drawn when the vault is first looked at.
      const hours = deployment.operation === "retire" ? spreadHoursOf(deployment) : 0;
      const { planned } = await transaction
        .selectFrom("deployment_item")
        .select(sql<string>`count(*)`.as("planned"))
        .where("deployment_id", "=", id)
        .where("state", "=", "planned")
        .executeTakeFirstOrThrow();
      if (left > 0 && Number(planned) === 0) throw nothingLeft();
      // Mixed, so that no chunk is all of one subscription: each has a token bucket of its own. The vaults of a group stay
      // together, so that one of them goes ahead and not one in each chunk.
      await sql`
        update deployment_item set state = 'queued', chunk = mixed.chunk, updated_at = ${at},
          not_before = ${hours === 0 ? null : at}::timestamptz + random() * ${hours} * interval '1 hour'
        from (
          select id, ntile(${chunksFor(Number(planned))}::integer) over (
            order by md5(left(vault_id, strpos(vault_id, '/providers/'))), md5(id)) - 1 chunk
          from deployment_item where deployment_id = ${id} and state = 'planned'
        ) mixed
        where deployment_item.id = mixed.id`.execute(transaction);
      await changeIn(transaction, { user, now: ctx.now }, deployment, action, {
        ...columns,
        state: "queued",
        started_at: at,
      });
    });
  });
  await sendChunks(ctx, id);
  await endDeployment(ctx, id);
  return { state: "queued" };
}

const NOTHING_LEFT =
  "Nothing is left to do: in each of these vaults a deployment is running, or a honeytoken was planted since the plan was made.";

/** Instead of a deployment that is done where nothing was: what was planned, or had failed, stays as it is. */
function nothingLeft(): AppError {
  return new AppError("conflict", NOTHING_LEFT, { fix: "Make a new plan when the others have ended." });
}

/** Whether this is why `launch` did not start a plan: nothing in it would be done. */
export function saysNothingLeft(error: unknown): error is AppError {
  return error instanceof AppError && error.failure.message === NOTHING_LEFT;
}

function changedMeanwhile(): AppError {
  return new AppError("conflict", "Somebody else changed this deployment in the same moment.", {
    fix: "Open it again.",
  });
}

async function conflicting(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isTaken(error)) throw error;
    throw new AppError("conflict", "Another deployment began in one of these vaults in the same moment.", {
      fix: "Try again: that vault is then left out.",
    });
  }
}

type Columns = Partial<
  Pick<
    Deployment,
    | "requested_by_tid"
    | "requested_by_oid"
    | "requested_by_name"
    | "state"
    | "approval"
    | "approval_reason"
    | "approved_by_oid"
    | "approved_by_name"
    | "approved_at"
    | "started_at"
    | "ended_at"
    | "problem"
  >
>;

async function change(ctx: UserContext, deployment: Deployment, action: string, columns: Columns): Promise<void> {
  await ctx.db.transaction().execute((transaction) => changeIn(transaction, ctx, deployment, action, columns));
}

/** @throws AppError `conflict` when somebody else changed its state in the same moment */
async function changeIn(
  transaction: Kysely<Database>,
  { user, now }: { user: Actor; now: ServiceContext["now"] },
  { id, state, operation, total }: Deployment,
  action: string,
  columns: Columns,
): Promise<void> {
  const result = await transaction
    .updateTable("deployment")
    .set(columns)
    .where("id", "=", id)
    .where("state", "in", state === "queued" || state === "running" ? ["queued", "running"] : [state])
    .executeTakeFirst();
  if (result.numUpdatedRows === 0n) throw changedMeanwhile();
  const before = { deployment: id, state };
  const after = { state: columns.state ?? state, operation, vaults: total };
  await writeAudit(transaction, { by: user, action, before, after, result: "ok" }, now());
}

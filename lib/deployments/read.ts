import "server-only";
import { sql } from "kysely";
import type { UserContext } from "@/lib/context";
import { readableOf } from "@/lib/coverage/visible";
import { FleetRequest } from "./fleet.pure";
import { controlsFor, mayApprove } from "./internal/controls";
import { honeytokens } from "./internal/outcome";
import { recoveryOf } from "./internal/recovery";
import { countItems, hasEnded, itemView, vaultNameOf } from "./internal/shape";
import {
  type Deployment,
  isShown,
  type Shown,
  seesAll,
  seesInPart,
  shownVaults,
  visibleDeployment,
} from "./internal/visible";
import { spreadHoursOf } from "./internal/wanted";
import { scheduledBy } from "./renew";
import {
  type DeploymentList,
  type DeploymentState,
  type DeploymentView,
  ITEM_STATES,
  type ItemState,
  PlanTotals,
} from "./views.pure";

/** The newest ones; older ones stay in the audit trail. */
const LISTED_MAX = 500;
/** With more vaults the page asks for items by the page. */
const SHOWN_WITH_STEPS_MAX = 20;
/** The rate is that of so many minutes, so that a wait for Azure does not count for ever. */
const RATE_OVER_MS = 3 * 60_000;

/**
 * One deployment: how far it is, what its plan comes to, what this person may do with it. Counts and totals are those of
 * the whole, also where this person is shown some of its vaults only.
 *
 * @throws AppError `not_found` when there is none, or this person may not see it, or what Azure answers when it does not
 *   say which vaults the person may read
 */
export async function readDeployment(ctx: UserContext, id: string): Promise<DeploymentView> {
  const deployment = await visibleDeployment(ctx, id);
  const vaults = await shownVaults(ctx, deployment);
  const counts = await countItems(ctx, id);
  const request = FleetRequest.safeParse(deployment.request).data;
  const scheduled = await scheduledBy(ctx, deployment);
  const { may, confirmByTyping } = controlsFor(deployment, counts, ctx.user, scheduled);
  return {
    id,
    operation: deployment.operation,
    state: deployment.state,
    requestedBy: deployment.requested_by_name,
    createdAt: deployment.created_at.toISOString(),
    startedAt: deployment.started_at?.toISOString() ?? null,
    endedAt: deployment.ended_at?.toISOString() ?? null,
    kind: deployment.kind,
    count: deployment.count,
    spreadHours: request?.spreadHours ?? 0,
    history: request?.history ?? false,
    scheduled,
    chosen: deployment.operation === "renew" ? "Vaults whose honeytokens were due" : chosenBy(request),
    total: deployment.total,
    counts,
    totals: PlanTotals.safeParse(deployment.totals).data ?? null,
    problem: deployment.problem,
    progress: await progressOf(ctx, deployment, counts),
    approval: {
      state: deployment.approval,
      reason: deployment.approval_reason,
      by: deployment.approved_by_name,
      at: deployment.approved_at?.toISOString() ?? null,
    },
    may,
    confirmByTyping,
    leftOut: vaults.leftOut,
    items: deployment.total <= SHOWN_WITH_STEPS_MAX ? await itemsWithSteps(ctx, deployment, vaults) : [],
  };
}

async function progressOf(
  ctx: UserContext,
  deployment: Deployment,
  counts: Record<ItemState, number>,
): Promise<DeploymentView["progress"]> {
  const { db, now, user } = ctx;
  const { id, state, started_at: startedAt } = deployment;
  const remaining = counts.queued + counts.running;
  const ended = ITEM_STATES.filter(hasEnded).reduce((sum, one) => sum + counts[one], 0);
  if (state !== "running" || startedAt === null)
    return { ended, remaining, perMinute: null, secondsLeft: null, turns: null };
  const at = now().getTime();
  const since = new Date(Math.max(startedAt.getTime(), at - RATE_OVER_MS));
  const recent = await db
    .selectFrom("deployment_item")
    .select(sql<string>`count(*)`.as("vaults"))
    .where("deployment_id", "=", id)
    .where("state", "in", ["done", "failed", "needs_person"])
    .where("updated_at", ">", since)
    .executeTakeFirstOrThrow();
  const minutes = Math.max(1_000, at - since.getTime()) / 60_000;
  const perMinute = Number(recent.vaults) / minutes;
  const turns = spreadHoursOf(deployment) > 0 && seesAll(user) ? await turnsOf(ctx, id) : null;
  const secondsByRate = perMinute > 0 ? Math.round((remaining / perMinute) * 60) : null;
  return {
    ended,
    remaining,
    perMinute: Math.round(perMinute * 10) / 10,
    secondsLeft: turns === null ? secondsByRate : Math.round((Date.parse(turns.lastAt) - at) / 1_000),
    turns,
  };
}

/** When the next and the last of the vaults get their turn that wait for it. */
async function turnsOf({ db, now }: UserContext, id: string): Promise<DeploymentView["progress"]["turns"]> {
  const { next, last } = await db
    .selectFrom("deployment_item")
    .select(({ fn }) => [fn.min("moment").as("next"), fn.max("moment").as("last")])
    .where("deployment_id", "=", id)
    .where("state", "in", ["queued", "running"])
    .where("moment", ">", now())
    .executeTakeFirstOrThrow();
  return next === null || last === null ? null : { nextAt: next.toISOString(), lastAt: last.toISOString() };
}

async function itemsWithSteps(
  ctx: UserContext,
  { id, operation }: Deployment,
  vaults: Shown,
): Promise<DeploymentView["items"]> {
  const { db } = ctx;
  const items = await db
    .selectFrom("deployment_item")
    .selectAll()
    .where("deployment_id", "=", id)
    .where(isShown(vaults))
    .orderBy("vault_id")
    .execute();
  const steps = await db
    .selectFrom("deployment_step")
    .innerJoin("deployment_item", "deployment_item.id", "deployment_step.item_id")
    .selectAll("deployment_step")
    .where("deployment_item.deployment_id", "=", id)
    .execute();
  const recoverable = await recoveryOf(ctx, id);
  return items.map((item) =>
    itemView(
      operation,
      item,
      steps.filter((step) => step.item_id === item.id),
      recoverable,
    ),
  );
}

/**
 * The newest deployments, newest first: the person's own; all of them for analysts and administrators. One in a single
 * vault is called by its name where the person may read it.
 *
 * @throws AppError when Azure does not say which vaults the person may read
 */
export async function listDeployments(ctx: UserContext): Promise<DeploymentList> {
  const { db, user } = ctx;
  const deployments = await db
    .selectFrom("deployment")
    .selectAll()
    .$if(!seesAll(user), (query) => query.where("requested_by_oid", "=", user.oid))
    .orderBy("created_at", "desc")
    .limit(LISTED_MAX)
    .execute();
  const onlyVault = await onlyVaults(ctx, deployments);
  return {
    ownOnly: !seesAll(user),
    deployments: deployments.map((deployment) => ({
      id: deployment.id,
      state: deployment.state,
      requestedBy: deployment.requested_by_name,
      createdAt: deployment.created_at.toISOString(),
      endedAt: deployment.ended_at?.toISOString() ?? null,
      operation: deployment.operation,
      vaults: deployment.total,
      awaitsYou: mayApprove(deployment, user),
      summary: summaryOf(deployment, onlyVault.get(deployment.id)),
    })),
  };
}

/** The vault's name for each deployment in a single one, where the person is shown it. */
async function onlyVaults(ctx: UserContext, deployments: readonly Deployment[]): Promise<ReadonlyMap<string, string>> {
  const single = deployments.filter(({ total }) => total === 1);
  if (single.length === 0) return new Map();
  const items = await ctx.db
    .selectFrom("deployment_item")
    .select(["deployment_id", "vault_id"])
    .where(
      "deployment_id",
      "in",
      single.map(({ id }) => id),
    )
    .execute();
  const inPart = new Set(single.filter((one) => seesInPart(ctx.user, one)).map(({ id }) => id));
  const asked = items.filter((item) => inPart.has(item.deployment_id)).map((item) => item.vault_id);
  const readable = await readableOf(ctx, asked);
  const shown = items.filter((item) => !inPart.has(item.deployment_id) || readable.has(item.vault_id));
  return new Map(shown.map((item) => [item.deployment_id, vaultNameOf(item.vault_id)]));
}

function chosenBy(request: FleetRequest | undefined): string {
  if (request?.decoyIds !== undefined) return "Single honeytokens of one vault";
  switch (request?.selection.by) {
    case "all":
      return "Every vault that this person may see";
    case "filter":
      return "All vaults that matched the filter of the board";
    case "vaults":
      return request.decoyIds ? "Single honeytokens of one vault" : "Vaults chosen one by one";
    default:
      return "One vault";
  }
}

const STATE_WORDS: Record<DeploymentState, string> = {
  planning: "being planned",
  planned: "planned, not started",
  awaiting_approval: "waiting for a second administrator",
  queued: "waiting to start",
  running: "in progress",
  paused: "paused",
  done: "done",
  failed: "not done",
  needs_person: "needs a person",
  cancelled: "cancelled",
};

function summaryOf({ operation, kind, count, state, total }: Deployment, onlyVault: string | undefined): string {
  // How many they are is not known while they are looked up.
  const many = state === "planning" && total === 0 ? "the chosen vaults" : `${total} vaults`;
  const where = onlyVault ?? (total === 1 ? "1 vault" : many);
  return `${whatIsDone(operation, kind, count)} ${where}: ${STATE_WORDS[state]}`;
}

function whatIsDone(operation: Deployment["operation"], kind: Deployment["kind"], count: number | null): string {
  if (operation === "retire") return "Remove honeytokens from";
  if (operation === "replace") return "Replace honeytokens in";
  if (operation === "renew") return "Further versions of honeytokens in";
  const what = count === null ? "Honeytokens" : honeytokens(count);
  return kind === "auto" ? `${what} in` : `${what} of kind ${kind} in`;
}

import "server-only";
import { randomUUID } from "node:crypto";
import type { UpdateQueryBuilder, UpdateResult } from "kysely";
import type { ServiceContext, UserContext } from "@/lib/context";
import { readFleet } from "@/lib/coverage/fleet";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import { writeAudit } from "@/lib/store/audit";
import type { Database } from "@/lib/store/schema";
import { planDefaults, withDefaults } from "./defaults";
import type { FleetRequest } from "./fleet.pure";
import { rememberCaller } from "./internal/callers";
import { makePlan } from "./internal/make-plan";
import { rightsOfPerson } from "./internal/person-rights";

/**
 * Records what a person wants to be planned and begins to plan it; the plan is read with `readDeployment`. Nothing is
 * written in Azure before it is confirmed. Planning needs the person's own token, so it is done in this process: one
 * that ends meanwhile leaves a plan that says so.
 *
 * @returns the id under which the plan is made
 * @throws AppError `conflict` while another plan of this person is being made, `forbidden` when a person who sees no names
 *   chooses single honeytokens
 */
export async function recordPlan(ctx: UserContext, asked: FleetRequest): Promise<{ id: string }> {
  const { tid, oid, name } = ctx.user;
  requireNames(ctx, asked);
  await requireNoOther(ctx);
  const request = withDefaults(asked, await planDefaults(ctx));
  const id = randomUUID();
  await ctx.db.transaction().execute(async (transaction) => {
    await transaction
      .insertInto("deployment")
      .values({
        id,
        requested_by_tid: tid,
        requested_by_oid: oid,
        requested_by_name: name,
        operation: request.operation,
        kind: request.kind,
        count: request.count ?? null,
        name: null,
        request: JSON.stringify(request),
        total: 0,
        state: "planning",
        created_at: ctx.now(),
      })
      .execute();
    const after = {
      deployment: id,
      operation: request.operation,
      chosen: request.selection.by,
      decoys: request.decoyIds,
    };
    await writeAudit(transaction, { by: ctx.user, action: "deployment.plan", after, result: "ok" }, ctx.now());
  });
  rememberCaller(id, ctx.asUser, ctx.now());
  void planFor(ctx, id, request).catch((error: unknown) => giveUpPlan(ctx, id, error));
  return { id };
}

/** Whoever may not tell one honeytoken from the other chooses all of a vault. */
function requireNames({ user }: UserContext, { decoyIds }: FleetRequest): void {
  if (decoyIds === undefined || user.roles.some((role) => role === "Soc.Analyst" || role === "Platform.Admin")) return;
  throw new AppError("forbidden", "Only analysts and administrators choose single honeytokens.", {
    field: "decoyIds",
    fix: "Plan it for all honeytokens of the vault.",
  });
}

/** A plan asks Azure about every vault: one at a time is enough for one person. */
async function requireNoOther({ db, user }: UserContext): Promise<void> {
  const other = await db
    .selectFrom("deployment")
    .select("id")
    .where("requested_by_oid", "=", user.oid)
    .where("state", "=", "planning")
    .executeTakeFirst();
  if (!other) return;
  throw new AppError("conflict", "Another plan of yours is still being made.", {
    fix: "Wait until it is there, or discard it on the page of deployments.",
  });
}

async function planFor(ctx: UserContext, id: string, request: FleetRequest): Promise<void> {
  const fleet = await readFleet(ctx);
  await makePlan(ctx, { fleet, allowedFor: (chosen) => rightsOfPerson(ctx, chosen) }, id, request);
}

/** A plan that could not be made says why. */
export async function giveUpPlan(ctx: Pick<ServiceContext, "db" | "now">, id: string, error: unknown): Promise<void> {
  if (!(error instanceof AppError)) log.error({ err: error, deployment: id }, "a plan could not be made");
  const problem =
    error instanceof AppError
      ? [error.failure.message, error.failure.fix].filter(Boolean).join(" ")
      : "Something failed in this product; its log says what. Make the plan again.";
  await endPlanning(ctx, problem, (query) => query.where("id", "=", id)).catch((failure: unknown) =>
    log.error({ err: failure, deployment: id }, "a failed plan could not be noted"),
  );
}

/** Plans take minutes at most; one that is older was lost with its process. */
const PLANNING_MAX_MS = 30 * 60_000;

/** A plan whose process ended says so instead of being made for ever. */
export async function giveUpLostPlans(ctx: Pick<ServiceContext, "db" | "now">): Promise<void> {
  const problem = "The product was restarted while the plan was made. Make it again.";
  const since = new Date(ctx.now().getTime() - PLANNING_MAX_MS);
  await endPlanning(ctx, problem, (query) => query.where("created_at", "<", since));
}

type Ended = UpdateQueryBuilder<Database, "deployment", "deployment", UpdateResult>;

/** Ends plans that are being made. What they had of their vaults goes: to have been looked at halfway is no part in a deployment. */
async function endPlanning(
  { db, now }: Pick<ServiceContext, "db" | "now">,
  problem: string,
  which: (query: Ended) => Ended,
): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    const query = transaction
      .updateTable("deployment")
      .set({ state: "failed", problem, ended_at: now() })
      .where("state", "=", "planning");
    for (const { id } of await which(query).returning("id").execute())
      await transaction.deleteFrom("deployment_item").where("deployment_id", "=", id).execute();
  });
}

/** What a plan says of a fleet is old news after that; it also bounds how long an approval may be given late. */
const PLAN_KEPT_MS = 14 * 24 * 60 * 60_000;

/** A plan that nobody started or approved in two weeks is thrown away: nothing of it was done. */
export async function expirePlans(ctx: Pick<ServiceContext, "db" | "now">): Promise<void> {
  const before = new Date(ctx.now().getTime() - PLAN_KEPT_MS);
  await endUnstarted(
    ctx,
    {
      system: "Expiry of plans",
      problem: "Nobody started or approved it within 14 days, so it was thrown away. Nothing was done; plan it again.",
      ofVaults: "Nobody started or approved the plan in time.",
    },
    (query) => query.where("state", "in", ["planned", "awaiting_approval"]).where("created_at", "<", before),
  );
}

/** Ends a plan of the product's own that it did not start; one that a person has taken up meanwhile is that person's. */
export async function withdrawPlan(
  ctx: Pick<ServiceContext, "db" | "now">,
  id: string,
  { system, problem }: { system: string; problem: string },
): Promise<void> {
  await endUnstarted(ctx, { system, problem, ofVaults: problem }, (query) =>
    query.where("id", "=", id).where("state", "=", "planned"),
  );
}

interface Ending {
  /** The part of the product that ends it. */
  system: string;
  problem: string;
  /** The same, as it stands beside each vault. */
  ofVaults: string;
}

async function endUnstarted(
  { db, now }: Pick<ServiceContext, "db" | "now">,
  { system, problem, ofVaults }: Ending,
  which: (query: Ended) => Ended,
): Promise<void> {
  const at = now();
  await db.transaction().execute(async (transaction) => {
    const query = transaction.updateTable("deployment").set({ state: "cancelled", ended_at: at, problem });
    const ended = await which(query).returning(["id", "requested_by_tid"]).execute();
    for (const { id, requested_by_tid: tid } of ended) {
      await transaction
        .updateTable("deployment_item")
        // Nobody has decided about them: a nightly plan may propose them again.
        .set({ state: "skipped", problem: ofVaults, updated_at: at })
        .where("deployment_id", "=", id)
        .where("state", "=", "planned")
        .execute();
      const by = { tid, system };
      await writeAudit(transaction, { by, action: "deployment.expire", after: { deployment: id }, result: "ok" }, at);
    }
  });
}

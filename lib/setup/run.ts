import "server-only";
import { randomUUID } from "node:crypto";
import type { UserContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { writeAudit } from "@/lib/store/audit";
import { isTaken } from "@/lib/store/errors";
import { carryRun } from "./internal/carry";
import { claimEnd, claimRun, endRun, type Run, requester, runOf, type Step, stepsOf } from "./internal/ledger";
import { preview } from "./internal/looked";
import { watchRun } from "./queue";
import { type RunSummary, type SetupRun, type SetupRuns, type StartSetup, stepsToWrite } from "./run.pure";

const LISTED_MAX = 20;

/**
 * Starts what the preview showed, in the person's name; does no work itself. It goes on in this process, which has the
 * person's token; the jobs notice when it ended before the run did.
 *
 * @throws AppError `conflict` when there is nothing to do, something else than in the preview, or a run already
 */
export async function startSetup(
  ctx: UserContext,
  { choice, seen, leaveOut = [] }: StartSetup,
): Promise<{ id: string }> {
  const now = await preview(ctx, choice);
  if (now.seen !== seen) {
    throw new AppError("conflict", "Something has changed since the preview.", { fix: "Look at the plan again." });
  }
  const due = stepsToWrite(now.plan, new Set(leaveOut));
  if (due.length === 0) throw new AppError("conflict", "There is nothing to do.");
  const id = randomUUID();
  const claim = randomUUID();
  const at = ctx.now();
  // Before there is anything to watch, so that a run whose process dies right after it was written down is found.
  await watchRun(ctx, id, at);
  const dataOf = (step: string) => {
    const found = now.looked.find(({ about }) => about.id === step)?.seen;
    return found && "data" in found ? found.data : undefined;
  };
  try {
    await ctx.db.transaction().execute(async (transaction) => {
      await transaction
        .insertInto("setup_run")
        .values({
          ...requester(ctx.user),
          ...{ id, claim, state: "running" as const, choice: JSON.stringify(choice) },
          ...{ note: null, claim_until: claimEnd(ctx), cancelled_by_name: null, created_at: at, ended_at: null },
        })
        .execute();
      const rows = due.map(({ id: step, title, where }, position) => ({
        ...{ run_id: id, position, step, title: `${title}, ${where}` },
        ...{ state: "queued" as const, started_at: null, ended_at: null },
        data: JSON.stringify(dataOf(step) ?? {}),
      }));
      await transaction.insertInto("setup_step").values(rows).execute();
      const after = { run: id, steps: due.map(({ id: step }) => step), ...choice };
      await writeAudit(transaction, { by: ctx.user, action: "setup.start", after, result: "ok" }, at);
    });
  } catch (error) {
    if (!isTaken(error)) throw error;
    throw new AppError("conflict", "The set-up is being carried out already.", { fix: "Wait until it has ended." });
  }
  void carryRun(ctx, id, claim);
  return { id };
}

/**
 * Goes on with a run whose process ended, or whose person has to sign in again, in the name of whoever asks.
 *
 * @throws AppError `not_found`, `conflict` when it does not wait
 */
export async function resumeSetup(ctx: UserContext, { id }: { id: string }): Promise<{ id: string }> {
  const run = await required(ctx, id);
  const claim = randomUUID();
  await watchRun(ctx, id, ctx.now());
  if (run.state !== "waiting" || !(await claimRun(ctx, id, claim, ctx.user))) {
    throw new AppError("conflict", "This set-up does not wait for anybody.");
  }
  await writeAudit(ctx.db, { by: ctx.user, action: "setup.resume", after: { run: id }, result: "ok" }, ctx.now());
  void carryRun(ctx, id, claim);
  return { id };
}

/**
 * Stops a run at the end of the step that it is at. What was written stays.
 *
 * @throws AppError `not_found`, `conflict` when it has ended
 */
export async function cancelSetup(ctx: UserContext, { id }: { id: string }): Promise<{ id: string }> {
  await required(ctx, id);
  const run = await ctx.db
    .updateTable("setup_run")
    .set({ cancelled_by_name: ctx.user.name })
    .where("id", "=", id)
    .where("ended_at", "is", null)
    .returningAll()
    .executeTakeFirst();
  if (!run) throw new AppError("conflict", "This set-up has ended already.");
  await writeAudit(ctx.db, { by: ctx.user, action: "setup.cancel", after: { run: id }, result: "ok" }, ctx.now());
  await watchRun(ctx, id, ctx.now());
  // Nobody carries it out who could notice.
  const claim = randomUUID();
  if (await claimRun(ctx, id, claim)) await endRun(ctx, run);
  return { id };
}

/** The newest runs, with how many steps came to what. */
export async function listSetupRuns({ db, user }: UserContext): Promise<SetupRuns> {
  const runs = await db.selectFrom("setup_run").selectAll().orderBy("created_at", "desc").limit(LISTED_MAX).execute();
  const ids = runs.map(({ id }) => id);
  const steps =
    ids.length === 0 ? [] : await db.selectFrom("setup_step").selectAll().where("run_id", "in", ids).execute();
  return {
    runs: runs.map((run) =>
      summaryOf(
        run,
        steps.filter(({ run_id }) => run_id === run.id),
      ),
    ),
    mayRun: user.roles.includes("Platform.Admin"),
  };
}

/** One run with what became of each step. @throws AppError `not_found` */
export async function readSetupRun(ctx: UserContext, { id }: { id: string }): Promise<SetupRun> {
  const run = await required(ctx, id);
  const steps = await stepsOf(ctx, id);
  return {
    ...summaryOf(run, steps),
    note: run.note,
    cancelling: run.cancelled_by_name !== null && run.ended_at === null,
    steps: steps.map(({ step, title, state, detail, started_at, ended_at }) => ({
      ...{ id: step, title, state, detail },
      startedAt: started_at?.toISOString() ?? null,
      endedAt: ended_at?.toISOString() ?? null,
    })),
  };
}

function summaryOf(run: Run, steps: readonly Pick<Step, "state">[]): RunSummary {
  const counts: RunSummary["counts"] = {};
  for (const { state } of steps) counts[state] = (counts[state] ?? 0) + 1;
  return {
    id: run.id,
    state: run.state,
    by: run.requested_by_name,
    createdAt: run.created_at.toISOString(),
    endedAt: run.ended_at?.toISOString() ?? null,
    counts,
  };
}

async function required(ctx: UserContext, id: string): Promise<Run> {
  const run = await runOf(ctx, id);
  if (!run) throw new AppError("not_found", "There is no such set-up.");
  return run;
}

import "server-only";
import { isAmbiguous } from "@/lib/azure/parse-error";
import type { UserContext } from "@/lib/context";
import { AppError, needsPerson } from "@/lib/errors";
import { log } from "@/lib/log";
import { pause } from "@/lib/pause";
import { writeAudit } from "@/lib/store/audit";
import { SetupChoice } from "../run.pure";
import { endRun, letGo, noteStep, type Run, renewClaim, runOf, type Step, stepsOf } from "./ledger";
import { stepsFor } from "./looked";
import { lacking, type SetupStep, type Written } from "./steps/step";

const RENEW_EVERY_MS = 15_000;
const UNHAPPY: readonly Step["state"][] = ["failed", "skipped", "cancelled"];

/**
 * Carries a claimed run out to its end with the person's own token, one step after the other. Each step is noted before
 * anything is written and looked at again first, so that a run whose process was killed goes on without a second write.
 * Never throws: what stops it is in the ledger or the log.
 */
export async function carryRun(ctx: UserContext, id: string, claim: string): Promise<void> {
  const renewing = setInterval(() => void renewClaim(ctx, id, claim).catch(() => {}), RENEW_EVERY_MS);
  try {
    await carrySteps(ctx, id, claim);
  } catch (error) {
    if (!needsPerson(error)) log.warn({ err: error, run: id }, "a set-up was interrupted");
    const note = `It was interrupted. ${sentence(error)} Go on with it then.`;
    // A store that is away is what the jobs notice, when the claim has ended.
    await letGo(ctx, id, claim, note).catch((err: unknown) => log.warn({ err, run: id }, "it is not noted"));
  } finally {
    clearInterval(renewing);
  }
}

async function carrySteps(ctx: UserContext, id: string, claim: string): Promise<void> {
  const run = await runOf(ctx, id);
  if (!run) return;
  const known = new Map((await stepsFor(ctx, SetupChoice.parse(run.choice))).map((step) => [step.id, step]));
  for (const { position } of await stepsOf(ctx, id)) {
    const mine = await renewClaim(ctx, id, claim);
    if (!mine) return;
    if (mine.cancelled_by_name !== null) break;
    const noted = await stepsOf(ctx, id);
    const row = noted.find((step) => step.position === position);
    if (!row || (row.state !== "queued" && row.state !== "running")) continue;
    await carryStep(ctx, { run, row, noted, step: known.get(row.step) });
  }
  if (!(await renewClaim(ctx, id, claim))) return;
  const state = await endRun(ctx, run);
  await writeAudit(ctx.db, { by: ctx.user, action: "setup.end", after: { run: id, state }, result: "ok" }, ctx.now());
}

interface Doing {
  run: Run;
  row: Step;
  noted: readonly Step[];
  /** Undefined where the person does not see its place any more. */
  step: SetupStep | undefined;
}

async function carryStep(ctx: UserContext, doing: Doing): Promise<void> {
  const { row, noted, step } = doing;
  const ended = (state: Step["state"], detail: string) => noteStep(ctx, row, { state, detail, ended_at: ctx.now() });
  if (!step) return ended("failed", "You do not see the place of this step any more. Nothing was written.");
  const broken = noted.find((one) => step.needs.includes(one.step) && UNHAPPY.includes(one.state));
  if (broken) return ended("skipped", `It stands on “${broken.title}”. Nothing was written.`);
  const resumed = row.state === "running";
  await noteStep(ctx, row, { state: "running", started_at: row.started_at ?? ctx.now() });
  const { outcome, detail } = await outcomeOf(ctx, { ...doing, step }, resumed);
  await ended(outcome, detail);
}

async function outcomeOf(ctx: UserContext, doing: Doing & { step: SetupStep }, resumed: boolean): Promise<Written> {
  const { row, step } = doing;
  let seen = "unknown";
  let writing = false;
  let done: Written;
  try {
    const look = await step.look(ctx);
    seen = look.state;
    if (look.state === "right") {
      // Begun by a process that ended: what it wrote has no audit row yet, if it was us who wrote it.
      if (resumed) await record(ctx, doing, { seen: "interrupted", result: "ok" });
      return { outcome: "unchanged", detail: resumed ? "It was there after the interruption." : "" };
    }
    const lacks = look.state === "cannot" ? [look.fix ?? look.detail] : await lacking(ctx, step.rights);
    if (lacks.length > 0) throw new AppError("forbidden", lacks.join(" "));
    writing = true;
    done = await persistently(ctx, doing, () => step.write(ctx, row.data));
  } catch (error) {
    if (!(error instanceof AppError) || needsPerson(error)) throw error;
    await record(ctx, doing, { seen, result: error.failure.message });
    const doubt = writing && isAmbiguous(error);
    const left = doubt ? "Whether it was written is not known: look at the plan again." : "Nothing was written.";
    return { outcome: "failed", detail: `${sentence(error)} ${left}` };
  }
  if (!step.recorded && done.outcome === "written") await record(ctx, doing, { seen, result: "ok" });
  return done;
}

/**
 * A role that was given a moment ago takes Azure up to ten minutes to honour: what the product's own identity is refused
 * meanwhile is tried again.
 */
async function persistently(
  ctx: UserContext,
  { row, step, noted }: Doing & { step: SetupStep },
  write: () => Promise<Written>,
) {
  const given = noted.find((one) => step.needs.includes(one.step) && one.step.startsWith("role-"))?.ended_at;
  const { grantRetryFor, poll } = ctx.config.timing;
  for (;;) {
    try {
      return await write();
    } catch (error) {
      const fresh = given && ctx.now().getTime() - given.getTime() < grantRetryFor;
      const spreads = step.by !== "you" && error instanceof AppError && error.failure.code === "forbidden";
      if (!spreads || !fresh || (await runOf(ctx, row.run_id))?.cancelled_by_name) throw error;
      await noteStep(ctx, row, { detail: "Waiting until Azure honours the role; that takes up to 10 minutes." });
      await pause(poll);
    }
  }
}

async function record(
  ctx: UserContext,
  { run, step }: Doing & { step: SetupStep },
  { seen, result }: { seen: string; result: string },
): Promise<void> {
  const entry = {
    by: ctx.user,
    action: "setup.step",
    before: { state: seen },
    after: { run: run.id, step: step.id, where: step.where, writes: step.writes, by: step.by },
    result,
  };
  await writeAudit(ctx.db, entry, ctx.now());
}

function sentence(error: unknown): string {
  if (!(error instanceof AppError)) return "Something failed on the server.";
  const { message, fix } = error.failure;
  return [message, fix].filter(Boolean).join(" ");
}

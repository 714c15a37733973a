import "server-only";
import { randomUUID } from "node:crypto";
import type { ServiceContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import { arriveStep } from "./internal/arrive-step";
import { checkStep } from "./internal/check-step";
import { confirmStep } from "./internal/confirm-step";
import { grantStep } from "./internal/grant-step";
import {
  beginStep,
  ClaimLost,
  claimItem,
  endItem,
  loadRun,
  noteStep,
  type Run,
  releaseClaim,
  reopenSteps,
  setEnding,
} from "./internal/ledger";
import { type Outcome, type StepHandler, type StepJob, skipped } from "./internal/outcome";
import { plantStep } from "./internal/plant-step";
import { publishStep } from "./internal/publish-step";
import { registerStep } from "./internal/register-step";
import { revokeStep } from "./internal/revoke-step";
import { unregisterStep } from "./internal/unregister-step";
import { watchStep } from "./internal/watch-step";
import { STEPS, type StepName } from "./plan.pure";

type AnyStep = StepName | "unregister";

const HANDLERS: Record<AnyStep, StepHandler> = {
  check: checkStep,
  register: registerStep,
  grant: grantStep,
  watch: watchStep,
  plant: plantStep,
  confirm: confirmStep,
  revoke: revokeStep,
  publish: publishStep,
  arrive: arriveStep,
  unregister: unregisterStep,
};

const FORWARD: readonly AnyStep[] = STEPS.map((step) => step.name);
/** What is done once it is decided that an item does not end well: undo what was not used, keep what exists watched. */
const CLOSING: readonly AnyStep[] = ["revoke", "unregister", "publish"];

/** How long Azure may fail before a job that has written nothing gives up. */
const OUTAGE_MS = 30 * 60_000;
/** A refusal before anything was written: nothing is gained by asking again. */
const NO_PATIENCE = -1;
const RENEW_CLAIM_MS = 15_000;
const BACKOFF_MAX_MS = 60_000;

/** What became of an item for now. */
export type ItemProgress = { ended: true } | { ended: false; again: Date };

/**
 * Carries one vault of a deployment as far as it goes: until it ends or has to wait. Every step is recorded before it
 * is done and may be repeated, so a process that was killed anywhere is continued by calling this again. An aborted
 * `signal` ends it after the step that is being done.
 *
 * @throws AppError `unavailable` when the store fails; everything that Azure does becomes part of the item's progress
 */
export async function runItem(service: ServiceContext, itemId: string, signal?: AbortSignal): Promise<ItemProgress> {
  const claim = randomUUID();
  if (!(await claimItem(service, itemId, claim))) return whenNotOurs(service, itemId);
  const renewal = setInterval(() => void claimItem(service, itemId, claim).catch(() => {}), RENEW_CLAIM_MS);
  try {
    for (;;) {
      const wait = await advance(service, itemId, claim);
      if (wait === "ended") return { ended: true };
      if (wait > 0 || signal?.aborted) {
        const again = new Date(service.now().getTime() + wait);
        await releaseClaim(service.db, itemId, claim, again);
        return { ended: false, again };
      }
    }
  } catch (error) {
    if (error instanceof ClaimLost) return whenNotOurs(service, itemId);
    throw error;
  } finally {
    clearInterval(renewal);
  }
}

async function whenNotOurs({ db, now, config }: ServiceContext, itemId: string): Promise<ItemProgress> {
  const item = await db.selectFrom("deployment_item").select("state").where("id", "=", itemId).executeTakeFirst();
  const open = item?.state === "queued" || item?.state === "running";
  return open ? { ended: false, again: new Date(now().getTime() + config.timing.poll * 2) } : { ended: true };
}

/** One step, once. Milliseconds to wait before the next, or "ended". */
async function advance(service: ServiceContext, itemId: string, claim: string): Promise<number | "ended"> {
  const { db, now } = service;
  const run = await loadRun(db, itemId, claim);
  if (!run) return "ended";
  const next = nextStep(run);
  if (next === undefined) {
    await endItem(db, run, run.item.ending ?? "done", now());
    return "ended";
  }
  const step = await beginStep(db, itemId, next, now());
  const job = { service, run, step };
  const outcome = await attempt(HANDLERS[next], job);
  return record(job, outcome);
}

function nextStep(run: Run): AnyStep | undefined {
  const closing = run.item.ending !== null;
  return (closing ? CLOSING : FORWARD).find((name) => {
    const state = run.steps.get(name)?.state;
    return state === undefined || state === "running";
  });
}

async function attempt(handler: StepHandler, job: StepJob): Promise<Outcome> {
  try {
    // What was written is published even when other decoys of the job were not; with nothing written there is nothing.
    if (job.step.step === "publish" && job.run.decoys.every((decoy) => decoy.version === null)) {
      return skipped("Nothing was written, so nothing is published.");
    }
    return await handler(job);
  } catch (error) {
    if (error instanceof ClaimLost) throw error;
    return afterFailure(job, error);
  }
}

async function record({ service, run, step }: StepJob, outcome: Outcome): Promise<number> {
  const { db, now } = service;
  const at = now();
  switch (outcome.is) {
    case "done":
    case "skipped":
      await noteStep(db, step, { state: outcome.is, detail: outcome.detail, endedAt: at });
      return 0;
    case "waiting":
      await noteStep(db, step, { detail: outcome.detail, data: outcome.data ?? {} });
      return Math.max(1, outcome.ms);
    case "reopen":
      await reopenSteps(db, run.item.id, outcome.steps, at);
      return 0;
    case "end": {
      const { ending, problem } = outcome;
      // A job that is being closed already keeps its first reason; a right left behind is the graver news.
      const first = run.item.problem === null ? problem : `${run.item.problem} ${problem}`;
      await db.transaction().execute(async (transaction) => {
        await noteStep(transaction, step, { state: "failed", detail: problem, endedAt: at });
        await setEnding(transaction, run.item.id, ending, first, at);
      });
      return 0;
    }
  }
}

/** What an error means: Azure may recover, a refusal may be a right that has not spread, else the item ends. */
function afterFailure(job: StepJob, error: unknown): Outcome {
  const { service, run, step } = job;
  const { timing } = service.config;
  if (!(error instanceof AppError))
    log.error({ err: error, step: step.step, item: run.item.id }, "a deployment step failed");
  const failure =
    error instanceof AppError
      ? error.failure
      : { code: "unavailable" as const, message: "Something failed in this product.", fix: "Look into its log." };
  const now = service.now().getTime();
  const since = typeof step.data.failingSince === "number" ? step.data.failingSince : now;
  const tries = typeof step.data.tries === "number" ? step.data.tries : 0;
  const transient = failure.code === "unavailable" || failure.code === "throttled";
  const written = run.decoys.some((decoy) => decoy.state !== "registered");
  const settled = written || run.item.ending !== null;
  const patience = transient ? OUTAGE_MS : settled ? timing.grantRetryFor : NO_PATIENCE;
  if (now - since > patience) {
    const problem = [failure.message, failure.fix].filter(Boolean).join(" ");
    // What exists and could not be finished is a person's; what does not exist yet has simply failed.
    return { is: "end", ending: settled ? "needs_person" : "failed", problem };
  }
  const pause = "retryAfterSeconds" in failure && failure.retryAfterSeconds ? failure.retryAfterSeconds * 1_000 : 0;
  return {
    is: "waiting",
    ms: Math.max(pause, Math.min(BACKOFF_MAX_MS, timing.poll * 2 ** Math.min(tries, 6))),
    detail: `${failure.message} Trying again.`,
    data: { ...step.data, failingSince: since, tries: tries + 1 },
  };
}

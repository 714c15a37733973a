import "server-only";
import { passesByItself } from "@/lib/azure/parse-error";
import type { ServiceContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import { arriveStep } from "./internal/arrive-step";
import { auditOf } from "./internal/audit";
import { checkStep } from "./internal/check-step";
import { confirmStep } from "./internal/confirm-step";
import { dueStep } from "./internal/due-step";
import { grantStep } from "./internal/grant-step";
import { ClaimLost, type Item, type Run, type Step } from "./internal/ledger";
import { writeChange } from "./internal/ledger-writes";
import { markStep, unmarkStep } from "./internal/mark-step";
import { backoff, type Outcome, type StepHandler, type StepJob, skipped } from "./internal/outcome";
import { plantStep } from "./internal/plant-step";
import { publishStep } from "./internal/publish-step";
import { registerStep } from "./internal/register-step";
import { goneStep, noticeStep, removeStep } from "./internal/remove-step";
import { seenStep, shownStep, windowStep } from "./internal/renew-register";
import { renewStep } from "./internal/renew-step";
import { revokeStep } from "./internal/revoke-step";
import { selectStep } from "./internal/select-step";
import { untilMoment } from "./internal/spread-moment";
import { unregisterStep } from "./internal/unregister-step";
import { watchStep } from "./internal/watch-step";
import { type RenewStepName, type RetireStepName, type StepName, stepsOf } from "./plan.pure";
import type { Operation } from "./views.pure";

type AnyStep = StepName | RetireStepName | RenewStepName | "unregister" | "unmark";

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
  select: selectStep,
  mark: markStep,
  allow: grantStep,
  notice: noticeStep,
  remove: removeStep,
  gone: goneStep,
  disallow: revokeStep,
  unmark: unmarkStep,
  due: dueStep,
  window: windowStep,
  seen: seenStep,
  renew: renewStep,
  shown: shownStep,
};

/** Steps that change something outside our database: recorded as begun before they are. */
const EFFECTS: ReadonlySet<AnyStep> = new Set<AnyStep>([
  ...[...stepsOf("replace"), ...stepsOf("renew")].filter(({ effect }) => effect).map(({ name }) => name),
  "unregister",
  "unmark",
]);
/** Of these, those that need no record of their own: a write stands in its decoy or version, and publishing twice is once. */
const RECORDED_ELSEWHERE: ReadonlySet<AnyStep> = new Set<AnyStep>(["plant", "renew", "publish"]);
const TAKING_BACK: ReadonlySet<AnyStep> = new Set<AnyStep>(["revoke", "disallow"]);
/** What is done for the sake of new decoys, and pointless where an earlier attempt has written all that were asked for. */
const PLANTING: ReadonlySet<string> = new Set<AnyStep>(
  stepsOf("plant").flatMap(({ name }) => (name === "check" || TAKING_BACK.has(name) ? [] : [name])),
);
/** What is done once it is decided that an item does not end well: undo what was not used, keep what exists watched. */
const CLOSING: Record<Operation, readonly AnyStep[]> = {
  plant: ["revoke", "unregister", "publish"],
  retire: ["disallow", "unmark"],
  replace: ["revoke", "unregister", "publish", "disallow", "unmark"],
  // An opened register entry closes by itself, half an hour after it was opened.
  renew: ["revoke"],
};

/** How long Azure may fail, or something else be in the way, before a job that has written nothing gives up. */
const OUTAGE_MS = 30 * 60_000;
/** A refusal that does not pass, before anything was written: nothing is gained by asking again. */
const NO_PATIENCE = -1;

/** How an item's last step went: it goes on at once, waits so many milliseconds, or has ended. */
export type Progress = { is: "on" } | { is: "waiting"; ms: number } | { is: "ended" };

/**
 * Does the next step of a claimed item. A step with an effect is recorded before it is done and may be repeated, so what
 * a killed process left is gone on with by whoever claims the item next.
 *
 * @throws ClaimLost when another worker has the item; AppError `unavailable` when the store fails. Everything that Azure
 *   does becomes part of the item's progress.
 */
export async function advance(service: ServiceContext, run: Run): Promise<Progress> {
  const pause = await untilMoment(service, run);
  if (pause > 0) return { is: "waiting", ms: pause };
  const name = nextStep(run);
  if (name === undefined) {
    if (mayBeginAnew(run)) {
      await beginAnew(service, run);
      return { is: "on" };
    }
    await endItem(service, run);
    return { is: "ended" };
  }
  const step = await beginStep(service, run, name);
  const job = { service, run, step };
  return record(job, await attempt(HANDLERS[name], job));
}

/** Whether something of the item is, or may be, done in its vault already, so that it has to be brought to its end. */
export function hasWritten({ decoys, renewals, steps }: Run): boolean {
  return (
    decoys.some((decoy) => decoy.state !== "registered") ||
    renewals.some(({ row }) => row.sent_at !== null) ||
    steps.has("remove")
  );
}

/** Decides that an item ends without having been done: what was begun is taken back from now on. */
export async function closeItem(
  service: ServiceContext,
  run: Run,
  ending: NonNullable<Item["ending"]>,
  problem: string,
): Promise<void> {
  const item = { ...run.item, ending, problem, updated_at: service.now() };
  await writeChange(service.db, run, { item });
  run.item = item;
}

/** Lets go of an item: it is gone on with at `notBefore`, by any worker. */
export async function releaseItem(service: ServiceContext, run: Run, notBefore: Date | null): Promise<void> {
  const untouched = run.steps.size === 0;
  const item = {
    ...run.item,
    claim: null,
    not_before: notBefore,
    ...(untouched && { state: "queued" as const }),
  };
  await writeChange(service.db, run, { item });
}

function nextStep({ item, steps, deployment }: Run): AnyStep | undefined {
  const { operation } = deployment;
  const order: readonly AnyStep[] =
    item.ending === null ? stepsOf(operation).map(({ name }) => name) : CLOSING[operation];
  return order.find((name) => {
    const state = steps.get(name)?.state;
    return state === undefined || state === "running";
  });
}

/** The step as begun: from now on it may have had its effect. A step that was begun before keeps its start. */
async function beginStep({ db, now }: ServiceContext, run: Run, name: AnyStep): Promise<Step> {
  const begun = run.steps.get(name);
  if (begun) return begun;
  const step: Step = {
    item_id: run.item.id,
    step: name,
    state: "running",
    detail: "",
    data: {},
    started_at: now(),
    ended_at: null,
  };
  if (hasEffect(run, name)) await writeChange(db, run, { steps: [step] });
  run.steps.set(name, step);
  return step;
}

/** Whether it has to be on disk, with all before it, that the step may have had its effect. */
function hasEffect({ grant }: Run, name: AnyStep): boolean {
  // A right at a group is not the item's to take back.
  if (TAKING_BACK.has(name)) return grant !== undefined;
  return EFFECTS.has(name) && !RECORDED_ELSEWHERE.has(name);
}

async function attempt(handler: StepHandler, job: StepJob): Promise<Outcome> {
  try {
    const needless = whyNeedless(job);
    return needless === undefined ? await handler(job) : skipped(needless);
  } catch (error) {
    if (error instanceof ClaimLost) throw error;
    return afterFailure(job, error);
  }
}

/** Why there is nothing to do in a step; undefined when there is. */
function whyNeedless({ run, step: { step } }: StepJob): string | undefined {
  // What was written is published even when other decoys of the job were not; with nothing written there is nothing.
  if (step === "publish" && run.decoys.every((decoy) => decoy.version === null))
    return "Nothing was written, so nothing is published.";
  if (PLANTING.has(step) && run.decoys.length === 0 && run.standing.length > 0)
    return "All that was asked for is there already.";
  return undefined;
}

async function record({ service, run, step }: StepJob, outcome: Outcome): Promise<Progress> {
  const at = service.now();
  switch (outcome.is) {
    case "done":
    case "skipped": {
      const ended = { ...step, state: outcome.is, detail: outcome.detail, ended_at: at };
      run.steps.set(step.step, ended);
      // The next step follows at once and has something to write, or the item waits or ends, which is written too.
      run.unsaved.push(ended);
      return { is: "on" };
    }
    case "waiting": {
      const waiting = { ...step, detail: outcome.detail, data: outcome.data ?? {} };
      const same = waiting.detail === step.detail && JSON.stringify(waiting.data) === JSON.stringify(step.data);
      // Thousands may wait for the same thing: only news are written.
      if (!same || run.unsaved.length > 0) await saveSteps(service, run, [waiting]);
      return { is: "waiting", ms: Math.max(1, outcome.ms) };
    }
    case "reopen": {
      const begun = outcome.steps.flatMap((name) => run.steps.get(name) ?? []);
      const again = begun.map((one) => ({
        ...one,
        state: "running" as const,
        started_at: at,
        ended_at: null,
        data: {},
      }));
      await saveSteps(service, run, again);
      return { is: "on" };
    }
    case "end": {
      const { ending, problem } = outcome;
      // A job that is being closed already keeps its first reason; a right left behind is the graver news.
      const first = run.item.problem === null ? problem : `${run.item.problem} ${problem}`;
      const item = { ...run.item, ending, problem: first, updated_at: at };
      const data = outcome.again ? { ...step.data, again: true } : step.data;
      const stopped = { ...step, data, state: "failed" as const, detail: problem, ended_at: at };
      await writeChange(service.db, run, { item, steps: [stopped] });
      run.item = item;
      run.steps.set(step.step, stopped);
      return { is: "on" };
    }
  }
}

async function saveSteps({ db }: ServiceContext, run: Run, steps: readonly Step[]): Promise<void> {
  await writeChange(db, run, { steps });
  for (const step of steps) run.steps.set(step.step, step);
}

async function endItem({ db, now }: ServiceContext, run: Run): Promise<void> {
  const state = run.item.ending ?? "done";
  const over = { claim: null, not_before: null };
  await writeChange(db, run, { item: { ...run.item, ...over, state, updated_at: now() } });
}

/** Attempts at an item without a person asking for another one. */
const ATTEMPTS_MAX = 3;

/** Whether it failed for a reason that is gone when it is begun anew, and has left nothing behind. */
function mayBeginAnew({ item, steps, decoys, deployment }: Run): boolean {
  const again = [...steps.values()].some(({ data }) => data.again === true);
  const nothingWritten = decoys.every(({ version }) => version === null);
  return (
    again && nothingWritten && item.ending === "failed" && deployment.state === "running" && item.attempt < ATTEMPTS_MAX
  );
}

/** Goes back to the first step, where everything is asked and chosen again; what was begun has been taken back. */
async function beginAnew(service: ServiceContext, run: Run): Promise<void> {
  const { problem, attempt } = run.item;
  const item = { ...run.item, ending: null, problem: null, attempt: attempt + 1, updated_at: service.now() };
  const audits = [auditOf(service, run, "deployment.again", { before: { problem } })];
  await writeChange(service.db, run, { anew: true, item, audits });
  Object.assign(run, { item, steps: new Map(), ...(run.grant?.state === "revoked" && { grant: undefined }) });
}

/** What an error means: it may pass, a refusal may be a right that has not spread, else the item ends. */
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
  const transient = !(error instanceof AppError) || passesByItself(error);
  const settled = hasWritten(run) || run.item.ending !== null;
  const patience = transient ? OUTAGE_MS : settled ? timing.grantRetryFor : NO_PATIENCE;
  if (now - since > patience) {
    const problem = [failure.message, failure.fix].filter(Boolean).join(" ");
    // What exists and could not be finished is a person's; what does not exist yet has simply failed.
    return { is: "end", ending: settled ? "needs_person" : "failed", problem };
  }
  const pause = "retryAfterSeconds" in failure && failure.retryAfterSeconds ? failure.retryAfterSeconds * 1_000 : 0;
  return {
    is: "waiting",
    ms: Math.max(pause, backoff(service, tries)),
    detail: `${failure.message} Trying again.`,
    data: { ...step.data, failingSince: since, tries: tries + 1 },
  };
}

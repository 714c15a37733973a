import "server-only";
import { isRefusedByNetwork } from "@/lib/azure/parse-error";
import { AppError } from "@/lib/errors";
import { GIVING } from "../plan.pure";
import { holdGrant } from "./hold-grant";
import { failed, needsPerson, type Outcome, type StepJob } from "./outcome";
import { Spread } from "./spread";

interface Writing {
  /** Names the right where it is not the item's own. */
  shared: string;
  /** Whether a write was sent: then the right works. */
  sent: () => boolean;
  /** What is not known when the vault lets nobody look any more; undefined when nothing is open. */
  open: () => string | undefined;
  /** The writes themselves. A refusal for want of a right may be thrown. */
  write: () => Promise<Outcome>;
}

/** Writes under the right that was given to plant: takes turns while it spreads, and asks for it again when it is gone. */
export async function underRight(job: StepJob, { shared, sent, open, write }: Writing): Promise<Outcome> {
  const { service } = job;
  const now = () => service.now().getTime();
  const spread = spreadFor(job, shared);
  if (!spread.mayTry(now())) return waiting(job.step.data, spread.waitFor(now()));
  if (!(await holdGrant(job))) return { is: "reopen", steps: [GIVING.plant] };
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof AppError && error.failure.code === "forbidden")) throw error;
    if (!isRefusedByNetwork(error)) spread.refused(now());
    return waitForRight(job, error) ?? refused(error, open());
  } finally {
    if (sent()) spread.works(now());
  }
}

/** After a refusal: a new right, or rule of the network, takes up to ten minutes to work. Undefined when it has had them. */
export function waitForRight({ service, step }: StepJob, refusal: AppError): Outcome | undefined {
  const now = service.now().getTime();
  const since = typeof step.data.refusedSince === "number" ? step.data.refusedSince : now;
  const { grantRetryFor, poll } = service.config.timing;
  return now - since > grantRetryFor ? undefined : waiting({ refusedSince: since }, poll, refusal);
}

function spreadFor({ service, run, step }: StepJob, shared: string): Spread {
  const givenAt = run.grant?.created_at ?? run.steps.get("grant")?.ended_at ?? step.started_at;
  const times = { givenAt: givenAt.getTime(), pauseMs: service.config.timing.poll };
  return new Spread(service.db, run.grant?.id ?? shared, times);
}

function waiting(data: Record<string, unknown>, ms: number, refusal?: AppError): Outcome {
  const detail = isRefusedByNetwork(refusal)
    ? "The vault's network does not let this server in; asked again for a while, since Azure may take some minutes over a new rule."
    : "Waiting until the vault knows the new right: Azure takes up to 10 minutes.";
  return { is: "waiting", ms, detail, data };
}

function refused({ failure: { message, fix = "" } }: AppError, open: string | undefined): Outcome {
  return open === undefined
    ? failed(`${message} ${fix}`.trim())
    : needsPerson(`${open}, and the vault no longer lets us look. ${message} It stays registered and watched.`);
}

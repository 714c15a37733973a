import "server-only";
import { z } from "zod";
import { getVault } from "@/lib/azure/vaults";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import { CLOCK_SKEW_MS, creationsOf } from "./evidence";
import { beganAfter, logSpanOf } from "./log-spans";
import { done, needsPerson, type Outcome, type StepJob } from "./outcome";
import { wayOf } from "./reach";

const ASKED_EVERY_MAX_MS = 15_000;
/** What a log that begins as late as Azure allows shows comes some minutes later still: how much longer it is waited for. */
const SHOWN_LATER = 1.25;

/** Waits until the planting itself shows in the workspace: the proof that a touch of this vault would be seen too. */
export async function arriveStep(job: StepJob): Promise<Outcome> {
  const { service, run, step } = job;
  const { timing } = service.config;
  const sent = run.decoys.map((decoy) => (decoy.first_sent_at ?? decoy.created_at).getTime());
  const creations = await creationsOf(service, run.decoys, new Date(Math.min(...sent) - CLOCK_SKEW_MS));
  const counts = run.decoys.map((decoy) => creations.get(decoy.token_key)?.length ?? 0);
  if (counts.some((count) => count > 1)) {
    return needsPerson(
      "The audit log shows more than one version under a honeytoken's name. Nothing was deleted and it is watched: look who wrote the other one.",
    );
  }
  const foreign = run.decoys.some((decoy) =>
    creations.get(decoy.token_key)?.some((creation) => creation.by !== decoy.planter_oid),
  );
  // The write through Azure Resource Manager that lost to somebody else's is answered as if it had won; another one
  // stands, and theirs came after it or its row came first.
  if (foreign) {
    return needsPerson(
      wayOf(run) === "arm_key"
        ? "The audit log shows that somebody else created the key under the chosen name in the same moment. It was left alone and is watched: ask its owner."
        : "The audit log shows that somebody else wrote under a honeytoken's name. Nothing was deleted and it is watched: look who did.",
    );
  }
  if (counts.every((count) => count === 1)) {
    return done("The planting has arrived in the workspace: touches of this vault are seen.");
  }
  const waited = service.now().getTime() - step.started_at.getTime();
  if (waited < timing.rowsAwaitedFor / 4) {
    return awaited(job, waited, "Waiting for the audit log: Azure usually takes 3 to 10 minutes.");
  }
  return arriveLate(job, waited, counts.every((count) => count === 0) ? sent : undefined);
}

async function logBegan({ service, run }: StepJob, sent: readonly number[]): Promise<boolean> {
  const span = await logSpanOf(service, run.vaultId);
  const skew = Math.min(CLOCK_SKEW_MS, service.config.timing.rowsAwaitedFor / 8);
  return span !== undefined && beganAfter(span, sent, skew);
}

/**
 * Reads the vault now and then, which its log has to show once it has begun, and gives up after the time allowed.
 *
 * @param sent when each honeytoken was sent, where the log has a row of none: it may have begun after them
 */
async function arriveLate(job: StepJob, waited: number, sent: readonly number[] | undefined): Promise<Outcome> {
  const { rowsAwaitedFor } = job.service.config.timing;
  const { reads = 0 } = Reads.parse(job.step.data);
  const wanted = Math.floor(waited / (rowsAwaitedFor / 8)) - 1;
  const isDue = reads < wanted;
  // Asked once for each read, before the next: thousands of vaults may wait, and only a read can show anything new.
  if (sent && isDue && waited > rowsAwaitedFor / 2 && (await logBegan(job, sent))) {
    return done(
      "The vault's audit log began after the planting and shows what came later: touches of this vault are seen.",
    );
  }
  if (waited > SHOWN_LATER * rowsAwaitedFor) {
    return needsPerson(
      "The honeytoken is planted and registered, but the vault's audit log did not reach the workspace. Check the vault's diagnostic setting.",
    );
  }
  const left = isDue && (await leaveTrace(job));
  const detail = "Waiting for the audit log: one that was switched on shortly before takes up to 90 minutes to begin.";
  return awaited(job, waited, detail, { reads: left ? wanted : reads });
}

const Reads = z.object({ reads: z.number().optional() });

/** A read of the vault that its own log has to show; false when it failed, which says nothing of the planting. */
async function leaveTrace({ service, run }: StepJob): Promise<boolean> {
  try {
    await getVault(service.azure.collector, run.vaultId);
    return true;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    log.warn({ err: error, vaultId: run.vaultId }, "a vault could not be read while its log was awaited");
    return false;
  }
}

function awaited({ service }: StepJob, waited: number, detail: string, data = {}): Outcome {
  // Thousands may wait for minutes: what has taken long is asked for less often.
  const ms = Math.max(service.config.timing.poll, Math.min(ASKED_EVERY_MAX_MS, waited / 10));
  return { is: "waiting", ms, detail, data };
}

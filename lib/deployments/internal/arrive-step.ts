import "server-only";
import { getVault } from "@/lib/azure/vaults";
import { newestAuditRow } from "@/lib/coverage/newest-row";
import { log } from "@/lib/log";
import { CLOCK_SKEW_MS, creationsOf } from "./evidence";
import { done, needsPerson, type Outcome, type StepJob } from "./outcome";
import { wayOf } from "./reach";

const ASKED_EVERY_MAX_MS = 15_000;

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
  return arriveLate(job, waited, new Date(Math.max(...sent)));
}

/**
 * A log that was switched on shortly before begins up to 90 minutes later, and then never has the row of a planting that
 * it came too late for. What the vault is asked now has to show in it.
 */
async function arriveLate(job: StepJob, waited: number, sent: Date): Promise<Outcome> {
  const { service, run, step } = job;
  const { rowsAwaitedFor } = service.config.timing;
  const newest = waited > rowsAwaitedFor / 2 ? await newestAuditRow(service, run.vaultId) : undefined;
  const skew = Math.min(CLOCK_SKEW_MS, rowsAwaitedFor / 8);
  if (newest && newest.getTime() > sent.getTime() + skew) {
    return done(
      "The planting itself is not in the vault's audit log, which later calls are: touches of this vault are seen.",
    );
  }
  if (waited > rowsAwaitedFor) {
    return needsPerson(
      "The honeytoken is planted and registered, but the vault's audit log did not reach the workspace. Check the vault's diagnostic setting.",
    );
  }
  const reads = typeof step.data.reads === "number" ? step.data.reads : 0;
  const wanted = Math.floor(waited / (rowsAwaitedFor / 8)) - 1;
  if (reads < wanted) await leaveTrace(job);
  const detail = "Waiting for the audit log: one that was switched on shortly before takes up to 90 minutes to begin.";
  return awaited(job, waited, detail, { reads: Math.max(reads, wanted) });
}

/** A read of the vault that its own log has to show. One that is refused leaves none and says nothing of the planting. */
async function leaveTrace({ service, run }: StepJob): Promise<void> {
  try {
    await getVault(service.azure.collector, run.vaultId);
  } catch (error) {
    log.warn({ err: error, vaultId: run.vaultId }, "a vault could not be read while its log was awaited");
  }
}

function awaited({ service }: StepJob, waited: number, detail: string, data = {}): Outcome {
  // Thousands may wait for minutes: what has taken long is asked for less often.
  const ms = Math.max(service.config.timing.poll, Math.min(ASKED_EVERY_MAX_MS, waited / 10));
  return { is: "waiting", ms, detail, data };
}

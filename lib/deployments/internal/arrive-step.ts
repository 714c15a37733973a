import "server-only";
import { CLOCK_SKEW_MS, creationsOf } from "./evidence";
import { done, needsPerson, type Outcome, type StepJob } from "./outcome";
import { wayOf } from "./reach";

const ASKED_EVERY_MAX_MS = 15_000;

/** Waits until the planting itself shows in the workspace: the proof that a touch of this vault would be seen too. */
export async function arriveStep({ service, run, step }: StepJob): Promise<Outcome> {
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
  if (service.now().getTime() - step.started_at.getTime() > timing.rowsAwaitedFor) {
    return needsPerson(
      "The honeytoken is planted and registered, but the vault's audit log did not reach the workspace. Check the vault's diagnostic setting.",
    );
  }
  const waited = service.now().getTime() - step.started_at.getTime();
  return {
    is: "waiting",
    // Thousands may wait for minutes: what has taken long is asked for less often.
    ms: Math.max(timing.poll, Math.min(ASKED_EVERY_MAX_MS, waited / 10)),
    detail: "Waiting for the audit log: Azure usually takes 3 to 10 minutes.",
  };
}

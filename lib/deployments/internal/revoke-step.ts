import "server-only";
import { z } from "zod";
import { GIVING } from "../plan.pure";
import { grantWayOf, purposeOf, revokeGrant } from "./grants";
import { done, type Outcome, type StepJob, skipped } from "./outcome";
import { untilArrived } from "./unanswered";

const AGAIN_MAX_MS = 60_000;
const TOO_EARLY = "Waiting until Azure lets the time-bound role be taken back: five minutes after it was given.";
const ARRIVING = "Waiting until a request for the right that Azure did not answer has surely arrived.";
const Tries = z.object({ tries: z.int().min(0).default(0) });

/** Takes back exactly what was given to this vault alone, to write or to delete; a role at a group goes when all its vaults are done. */
export async function revokeStep(job: StepJob): Promise<Outcome> {
  const { run, service } = job;
  const { grant } = run;
  if (!grant) {
    return skipped(
      grantWayOf(run) === "group_role"
        ? "The role at the resource group is taken back when all its vaults are done."
        : "Nothing was given, so nothing is to be taken back.",
    );
  }
  const arriving = untilArrived(run.steps.get(GIVING[purposeOf(job.step.step)]), {
    now: service.now(),
    within: service.config.timing.ambiguousWriteSettle,
  });
  if (arriving > 0) return { is: "waiting", ms: arriving, detail: ARRIVING };
  if (!(await revokeGrant(job, grant))) {
    const { tries } = Tries.parse(job.step.data);
    const ms = Math.min(service.config.timing.poll * 2 ** tries, AGAIN_MAX_MS);
    return { is: "waiting", ms, detail: TOO_EARLY, data: { tries: tries + 1 } };
  }
  return done("The planting identity has lost the right again; nothing of it is left at the vault.");
}

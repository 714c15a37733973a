import "server-only";
import { grantWayOf, revokeGrant } from "./grants";
import { done, type Outcome, type StepJob, skipped } from "./outcome";

/** Takes back exactly what was given to this vault alone, to write or to delete; a role at a group goes when all its vaults are done. */
export async function revokeStep(job: StepJob): Promise<Outcome> {
  const { run } = job;
  const { grant } = run;
  if (!grant) {
    return skipped(
      grantWayOf(run) === "group_role"
        ? "The role at the resource group is taken back when all its vaults are done."
        : "Nothing was given, so nothing is to be taken back.",
    );
  }
  await revokeGrant(job, grant);
  return done("The planting identity has lost the right again; nothing of it is left at the vault.");
}

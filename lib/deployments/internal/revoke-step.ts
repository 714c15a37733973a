import "server-only";
import { auditRun } from "./audit";
import { takeGrantBack } from "./grants";
import { done, type Outcome, type StepJob, skipped } from "./outcome";

/** Takes back exactly what was given. */
export async function revokeStep({ service, run }: StepJob): Promise<Outcome> {
  const { grant } = run;
  if (!grant) return skipped("Nothing was given, so nothing is to be taken back.");
  await takeGrantBack(service, grant);
  await auditRun(service.db, service, run, "grant.revoke", {
    before: { model: grant.model, assignment: grant.assignment_id, added: grant.added },
  });
  return done("The planting identity has lost the right again; nothing of it is left at the vault.");
}

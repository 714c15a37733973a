import "server-only";
import { GIVING } from "../plan.pure";
import { grantWayOf, LEASE_KEPT_MS, prolongGrant, purposeOf } from "./grants";
import { groupGrantOf } from "./group-grants";
import type { StepJob } from "./outcome";

/**
 * Makes sure that what was given is still there, and for the next while; false when the sweeper took it back meanwhile,
 * because this job gave no sign of life for too long. True also where nothing had to be given.
 */
export async function holdGrant({ service, run, step }: StepJob): Promise<boolean> {
  const purpose = purposeOf(step.step);
  if (run.steps.get(GIVING[purpose])?.state !== "done") return true;
  const grant = grantWayOf(run) === "group_role" ? await groupGrantOf(service, run, purpose) : run.grant;
  if (!grant) return false;
  const left = grant.lease_until.getTime() - service.now().getTime();
  if (grant.state === "given" && left > LEASE_KEPT_MS) return true;
  return prolongGrant(service, grant);
}

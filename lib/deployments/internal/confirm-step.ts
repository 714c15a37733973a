import "server-only";
import { holdGrant } from "./hold-grant";
import { listLive } from "./look";
import { changeDecoys, done, honeytokens, needsPerson, type Outcome, type StepJob } from "./outcome";

/** A list may lag behind a write for a moment. */
const LIST_LAG_MS = 30_000;

/** Sees with its own eyes that what was written is there and enabled. */
export async function confirmStep(job: StepJob): Promise<Outcome> {
  const { service, run, step } = job;
  if (!(await holdGrant(job))) return { is: "reopen", steps: ["grant"] };
  const live = await listLive(job);
  const missing = run.decoys.filter((decoy) => live.get(decoy.name.toLowerCase())?.enabled !== true);
  const at = service.now();
  if (missing.length > 0) {
    if (at.getTime() - step.started_at.getTime() < LIST_LAG_MS) {
      return { is: "waiting", ms: service.config.timing.poll, detail: "Waiting until the vault's list shows it." };
    }
    return needsPerson(
      `${honeytokens(missing.length)} of ${run.decoys.length} was written but is no longer there or not enabled. It stays registered and watched: find out who changed it.`,
    );
  }
  // An attempt that ended before this step has confirmed nothing of what it wrote.
  const earlier = run.standing.filter(
    ({ name, confirmed_at: seen }) => seen === null && live.get(name.toLowerCase())?.enabled === true,
  );
  await changeDecoys(job, [...run.decoys, ...earlier], { confirmed_at: at });
  return done(`The vault's list shows ${honeytokens(run.decoys.length)}.`);
}

import "server-only";
import { putRegisterRow } from "@/lib/register/publish";
import { auditOf } from "./audit";
import { CLOCK_SKEW_MS } from "./evidence";
import { changeDecoys, done, honeytokens, type Outcome, type StepJob } from "./outcome";

/** Publishes the written decoys as live and closes the window in which the planter's own write passes. */
export async function publishStep(job: StepJob): Promise<Outcome> {
  const { service, run } = job;
  const { now } = service;
  const written = run.decoys.filter((decoy) => decoy.version !== null);
  for (const decoy of written) {
    const start = decoy.window_start ?? decoy.created_at;
    const closing = now().getTime() + CLOCK_SKEW_MS;
    const end = new Date(Math.min(decoy.window_end?.getTime() ?? closing, closing));
    await putRegisterRow(service, decoy, "live", { start, end });
    const published = auditOf(service, run, "register.publish", { after: { row: decoy.watchlist_item_id } });
    await changeDecoys(job, [decoy], { state: "live", window_end: end }, [published]);
  }
  return done(`${honeytokens(written.length)} marked as live in the register.`);
}

import "server-only";
import { putRegisterRow } from "@/lib/register/publish";
import { auditOf } from "./audit";
import { CLOCK_SKEW_MS } from "./evidence";
import { changeDecoys, done, honeytokens, type Outcome, type StepJob } from "./outcome";

/**
 * In larger deployments the second change of each row is spared: a row cannot be changed but by a request of its own, and
 * a month has 100,000 changes. Their rows are live as soon as their window is over, which the rules and the board know.
 */
const ROW_BY_ROW_MAX = 20;

/** Publishes the written decoys as live and closes the window in which the planter's own write passes. */
export async function publishStep(job: StepJob): Promise<Outcome> {
  const { service, run } = job;
  const { now } = service;
  const written = run.decoys.filter((decoy) => decoy.version !== null);
  if (run.deployment.total > ROW_BY_ROW_MAX) {
    await changeDecoys(job, written, { state: "live" });
    return done(`${honeytokens(written.length)} live: a register entry whose planting window is over counts as that.`);
  }
  for (const decoy of written) {
    const start = decoy.window_start ?? decoy.created_at;
    const closing = now().getTime() + CLOCK_SKEW_MS;
    const end = new Date(Math.min(decoy.window_end?.getTime() ?? closing, closing));
    await putRegisterRow(service, decoy, "live", { start, end });
    const row = decoy.watchlist_item_id;
    const published = auditOf(service, run, "register.publish", {
      before: { row, state: decoy.state, windowEnd: decoy.window_end?.toISOString() ?? null },
      after: { row, state: "live", windowEnd: end.toISOString() },
    });
    await changeDecoys(job, [decoy], { state: "live", window_end: end }, [published]);
  }
  return done(`${honeytokens(written.length)} marked as live in the register.`);
}

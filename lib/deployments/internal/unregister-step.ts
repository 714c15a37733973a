import "server-only";
import { deleteRegisterRow } from "@/lib/register/publish";
import { auditOf } from "./audit";
import { changeDecoys, done, honeytokens, type Outcome, type StepJob, skipped } from "./outcome";

/** Takes out of the register what was never written. What may exist stays in: it must be watched. */
export async function unregisterStep(job: StepJob): Promise<Outcome> {
  const { service, run } = job;
  const unwritten = run.decoys.filter((decoy) => decoy.state === "registered");
  for (const decoy of unwritten) {
    if (decoy.window_start !== null) await deleteRegisterRow(service, decoy);
    const removed = auditOf(service, run, "register.remove", { before: { row: decoy.watchlist_item_id } });
    await changeDecoys(job, [decoy], { state: "failed" }, [removed]);
  }
  run.decoys = run.decoys.filter((decoy) => decoy.state !== "failed");
  if (unwritten.length === 0) return skipped("Nothing that was not written stands in the register.");
  return done(`${honeytokens(unwritten.length)} that was not written taken out of the register again.`);
}

import "server-only";
import { deleteRegisterRow } from "@/lib/register/publish";
import { auditRun } from "./audit";
import { done, honeytokens, type Outcome, type StepJob, skipped } from "./outcome";

/** Takes out of the register what was never written. What may exist stays in: it must be watched. */
export async function unregisterStep({ service, run }: StepJob): Promise<Outcome> {
  const { db, now } = service;
  const unwritten = run.decoys.filter((decoy) => decoy.state === "registered");
  for (const decoy of unwritten) {
    if (decoy.window_start !== null) await deleteRegisterRow(service, decoy);
    await db.transaction().execute(async (transaction) => {
      await transaction
        .updateTable("decoy")
        .set({ state: "failed", updated_at: now() })
        .where("id", "=", decoy.id)
        .execute();
      await auditRun(transaction, service, run, "register.remove", { before: { row: decoy.watchlist_item_id } });
    });
  }
  if (unwritten.length === 0) return skipped("Nothing that was not written stands in the register.");
  return done(`${honeytokens(unwritten.length)} that was not written taken out of the register again.`);
}

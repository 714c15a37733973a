import "server-only";
import { putRegisterRow } from "@/lib/register/publish";
import { auditRun } from "./audit";
import { CLOCK_SKEW_MS } from "./evidence";
import { done, honeytokens, type Outcome, type StepJob } from "./outcome";

/** Publishes the written decoys as live and closes the window in which the planter's own write passes. */
export async function publishStep({ service, run }: StepJob): Promise<Outcome> {
  const { db, now } = service;
  const written = run.decoys.filter((decoy) => decoy.version !== null);
  for (const decoy of written) {
    const start = decoy.window_start ?? decoy.created_at;
    const closing = now().getTime() + CLOCK_SKEW_MS;
    const end = new Date(Math.min(decoy.window_end?.getTime() ?? closing, closing));
    await putRegisterRow(service, decoy, "live", { start, end });
    await db.transaction().execute(async (transaction) => {
      await transaction
        .updateTable("decoy")
        .set({ state: "live", window_end: end, updated_at: now() })
        .where("id", "=", decoy.id)
        .execute();
      await auditRun(transaction, service, run, "register.publish", { after: { row: decoy.watchlist_item_id } });
    });
  }
  return done(`${honeytokens(written.length)} marked as live in the register.`);
}

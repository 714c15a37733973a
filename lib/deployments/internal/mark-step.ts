import "server-only";
import { putRegisterRow } from "@/lib/register/publish";
import type { Decoy } from "@/lib/store/decoys";
import { auditOf } from "./audit";
import { changeDecoys, done, honeytokens, type Outcome, type StepJob, skipped } from "./outcome";
import { publishTogether } from "./publish-together";
import { windowFor } from "./register-step";
import { unreadFor } from "./unread";
import { vaultOfRun } from "./vaults-now";

/**
 * Publishes the rows as retiring, with a window in which the planter's own deletion is expected. Where the network lets nobody
 * look, what somebody else has deleted by the audit log is gone with that.
 */
export async function markStep(job: StepJob): Promise<Outcome> {
  const { service, run } = job;
  const waiting = run.retiring.filter((decoy) => decoy.deleted_at === null);
  const unread = await unreadFor(service, waiting);
  if (unread > 0) {
    return { is: "waiting", ms: unread, detail: "Waiting until the rules have read that this product wrote them." };
  }
  const { start, end } = windowFor(
    waiting.filter((decoy) => decoy.state === "retiring"),
    service.now(),
  );
  const rows = waiting.map((decoy) => decoy.watchlist_item_id);
  const marked = auditOf(service, run, "register.retire", {
    before: { rows, state: "live" },
    after: { rows, state: "retiring", windowEnd: end.toISOString() },
  });
  await changeDecoys(job, waiting, { state: "retiring", window_start: start, window_end: end }, [marked]);
  await publishTogether(
    service,
    waiting.map((decoy) => ({ decoy, state: "retiring" as const, window: { start, end } })),
  );
  if ((await vaultOfRun(service, run)).network !== "public") await letGo(job, waiting);
  return done(`${honeytokens(waiting.length)} marked as on its way out; touches by anybody else still raise an alarm.`);
}

/** Of what comes back after all the log tells, until the row is dropped (retired.ts). */
async function letGo(job: StepJob, decoys: readonly Decoy[]): Promise<void> {
  const { service, run } = job;
  for (const decoy of decoys.filter(({ broken }) => broken === "deleted")) {
    const at = decoy.broken_at ?? service.now();
    const before = { decoy: decoy.id, version: decoy.version };
    const after = { deletedBySomebodyElse: at.toISOString() };
    const audit = auditOf(service, run, "decoy.delete", { before, after });
    await changeDecoys(job, [decoy], { broken_at: at, deleted_at: at }, [audit]);
  }
}

/** Puts back what was marked and not deleted: it is a honeytoken as before. */
export async function unmarkStep(job: StepJob): Promise<Outcome> {
  const { service, run } = job;
  const kept = run.retiring.filter((decoy) => decoy.deleted_at === null);
  if (kept.length === 0) return skipped("Nothing that was marked is left.");
  for (const decoy of kept) {
    if (decoy.state === "retiring") {
      const start = decoy.window_start ?? service.now();
      await putRegisterRow(service, decoy, "live", {
        start,
        end: new Date(Math.max(start.getTime() + 1, service.now().getTime())),
      });
    }
    const row = decoy.watchlist_item_id;
    const restored = auditOf(service, run, "register.restore", {
      before: { row, state: decoy.state },
      after: { row, state: "live" },
    });
    await changeDecoys(job, [decoy], { state: "live", retire_item_id: null }, [restored]);
  }
  return done(`${honeytokens(kept.length)} that was not deleted is live again.`);
}

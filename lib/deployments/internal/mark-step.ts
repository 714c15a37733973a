import "server-only";
import { isClosed } from "@/lib/azure/vault-network.pure";
import { putRegisterRow } from "@/lib/register/publish";
import { type Decoy, wasGone } from "@/lib/store/decoys";
import { auditOf } from "./audit";
import { changeDecoys, done, failed, honeytokens, type Outcome, type StepJob, skipped } from "./outcome";
import { publishTogether } from "./publish-together";
import { unremovableNow } from "./reach";
import { windowFor } from "./register-step";
import { unreadFor } from "./unread";
import { vaultOfRun } from "./vaults-now";

/**
 * Publishes the rows as retiring, with a window in which the planter's own deletion is expected. Where the network lets nobody
 * delete, what somebody else has deleted is gone with that.
 */
export async function markStep(job: StepJob): Promise<Outcome> {
  const { service, run } = job;
  const waiting = run.retiring.filter((decoy) => decoy.deleted_at === null);
  const unread = await unreadFor(service, waiting);
  if (unread > 0) {
    return { is: "waiting", ms: unread, detail: "Waiting until the rules have read that this product wrote them." };
  }
  const vault = await vaultOfRun(service, run);
  const blocked = await unremovableNow(service, vault, waiting);
  if (blocked !== undefined) return failed(blocked);
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
  if (isClosed(vault.network)) await letGo(job, waiting);
  return done(`${honeytokens(waiting.length)} marked as on its way out; touches by anybody else still raise an alarm.`);
}

/** Of what comes back after all the log tells, until the row is dropped (retired.ts). */
async function letGo(job: StepJob, decoys: readonly Decoy[]): Promise<void> {
  const { service, run } = job;
  for (const decoy of decoys) {
    const gone = { ...decoy, deleted_at: decoy.broken_at };
    if (!wasGone(gone)) continue;
    const before = { decoy: decoy.id, version: decoy.version };
    const after = { deletedBySomebodyElse: gone.deleted_at?.toISOString() };
    const audit = auditOf(service, run, "decoy.let_go", { before, after });
    await changeDecoys(job, [decoy], { deleted_at: gone.deleted_at }, [audit]);
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

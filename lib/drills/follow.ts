import "server-only";
import { randomUUID } from "node:crypto";
import type { ServiceContext } from "@/lib/context";
import { ruleIds } from "@/lib/detection/rule-export";
import { log } from "@/lib/log";
import { writeAudit } from "@/lib/store/audit";
import { isTaken } from "@/lib/store/errors";
import { oldestSecondLook } from "./internal/decisions";
import { assign, type SeenAlert } from "./internal/evidence.pure";
import { look } from "./internal/look";
import { advance, type Evidence, type Step } from "./internal/progress.pure";
import { type DrillRow, followedOf, openDrills, recordedSince, recordOf, writeStep } from "./internal/records";
import { settleIncidents } from "./internal/settle";

const HOUR = 60 * 60 * 1000;
/** Incidents that are younger are looked at for touches that no drill recorded; a late row may be two hours late. */
const LOOK_BACK = 6 * HOUR;
/** A row may be so late, and a decision was made after it. */
const ROW_LATE = 2 * HOUR;

/**
 * Looks once at what the workspace shows of the drill identity: moves the drills that are under way, and decides about
 * the incidents that hold its touches. One batch of log queries, whatever there is to follow.
 *
 * @returns how many drills are still under way
 * @throws AppError when the workspace does not answer; nothing is decided then
 */
export async function followDrills(service: ServiceContext): Promise<number> {
  const open = await openDrills(service.db);
  const now = service.now();
  const decidedAt = await oldestSecondLook(service.db);
  const judged = decidedAt && new Date(decidedAt.getTime() - ROW_LATE);
  const starts = [judged, ...open.map(({ intended_at }) => intended_at)];
  const times = starts.filter((at) => at instanceof Date).map((at) => at.getTime());
  const from = new Date(Math.min(now.getTime() - LOOK_BACK, ...times) - HOUR);
  const rules = new Set(ruleIds());
  const [sight, recorded] = await Promise.all([
    look(service, from),
    recordedSince(service.db, new Date(from.getTime() - HOUR)),
  ]);
  const drills = recorded.map(recordOf).filter((one) => one !== undefined);
  const assigned = assign(sight.touches, drills);
  const { alerts, incidents } = sight;
  const left = await moveAll(service, open, { assigned, alerts: alerts.filter(isOf(rules)), incidents });
  await settleIncidents(service, { sight, assigned, rules });
  return left;
}

const isOf = (rules: ReadonlySet<string>) => (alert: SeenAlert) => rules.has(alert.ruleId);

async function moveAll(service: ServiceContext, open: readonly DrillRow[], evidence: Evidence): Promise<number> {
  let left = 0;
  for (const row of open) {
    const followed = followedOf(row);
    if (!followed) continue;
    const step = advance(followed, evidence, service.now(), service.config.timing);
    if (step) await take(service, row, step);
    if (!step?.ended) left++;
  }
  return left;
}

async function take(service: ServiceContext, row: DrillRow, step: Step): Promise<void> {
  const now = service.now();
  if (!(await writeStep(service.db, row.id, step, now)) || !step.ended) return;
  const by = { tid: service.config.tenantId, system: "drill" };
  const result = step.problem ?? "ok";
  await writeAudit(
    service.db,
    { by, action: "drill.end", vaultId: row.vault_id, after: { drill: row.id, state: step.state }, result },
    now,
  );
  if (step.repeat && row.repeats_id === null) await repeat(service, row);
}

/** A touch that left no trace was probably never sent: once more, as a drill of its own. */
async function repeat({ db, now }: ServiceContext, row: DrillRow): Promise<void> {
  const at = now();
  try {
    await db
      .insertInto("drill")
      .values({
        id: randomUUID(),
        vault_id: row.vault_id,
        origin: row.origin,
        requested_by_tid: row.requested_by_tid,
        requested_by_oid: row.requested_by_oid,
        requested_by_name: row.requested_by_name,
        repeats_id: row.id,
        read: row.read,
        identity_oid: row.identity_oid,
        state: "queued",
        requested_at: at,
        not_before: at,
      })
      .execute();
  } catch (error) {
    if (!isTaken(error)) throw error;
    log.info({ drill: row.id }, "a drill is not repeated: another one of its vault was started meanwhile");
  }
}

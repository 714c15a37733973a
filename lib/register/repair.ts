import "server-only";
import { type Kysely, sql } from "kysely";
import type { ServiceContext, UserContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import { isAmong } from "@/lib/store/among";
import { writeAudit } from "@/lib/store/audit";
import type { Database } from "@/lib/store/schema";
import type { Drift } from "./drift";
import { placesOfFindings } from "./internal/readable-places";
import { repairTogether } from "./internal/repairs";
import { COMPARE_QUEUE, REPAIR_QUEUE } from "./queues";
import { DRIFT_KINDS, type LeaveRequest, type RepairRequest } from "./views.pure";

/** Repaired in one go: what a failure then leaves is little. */
const TOGETHER = 1_000;

/** Asks for a comparison now; the job of it runs in the background. */
export async function requestComparison({ db, jobs, now }: UserContext): Promise<{ askedAt: string }> {
  const at = now();
  await db.updateTable("register_state").set({ asked_at: at }).execute();
  await jobs.enqueue(COMPARE_QUEUE, "asked", {});
  return { askedAt: at.toISOString() };
}

/**
 * Notes that an administrator wants a finding, or all of a kind, repaired; the work is done in the background. Only in
 * vaults that they may read, as they were shown.
 *
 * @throws AppError `not_found` when there is nothing of it any more, or what Azure answers when it does not say which
 *   vaults the person may read
 */
export async function requestRepair(ctx: UserContext, request: RepairRequest): Promise<{ requested: number }> {
  const { db, jobs, now } = ctx;
  const { readable } = await placesOfFindings(ctx);
  const requested = await db.transaction().execute(async (transaction) => {
    const count = await noteRequest(transaction, ctx, request, readable);
    const after = { findings: count, ...request };
    await writeAudit(transaction, { by: ctx.user, action: "register.repair.request", after, result: "ok" }, now());
    return count;
  });
  await jobs.enqueue(REPAIR_QUEUE, "requested", {});
  return { requested };
}

/** Leaves a finding in a vault that the person may read as it is, with the reason; it stays in the list, set apart. */
export async function leaveFinding(ctx: UserContext, { id, note }: LeaveRequest): Promise<{ left: string }> {
  const { db, now } = ctx;
  const { readable } = await placesOfFindings(ctx);
  await db.transaction().execute(async (transaction) => {
    const left = await transaction
      .updateTable("register_drift")
      .set({ handled_at: now(), note, requested_at: null, problem: null })
      .where("id", "=", id)
      .where("repaired_at", "is", null)
      .where(isAmong("vault_id", readable))
      .returning(["kind", "vault_id"])
      .executeTakeFirst();
    if (!left) throw gone();
    const after = { finding: id, kind: left.kind };
    const entry = { by: ctx.user, action: "register.leave", ...placeOf(left.vault_id), after, result: "ok" };
    await writeAudit(transaction, entry, now());
  });
  return { left: id };
}

/** Carries out what was asked for, kind by kind. One that fails keeps its reason and does not stop the others. */
export async function repairRequested(service: ServiceContext, signal: AbortSignal): Promise<void> {
  for (const kind of DRIFT_KINDS) {
    for (;;) {
      if (signal.aborted) return;
      const findings = await service.db
        .selectFrom("register_drift")
        .selectAll()
        .where("requested_at", "is not", null)
        .where("kind", "=", kind)
        .where("repaired_at", "is", null)
        .orderBy("requested_at")
        .limit(TOGETHER)
        .execute();
      if (findings.length === 0) break;
      await repairSome(service, kind, findings);
    }
  }
}

async function repairSome(service: ServiceContext, kind: Drift["kind"], findings: readonly Drift[]): Promise<void> {
  const { db, now } = service;
  let change: { repaired_at: Date } | { handled_at: Date; note: string } | { problem: string };
  let result = "ok";
  try {
    const done = await repairTogether(service, kind, findings);
    change = done.is === "repaired" ? { repaired_at: now() } : { handled_at: now(), note: done.note };
  } catch (error) {
    if (!(error instanceof AppError)) log.error({ err: error, kind }, "a repair of the register failed");
    const failure = error instanceof AppError ? error.failure : { message: "Something failed in this product." };
    result = failure.message;
    change = { problem: "fix" in failure ? `${failure.message} ${failure.fix}` : failure.message };
  }
  await db.transaction().execute(async (transaction) => {
    await transaction
      .updateTable("register_drift")
      .set({ problem: null, ...change, requested_at: null })
      .where(sql<boolean>`id = any(${sql.val(findings.map(({ id }) => id))}::text[])`)
      .execute();
    for (const finding of findings) await auditRepair(transaction, finding, result, now());
  });
}

async function auditRepair(db: Kysely<Database>, finding: Drift, result: string, at: Date): Promise<void> {
  const { requested_by_tid: tid, requested_by_oid: oid, requested_by_name: name } = finding;
  const by = { tid: tid ?? "", oid: oid ?? "", name: name ?? "" };
  const { id, kind, decoy_id: decoy, exception_id: exception, row_id: row } = finding;
  const before = { kind, finding: id, decoy, ...(exception !== null && { exception }), row };
  await writeAudit(db, { by, action: "register.repair", ...placeOf(finding.vault_id), before, result }, at);
}

async function noteRequest(
  db: Kysely<Database>,
  { user, now }: UserContext,
  request: RepairRequest,
  places: readonly string[],
): Promise<number> {
  const result = await db
    .updateTable("register_drift")
    .set({
      requested_at: now(),
      requested_by_tid: user.tid,
      requested_by_oid: user.oid,
      requested_by_name: user.name,
      problem: null,
    })
    .where("repaired_at", "is", null)
    .where(isAmong("vault_id", places))
    .$if("id" in request, (query) => query.where("id", "=", "id" in request ? request.id : ""))
    // What somebody has decided to leave is only repaired when it is named.
    .$if("kind" in request, (query) =>
      query.where("kind", "=", "kind" in request ? request.kind : "missing").where("handled_at", "is", null),
    )
    .executeTakeFirst();
  const count = Number(result.numUpdatedRows);
  if (count === 0) throw gone();
  return count;
}

/** What is about an exception that holds everywhere is about no vault. */
function placeOf(vaultId: string): { vaultId?: string } {
  return vaultId === "*" ? {} : { vaultId };
}

function gone(): AppError {
  return new AppError("not_found", "There is no such finding any more.", { fix: "Reload: it may be repaired by now." });
}

import "server-only";
import type { ServiceContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import {
  type AlertExceptionRow,
  alertExceptionRows,
  alertExceptionsAt,
  type ExceptionRecord,
  noteExceptionsSending,
  noteExceptionsSettled,
} from "@/lib/store/alert-exceptions";
import { writeAudit } from "@/lib/store/audit";
import { exceptionFields } from "./internal/exception-fields";
import { sameFields } from "./internal/fields";
import type { Put, Removal } from "./internal/plan";
import { type RowLedger, writeItems } from "./internal/write-items";
import { ensureRegister } from "./publish";
import { requireRoom } from "./quota";

const OF_EXCEPTIONS: RowLedger = {
  noteSending: noteExceptionsSending,
  noteSettled: (db, settled, at) =>
    noteExceptionsSettled(
      db,
      settled.map(({ decoyId: id, fields }) => ({ id, fields })),
      at,
    ),
};

/**
 * Brings the published rows of all exceptions to what is wanted now: one row for each operation of those that hold, none
 * of those that are over. Only what differs is sent, each under an id of our own that was noted before: after a kill or
 * a lost answer the same call settles it and leaves no second row. Each change counts against the month's.
 *
 * @returns how many rows were written and removed
 * @throws AppError as `publishRows`; the reason is kept with the exceptions concerned
 */
export async function publishExceptions(service: ServiceContext): Promise<{ written: number; removed: number }> {
  const { db, now } = service;
  const holding = new Map((await alertExceptionsAt(db, now())).map((one) => [one.id, one]));
  const { puts, removals } = planExceptionWrites(holding, await alertExceptionRows(db));
  if (puts.length + removals.length === 0) return { written: 0, removed: 0 };
  // What lowers alerts goes first and needs no room: the quota must not keep it.
  await attempt(service, removals, true);
  if (puts.length > 0) {
    await ensureRegister(service);
    await attempt(service, puts, false);
  }
  return { written: puts.length, removed: removals.length };
}

/** What has to be sent for that, by what is known of each row. Data in, data out. */
function planExceptionWrites(
  holding: ReadonlyMap<string, ExceptionRecord>,
  rows: readonly AlertExceptionRow[],
): { puts: Put[]; removals: Removal[] } {
  const puts: Put[] = [];
  const removals: Removal[] = [];
  for (const { id, exception_id, operation, watchlist_item_id: itemId, published, publishing_at } of rows) {
    const exception = holding.get(exception_id);
    const place = { decoyId: id, vaultId: exception_id, itemId };
    if (!exception) {
      if (published !== null || publishing_at !== null) removals.push({ is: "remove", ...place });
      continue;
    }
    const fields = exceptionFields(exception, operation);
    if (publishing_at !== null || published === null || !sameFields(published, fields)) {
      puts.push({ is: "put", ...place, tokenKey: exception.scope, fields });
    }
  }
  return { puts, removals };
}

async function attempt(service: ServiceContext, writes: readonly (Put | Removal)[], urgent: boolean): Promise<void> {
  if (writes.length === 0) return;
  const { db, now, config } = service;
  const exceptions = [...new Set(writes.map(({ vaultId }) => vaultId))];
  try {
    await requireRoom(service, { changes: writes.length, plantings: 0, urgent });
    await writeItems(service, writes, urgent, OF_EXCEPTIONS);
    await tell(service, exceptions, null);
    const by = { tid: config.tenantId, system: "Publishing exceptions" };
    const after = { exceptions, rows: writes.length };
    const action = urgent ? "alert_exception.unpublish" : "alert_exception.publish";
    await writeAudit(db, { by, action, after, result: "ok" }, now());
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { message, fix } = error.failure;
    await tell(service, exceptions, [message, fix].filter(Boolean).join(" "));
    throw error;
  }
}

async function tell({ db }: ServiceContext, exceptions: readonly string[], problem: string | null): Promise<void> {
  await db.updateTable("alert_exception").set({ problem }).where("id", "in", exceptions).execute();
}

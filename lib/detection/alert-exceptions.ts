import "server-only";
import { randomUUID } from "node:crypto";
import { type Kysely, sql } from "kysely";
import { parseVaultId } from "@/lib/azure/resource-id.pure";
import { SERVICE_IDENTITIES } from "@/lib/config";
import type { ServiceContext, UserContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { EXCEPTIONS_QUEUE } from "@/lib/register/queues";
import { alertExceptionsAt, type ExceptionRecord } from "@/lib/store/alert-exceptions";
import { writeAudit } from "@/lib/store/audit";
import type { Database } from "@/lib/store/schema";
import {
  type AlertExceptionRequest,
  DAYS_MAX,
  type ExceptionScope,
  type RenewRequest,
  validity,
} from "./alert-exceptions.pure";

const DAY_MS = 24 * 60 * 60 * 1000;
const EVERYWHERE = "*";

/** An exception that holds: `scope` is a token key, a normalised vault id or `*`; times are instants. */
export interface ActiveAlertException {
  id: string;
  callerOid: string;
  operations: readonly string[];
  scope: string;
  from: Date;
  until: Date;
}

/** The exceptions that hold at `now`, for those who judge touches themselves. One database query. */
export async function listActiveAlertExceptions(db: Kysely<Database>, now: Date): Promise<ActiveAlertException[]> {
  const rows = await alertExceptionsAt(db, now);
  return rows
    .filter(({ valid_from }) => valid_from <= now)
    .map((row) => ({
      id: row.id,
      callerOid: row.caller_oid,
      operations: row.operations,
      scope: row.scope,
      from: row.valid_from,
      until: row.valid_until,
    }));
}

/**
 * Records that an administrator confirms these touches of this caller as expected. They count less from then on and
 * stay visible. The rows are published in the background.
 *
 * @throws AppError `invalid` at the field: days, a scope that is not there, an identity of this product; `conflict` when
 *   one holds already for the caller at this scope and one of the operations
 */
export async function addAlertException(ctx: UserContext, request: AlertExceptionRequest): Promise<{ id: string }> {
  const { db, user, now } = ctx;
  const at = now();
  const times = validity(request, at);
  if ("field" in times) throw new AppError("invalid", times.message, { field: times.field });
  refuseOurs(ctx, request.callerOid);
  const scope = await scopeOf(db, request.scope);
  const operations = [...new Set(request.operations)].sort();
  const id = randomUUID();
  await db.transaction().execute(async (transaction) => {
    // Two people at once would otherwise both find none.
    await sql`lock table alert_exception in share row exclusive mode`.execute(transaction);
    await refuseSecond(transaction, at, { caller_oid: request.callerOid, scope, operations });
    await transaction
      .insertInto("alert_exception")
      .values({
        id,
        caller_oid: request.callerOid,
        caller_name: request.callerName,
        operations: JSON.stringify(operations),
        scope,
        reason: request.reason,
        valid_from: times.from,
        valid_until: times.until,
        confirmed_by_oid: user.oid,
        confirmed_by_name: user.name,
        confirmed_at: at,
        created_at: at,
        ended_at: null,
        ended_by_name: null,
        problem: null,
      })
      .execute();
    await transaction
      .insertInto("alert_exception_row")
      .values(operations.map((one) => newRow(id, one, at)))
      .execute();
    const after = { ...told(request.callerOid, operations, request.reason, times), id };
    await writeAudit(
      transaction,
      { by: user, action: "alert_exception.add", ...auditPlaceOf(scope), after, result: "ok" },
      at,
    );
  });
  await ctx.jobs.enqueue(EXCEPTIONS_QUEUE, "asked", {});
  return { id };
}

/**
 * Lets an exception hold on, or again, for a new reason that a person has confirmed.
 *
 * @throws AppError `invalid` (`lastDay`), `not_found` when it was ended, `conflict` when another one has taken its place
 */
export async function renewAlertException(ctx: UserContext, request: RenewRequest): Promise<{ id: string }> {
  const { db, user, now } = ctx;
  const at = now();
  const today = at.toISOString().slice(0, 10);
  const times = validity({ firstDay: today, lastDay: request.lastDay }, at);
  if ("field" in times) throw new AppError("invalid", times.message, { field: "lastDay" });
  await db.transaction().execute(async (transaction) => {
    await sql`lock table alert_exception in share row exclusive mode`.execute(transaction);
    const before = await standing(transaction, request.id);
    await refuseSecond(transaction, at, before);
    // One that still holds keeps its beginning, so that a row that arrives late is judged as it would have been.
    const earliest = times.until.getTime() - DAYS_MAX * DAY_MS;
    const from = before.valid_until > at ? new Date(Math.max(before.valid_from.getTime(), earliest)) : times.from;
    await transaction
      .updateTable("alert_exception")
      .set({
        reason: request.reason,
        valid_from: from,
        valid_until: times.until,
        confirmed_by_oid: user.oid,
        confirmed_by_name: user.name,
        confirmed_at: at,
      })
      .where("id", "=", request.id)
      .execute();
    const about = { by: user, action: "alert_exception.renew", ...auditPlaceOf(before.scope) };
    await writeAudit(
      transaction,
      {
        ...about,
        before: told(before.caller_oid, before.operations, before.reason, {
          from: before.valid_from,
          until: before.valid_until,
        }),
        after: {
          ...told(before.caller_oid, before.operations, request.reason, { from, until: times.until }),
          id: request.id,
        },
        result: "ok",
      },
      at,
    );
  });
  await ctx.jobs.enqueue(EXCEPTIONS_QUEUE, "asked", {});
  return { id: request.id };
}

/** Ends an exception now, or lets one go whose time is over. Throws AppError `not_found` when it was ended before. */
export async function endAlertException(ctx: UserContext, id: string): Promise<{ id: string }> {
  const { db, user, now } = ctx;
  const at = now();
  await db.transaction().execute(async (transaction) => {
    const row = await standing(transaction, id);
    await transaction
      .updateTable("alert_exception")
      .set({ ended_at: at, ended_by_name: user.name })
      .where("id", "=", id)
      .execute();
    const times = { from: row.valid_from, until: row.valid_until };
    const before = { ...told(row.caller_oid, row.operations, row.reason, times), id };
    await writeAudit(
      transaction,
      { by: user, action: "alert_exception.end", ...auditPlaceOf(row.scope), before, result: "ok" },
      at,
    );
  });
  await ctx.jobs.enqueue(EXCEPTIONS_QUEUE, "asked", {});
  return { id };
}

/** Whether a person, or the register, may name this caller: never an identity of the product itself. */
export function isOurs({ config }: Pick<ServiceContext, "config">, callerOid: string): boolean {
  return SERVICE_IDENTITIES.some((name) => config.identities[name].objectId.toLowerCase() === callerOid.toLowerCase());
}

/** A new row of an exception, under an id that is noted before it is ever sent. */
export function newRow(exceptionId: string, operation: string, at: Date, itemId: string = randomUUID()) {
  return {
    id: randomUUID(),
    exception_id: exceptionId,
    operation,
    watchlist_item_id: itemId,
    published: null,
    publishing_at: null,
    changed_at: at,
  };
}

function refuseOurs(ctx: UserContext, callerOid: string): void {
  if (!isOurs(ctx, callerOid)) return;
  throw new AppError(
    "invalid",
    "This is an identity of this product. What it does to honeytokens is either its own recorded work or an attack, so no exception is made for it.",
    { field: "callerOid" },
  );
}

/** Throws AppError `conflict` when an exception holds for this caller at this scope and one of the operations. */
export async function refuseSecond(
  db: Kysely<Database>,
  at: Date,
  wanted: Pick<ExceptionRecord, "caller_oid" | "scope" | "operations"> & { id?: string },
): Promise<void> {
  const others = (await alertExceptionsAt(db, at)).filter(
    ({ id, caller_oid, scope }) => id !== wanted.id && caller_oid === wanted.caller_oid && scope === wanted.scope,
  );
  const other = others.find(({ operations }) => operations.some((one) => wanted.operations.includes(one)));
  if (!other) return;
  throw new AppError("conflict", `There is such an exception already, confirmed by ${other.confirmed_by_name}.`, {
    fix: "Renew or end that one, or leave out the operations that it has.",
  });
}

async function standing(db: Kysely<Database>, id: string): Promise<ExceptionRecord> {
  const row = await db
    .selectFrom("alert_exception")
    .selectAll()
    .where("id", "=", id)
    .where("ended_at", "is", null)
    .forUpdate()
    .executeTakeFirst();
  if (!row) throw new AppError("not_found", "This exception was ended already, or there is none.");
  return row;
}

async function scopeOf(db: Kysely<Database>, scope: ExceptionScope): Promise<string> {
  if (scope.level === "everywhere") return EVERYWHERE;
  if (scope.level === "vault") {
    const vaultId = parseVaultId(scope.vaultId);
    if (!vaultId) throw new AppError("invalid", "Choose the vault where it holds.", { field: "scope" });
    return vaultId;
  }
  const decoy = await db
    .selectFrom("decoy")
    .select("token_key")
    .where("id", "=", scope.decoyId)
    .where("state", "in", ["live", "retiring"])
    .executeTakeFirst();
  if (!decoy) throw new AppError("invalid", "Choose a honeytoken that is there.", { field: "scope" });
  return decoy.token_key;
}

/** The vault of a scope, for the audit trail, which names no decoy. */
export function auditPlaceOf(scope: string): { vaultId?: string } {
  const [vault = ""] = scope.split(/\/(?:secrets|keys|certificates)\/[^/]*$/);
  const vaultId = parseVaultId(vault);
  return vaultId ? { vaultId } : {};
}

function told(
  caller: string,
  operations: readonly string[],
  reason: string,
  { from, until }: { from: Date; until: Date },
) {
  return { caller, operations, reason, from: from.toISOString(), until: until.toISOString() };
}

import "server-only";
import { randomUUID } from "node:crypto";
import { type Kysely, sql } from "kysely";
import { getWatchlistItem, type WatchlistAuthor, type WrittenItem } from "@/lib/azure/watchlists";
import type { ServiceContext, UserContext } from "@/lib/context";
import { registerHealth } from "@/lib/coverage/register-health";
import { readableOf } from "@/lib/coverage/visible";
import { placeOf, vaultIn } from "@/lib/detection/alert-exception-list";
import { auditPlaceOf, isOurs, newRow, refuseSecond } from "@/lib/detection/alert-exceptions";
import type { ForeignException, ForeignExceptionList } from "@/lib/detection/alert-exceptions.pure";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import { auditReading, writeAudit } from "@/lib/store/audit";
import type { Database } from "@/lib/store/schema";
import { saidBy, takenOver } from "./internal/foreign-exceptions";
import { writeItems } from "./internal/write-items";
import { EXCEPTIONS_QUEUE } from "./queues";
import { type ExceptionRow, parseRegister, RegisterColumns } from "./rows";

/*
 * Rows of the watchlist that lower alerts and that this product did not write: whoever may write there can add one. They
 * are shown as they stand; an administrator takes them over or removes them, and nothing happens to them by itself.
 */

const SHOWN_MAX = 200;
/** Rows whose author is asked for at one reading: each is a request of its own. */
const ASKED_MAX = 40;
const TEXT_MAX = 200;

/**
 * The foreign rows, with what they lower and who wrote them; those about a vault only where the person may read it. From the
 * register as it was last read, without what has gone since.
 *
 * @throws AppError when the register could not be read, or Azure does not say which vaults the person may read
 */
export async function listForeignExceptions(ctx: UserContext): Promise<ForeignExceptionList> {
  const { db, user, now } = ctx;
  const at = now();
  const [{ exceptionRows, readAt }, known] = await Promise.all([registerHealth(ctx), knownItems(db)]);
  const all = await asTheyStand(
    ctx,
    exceptionRows.filter(({ itemId }) => !known.has(itemId.toLowerCase())),
  );
  const vaults = new Set(all.flatMap(({ row }) => vaultIn(row.scope) ?? []));
  const readable = await readableOf(ctx, vaults);
  const rows = all.filter(({ row }) => {
    const vault = vaultIn(row.scope);
    return vault === undefined || readable.has(vault);
  });
  const foreign = rows.slice(0, SHOWN_MAX).map((one) => viewOf(ctx, one, at));
  if (foreign.some(({ place }) => place?.level === "decoy"))
    await auditReading(db, { by: user, action: "alert_exception.read" }, at);
  return {
    foreign,
    more: rows.length - foreign.length,
    readAt: readAt.toISOString(),
    vaultsLeftOut: vaults.size - readable.size,
    mayChange: user.roles.includes("Platform.Admin"),
  };
}

/** Rows that are ours: of exceptions, and of decoys that are still there, whose own finding says what was done to them. */
async function knownItems(db: Kysely<Database>): Promise<ReadonlySet<string>> {
  const [exceptions, decoys] = await Promise.all([
    db.selectFrom("alert_exception_row").select("watchlist_item_id").execute(),
    db.selectFrom("decoy").select("watchlist_item_id").where("state", "in", ["live", "retiring"]).execute(),
  ]);
  return new Set([...exceptions, ...decoys].map(({ watchlist_item_id: id }) => id.toLowerCase()));
}

/** A row, and the same from the watchlist itself with its authors where that was asked and has answered. */
interface Standing {
  row: ExceptionRow;
  item: WrittenItem | undefined;
}

/** The rows as the watchlist has them now, without those that are gone; where it does not answer, as they were last read. */
async function asTheyStand(ctx: ServiceContext, rows: readonly ExceptionRow[]): Promise<Standing[]> {
  const asked = await Promise.all(rows.slice(0, ASKED_MAX).map((row) => asItStands(ctx, row)));
  return [...asked.flat(), ...rows.slice(ASKED_MAX).map((row) => ({ row, item: undefined }))];
}

async function asItStands(ctx: ServiceContext, row: ExceptionRow): Promise<Standing[]> {
  try {
    const item = await itemOf(ctx, row.itemId);
    const now = item && exceptionIn(item);
    return now ? [{ row: now, item }] : [];
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    log.warn({ err: error, row: row.itemId }, "who wrote a row of the register could not be read");
    return [{ row, item: undefined }];
  }
}

/** Undefined for a row that is no exception any more. */
function exceptionIn({ id, fields }: WrittenItem): ExceptionRow | undefined {
  return parseRegister([RegisterColumns.parse({ ...fields, ItemId: id })]).exceptions[0];
}

function itemOf({ azure, config }: ServiceContext, itemId: string): Promise<WrittenItem | undefined> {
  return getWatchlistItem(azure.collector, config.workspace.resourceId, config.watchlistAlias, itemId);
}

function viewOf(ctx: ServiceContext, { row, item }: Standing, at: Date): ForeignException {
  const said = saidBy(row, at);
  const taken = takenOver(said, at, (oid) => isOurs(ctx, oid));
  return {
    itemId: row.itemId,
    caller: clipped(said.caller),
    operation: clipped(said.operation),
    place: said.scope === "*" || vaultIn(said.scope) ? placeOf(said.scope, new Map()) : null,
    placeText: clipped(said.scope),
    from: said.from?.toISOString() ?? null,
    until: said.until?.toISOString() ?? null,
    effect: said.effect,
    written: item ? { created: authorOf(item.created), updated: authorOf(item.updated) } : null,
    refusal: typeof taken === "string" ? taken : null,
  };
}

function authorOf({ at, name }: WatchlistAuthor): { name: string | null; at: string | null } {
  return { name: name === undefined ? null : clipped(name), at: at?.toISOString() ?? null };
}

/**
 * Makes a foreign row an exception of ours, which nobody has confirmed: it waits for a reason and a last day, and ends by
 * itself within two weeks. The row as it stands now is what counts; it is written anew in the background.
 *
 * @throws AppError `not_found` when there is no such row any more, `conflict` when it cannot be an exception or one of ours
 *   says the same
 */
export async function takeOverException(ctx: UserContext, itemId: string): Promise<{ id: string }> {
  const { db, user, now } = ctx;
  const at = now();
  const row = await foreignRow(ctx, itemId);
  const taken = takenOver(saidBy(row, at), at, (oid) => isOurs(ctx, oid));
  if (typeof taken === "string") throw new AppError("conflict", taken, { fix: "Remove the row." });
  const { callerOid, operation, scope, from, until } = taken;
  const id = randomUUID();
  await db.transaction().execute(async (transaction) => {
    // Two people at once would otherwise both take it.
    await sql`lock table alert_exception in share row exclusive mode`.execute(transaction);
    if ((await knownItems(transaction)).has(row.itemId.toLowerCase())) throw gone();
    await refuseSecond(transaction, at, { caller_oid: callerOid, scope, operations: [operation] });
    await transaction
      .insertInto("alert_exception")
      .values({
        id,
        caller_oid: callerOid,
        caller_name: callerOid,
        operations: JSON.stringify([operation]),
        scope,
        reason: `Taken over by ${user.name} from a row that this product did not write; nobody has said why.`,
        valid_from: from,
        valid_until: until,
        confirmed_by_oid: null,
        confirmed_by_name: "nobody yet",
        confirmed_at: null,
        created_at: at,
        ended_at: null,
        ended_by_name: null,
        problem: null,
      })
      .execute();
    await transaction
      .insertInto("alert_exception_row")
      .values(newRow(id, operation, at, row.itemId))
      .execute();
    await settleFinding(transaction, row.itemId, at);
    const after = {
      id,
      caller: callerOid,
      operations: [operation],
      from: from.toISOString(),
      until: until.toISOString(),
    };
    const entry = { by: user, action: "alert_exception.take_over", ...auditPlaceOf(scope) };
    await writeAudit(transaction, { ...entry, before: toldOf(row, at), after, result: "ok" }, at);
  });
  await ctx.jobs.enqueue(EXCEPTIONS_QUEUE, "asked", {});
  return { id };
}

/**
 * Deletes a foreign row, so that touches of its caller count in full again.
 *
 * @throws AppError `not_found` when there is no such row any more, or what Azure answers when it refuses; both is audited
 */
export async function removeForeignException(ctx: UserContext, itemId: string): Promise<{ removed: string }> {
  const { db, user, now } = ctx;
  const row = await foreignRow(ctx, itemId);
  const entry = { by: user, action: "alert_exception.remove_foreign", ...auditPlaceOf(row.scope) };
  const before = toldOf(row, now());
  const vaultId = vaultIn(row.scope) ?? "*";
  try {
    // It raises alerts again, so the month's count must not keep it.
    await writeItems(ctx, [{ is: "remove", decoyId: "", vaultId, itemId: row.itemId }], true);
  } catch (error) {
    if (error instanceof AppError) await writeAudit(db, { ...entry, before, result: error.failure.message }, now());
    throw error;
  }
  await db.transaction().execute(async (transaction) => {
    await settleFinding(transaction, row.itemId, now());
    await writeAudit(transaction, { ...entry, before, result: "ok" }, now());
  });
  return { removed: row.itemId };
}

/** The row as the watchlist has it now: one that is an exception, not ours, and about nothing that the person may not read. */
async function foreignRow(ctx: UserContext, itemId: string): Promise<ExceptionRow> {
  const [item, known] = await Promise.all([itemOf(ctx, itemId), knownItems(ctx.db)]);
  if (!item || known.has(item.id.toLowerCase())) throw gone();
  const row = exceptionIn(item);
  if (!row) throw gone();
  const vault = vaultIn(row.scope);
  if (vault !== undefined && !(await readableOf(ctx, [vault])).has(vault)) throw gone();
  await refuseUnderWay(ctx.db, row.itemId);
  return row;
}

/** Somebody made an exception of the row of a honeytoken under way, whose planting writes it again. */
async function refuseUnderWay(db: Kysely<Database>, itemId: string): Promise<void> {
  const decoy = await db
    .selectFrom("decoy")
    .select("id")
    .where(sql<string>`lower(watchlist_item_id)`, "=", itemId.toLowerCase())
    .where("state", "in", ["registered", "planting"])
    .executeTakeFirst();
  if (!decoy) return;
  throw new AppError("conflict", "It is the row of a honeytoken that is being planted, which somebody has changed.", {
    fix: "Wait until the planting has ended: it writes the row again.",
  });
}

/** What the hourly comparison found of this row is dealt with. */
async function settleFinding(db: Kysely<Database>, itemId: string, at: Date): Promise<void> {
  await db
    .updateTable("register_drift")
    .set({ repaired_at: at, requested_at: null })
    .where("kind", "=", "exception_foreign")
    .where(sql<string>`lower(row_id)`, "=", itemId.toLowerCase())
    .where("repaired_at", "is", null)
    .execute();
}

/** For the audit trail, which names no decoy. */
function toldOf(row: ExceptionRow, at: Date): Record<string, string> {
  const { caller, operation, from, until, effect } = saidBy(row, at);
  return {
    row: row.itemId,
    caller: clipped(caller),
    operation: clipped(operation),
    effect,
    ...(from && { from: from.toISOString() }),
    ...(until && { until: until.toISOString() }),
  };
}

function clipped(text: string): string {
  return text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text;
}

function gone(): AppError {
  return new AppError("not_found", "There is no such row of somebody else any more.", {
    fix: "Reload: it may have been taken over or removed by now.",
  });
}

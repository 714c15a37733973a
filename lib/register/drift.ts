import "server-only";
import { randomUUID } from "node:crypto";
import { type Kysely, type Selectable, sql } from "kysely";
import type { ServiceContext } from "@/lib/context";
import { registerHealth } from "@/lib/coverage/register-health";
import { AppError } from "@/lib/errors";
import { alertExceptionRows, alertExceptionsAt } from "@/lib/store/alert-exceptions";
import type { Decoy } from "@/lib/store/decoys";
import type { Database, RegisterDriftTable } from "@/lib/store/schema";
import { type Difference, differences } from "./internal/compare";
import { exceptionDifferences } from "./internal/compare-exceptions";

/** An answer that is older than this is no comparison. */
const ANSWER_MAX_AGE_MS = 15 * 60_000;
const DAY_MS = 24 * 60 * 60_000;
const ROWS_PER_STATEMENT = 1_000;

export type Drift = Selectable<RegisterDriftTable>;

/**
 * Compares our register with the published one and with what befell the decoys, and keeps the findings: new ones are
 * added, those that are gone are closed. Bulk sources only. A change of the last minutes is left out, since the
 * workspace does not show it yet.
 *
 * @returns the findings that stand now
 * @throws AppError when the register or the log could not be read; then every finding stays, and the reason is kept
 */
export async function findDrift(service: ServiceContext): Promise<Drift[]> {
  const { db, now, config } = service;
  try {
    const { rows, exceptionRows, readAt, broken } = await registerHealth(service);
    if (now().getTime() - readAt.getTime() > ANSWER_MAX_AGE_MS) throw stale(readAt);
    const decoys = await db.selectFrom("decoy").selectAll().execute();
    const tooYoung = (at: Date) => readAt.getTime() - at.getTime() < config.timing.registerVisibleWithin;
    const exceptions = await knownExceptions(service);
    const exceptionItems = new Set(exceptionRows.map(({ itemId }) => itemId.toLowerCase()));
    const own = new Set(exceptions.known.map(({ watchlist_item_id }) => watchlist_item_id.toLowerCase()));
    const found = [
      ...exceptionDifferences({
        ...exceptions,
        published: exceptionRows,
        decoyRows: rows,
        decoyItems: itemsOf(decoys),
        tooYoung,
      }),
      ...differences({
        decoys,
        rows: rows.filter(({ itemId }) => !own.has(itemId.toLowerCase())),
        exceptionItems,
        broken,
        now: now(),
        tooYoung,
      }),
    ];
    const open = await keep(db, found, { at: now(), tooYoung });
    await db.updateTable("register_state").set({ compared_at: now(), problem: null }).execute();
    return open;
  } catch (error) {
    if (error instanceof AppError) {
      const { message, fix } = error.failure;
      const problem = [message, fix].filter(Boolean).join(" ");
      await db.updateTable("register_state").set({ compared_at: now(), problem }).execute();
    }
    throw error;
  }
}

async function knownExceptions({ db, now }: ServiceContext) {
  const [holding, known] = await Promise.all([alertExceptionsAt(db, now()), alertExceptionRows(db)]);
  return { holding: new Map(holding.map((one) => [one.id, one])), known };
}

/** Rows of decoys that are still there; a retired one's row that is an exception by now is a foreign exception. */
function itemsOf(decoys: readonly Decoy[]): Set<string> {
  const present = decoys.filter(({ state }) => state === "live" || state === "retiring");
  return new Set(present.map(({ watchlist_item_id }) => watchlist_item_id.toLowerCase()));
}

async function keep(
  db: Kysely<Database>,
  found: readonly Difference[],
  { at, tooYoung }: { at: Date; tooYoung(time: Date): boolean },
): Promise<Drift[]> {
  const lately = new Date(at.getTime() - DAY_MS);
  return db.transaction().execute(async (transaction) => {
    const known = await transaction
      .selectFrom("register_drift")
      .selectAll()
      .where(({ eb, or }) => or([eb("repaired_at", "is", null), eb("repaired_at", ">", lately)]))
      .execute();
    const keyOf = ({ kind, subject }: Pick<Difference, "kind" | "subject">) => `${kind} ${subject}`;
    const open = new Map(known.filter((one) => one.repaired_at === null).map((one) => [keyOf(one), one]));
    // What was just repaired still shows for a while.
    const settling = new Set(known.filter((one) => one.repaired_at && tooYoung(one.repaired_at)).map(keyOf));
    const fresh = found.filter((one) => !open.has(keyOf(one)) && !settling.has(keyOf(one)));
    for (let start = 0; start < fresh.length; start += ROWS_PER_STATEMENT) {
      await transaction
        .insertInto("register_drift")
        .values(fresh.slice(start, start + ROWS_PER_STATEMENT).map((one) => newFinding(one, at)))
        .execute();
    }
    const standing = new Set(found.map(keyOf));
    const gone = [...open].filter(([key]) => !standing.has(key)).map(([, { id }]) => id);
    if (gone.length > 0) {
      await transaction
        .updateTable("register_drift")
        .set({ repaired_at: at, requested_at: null })
        .where(sql<boolean>`id = any(${sql.val(gone)}::text[])`)
        .execute();
    }
    return transaction.selectFrom("register_drift").selectAll().where("repaired_at", "is", null).execute();
  });
}

function newFinding(found: Difference, at: Date) {
  const { kind, subject, decoyId, exceptionId, rowId, vaultId, objectKind, name, detail } = found;
  return {
    id: randomUUID(),
    kind,
    subject,
    decoy_id: decoyId,
    exception_id: exceptionId ?? null,
    row_id: rowId,
    vault_id: vaultId,
    object_kind: objectKind,
    name,
    detail,
    found_at: at,
    requested_at: null,
    requested_by_tid: null,
    requested_by_oid: null,
    requested_by_name: null,
    problem: null,
    handled_at: null,
    note: null,
    repaired_at: null,
  };
}

function stale(readAt: Date): AppError {
  return new AppError(
    "unavailable",
    `The published register was last read at ${readAt.toISOString().slice(11, 16)} UTC and cannot be read now.`,
    { fix: "It is read again by itself." },
  );
}

import "server-only";
import { type Kysely, sql } from "kysely";
import { parseVaultId, type VaultId, vaultIdParts, vaultPath } from "@/lib/azure/resource-id.pure";
import type { UserContext } from "@/lib/context";
import { readableOf } from "@/lib/coverage/visible";
import { type AlertExceptionRow, alertExceptionRows, type ExceptionRecord } from "@/lib/store/alert-exceptions";
import { auditReading } from "@/lib/store/audit";
import type { Database } from "@/lib/store/schema";
import { type AlertException, type AlertExceptionList, REVIEW_DAYS } from "./alert-exceptions.pure";

/** How many that were ended the page shows; all of them stay in the audit trail. */
const PAST_MAX = 200;
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Every exception that holds or waits for a decision, and those that were ended last. Where one is about a single decoy
 * its name is shown, which is audited once an hour and person. Of those about a vault or what is in it only where the
 * person may read that vault; what holds everywhere is for all.
 *
 * @throws AppError when Azure does not say which vaults the person may read
 */
export async function listAlertExceptions(ctx: UserContext): Promise<AlertExceptionList> {
  const { db, user, now } = ctx;
  const at = now();
  const [all, rows, names] = await Promise.all([
    db
      .selectFrom("alert_exception")
      .selectAll()
      .orderBy(sql`ended_at desc nulls first`)
      .orderBy("valid_until")
      .orderBy("id")
      .limit(PAST_MAX * 10)
      .execute(),
    alertExceptionRows(db),
    decoyNames(db),
  ]);
  const vaults = new Set(all.flatMap(({ scope }) => vaultIn(scope) ?? []));
  const readable = await readableOf(ctx, vaults);
  const records = all.filter(({ scope }) => {
    const vault = vaultIn(scope);
    return vault === undefined || readable.has(vault);
  });
  const rowsOf = new Map<string, AlertExceptionRow[]>();
  for (const row of rows) rowsOf.set(row.exception_id, [...(rowsOf.get(row.exception_id) ?? []), row]);
  const view = (record: ExceptionRecord) => viewOf(record, rowsOf.get(record.id) ?? [], names, at);
  if (records.some(({ scope }) => names.has(scope)))
    await auditReading(ctx.db, { by: user, action: "alert_exception.read" }, at);
  return {
    current: records.filter(({ ended_at }) => ended_at === null).map(view),
    past: records
      .flatMap((record) =>
        record.ended_at === null
          ? []
          : [{ ...view(record), review: null, endedAt: record.ended_at.toISOString(), endedBy: record.ended_by_name }],
      )
      .slice(0, PAST_MAX),
    vaultsLeftOut: vaults.size - readable.size,
    mayChange: user.roles.includes("Platform.Admin"),
  };
}

function viewOf(
  record: ExceptionRecord,
  rows: readonly AlertExceptionRow[],
  names: ReadonlyMap<string, string>,
  at: Date,
): AlertException {
  const holds = record.ended_at === null && record.valid_until > at;
  const settled = rows.every(
    ({ published, publishing_at }) => publishing_at === null && (published !== null) === holds,
  );
  return {
    id: record.id,
    callerOid: record.caller_oid,
    callerName: record.caller_name,
    operations: record.operations,
    place: placeOf(record.scope, names),
    reason: record.reason,
    from: record.valid_from.toISOString(),
    until: record.valid_until.toISOString(),
    confirmedBy: record.confirmed_at === null ? null : record.confirmed_by_name,
    confirmedAt: record.confirmed_at?.toISOString() ?? null,
    publication: settled ? "published" : record.problem === null ? "waiting" : "failed",
    problem: settled ? null : record.problem,
    review: reviewOf(record, at),
  };
}

function reviewOf({ valid_until, confirmed_at }: ExceptionRecord, at: Date): AlertException["review"] {
  const left = valid_until.getTime() - at.getTime();
  if (left <= 0) return "over";
  if (confirmed_at === null) return "unconfirmed";
  return left <= REVIEW_DAYS * DAY_MS ? "ending" : null;
}

const OBJECT_IN = /\/(?:secrets|keys|certificates)\/(?=[^/]*$)/;

/** The vault that a scope is, or lies in; undefined for one that holds everywhere. */
export function vaultIn(scope: string): VaultId | undefined {
  return parseVaultId(scope.split(OBJECT_IN)[0] ?? "");
}

/** Where a scope holds; `names` has the decoys' names as they are written, by token key. */
export function placeOf(scope: string, names: ReadonlyMap<string, string>): AlertException["place"] {
  const [, ...object] = scope.split(OBJECT_IN);
  const vaultId = vaultIn(scope);
  if (!vaultId) return { level: "everywhere", vault: null, decoy: null };
  const where = { name: vaultIdParts(vaultId).name, path: vaultPath(vaultId) };
  const [name] = object;
  if (name === undefined) return { level: "vault", vault: where, decoy: null };
  return { level: "decoy", vault: where, decoy: names.get(scope) ?? name };
}

/** Names of the decoys that exceptions are about, by token key. */
async function decoyNames(db: Kysely<Database>): Promise<Map<string, string>> {
  const rows = await db
    .selectFrom("decoy")
    .innerJoin("alert_exception", "alert_exception.scope", "decoy.token_key")
    .select(["decoy.token_key", "decoy.name"])
    .execute();
  return new Map(rows.map(({ token_key, name }) => [token_key, name]));
}

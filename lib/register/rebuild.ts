import "server-only";
import { z } from "zod";
import { queryLogs } from "@/lib/azure/logs";
import type { ServiceContext } from "@/lib/context";
import { isOurs, newRow } from "@/lib/detection/alert-exceptions";
import { ExceptableText } from "@/lib/detection/alert-exceptions.pure";
import { AppError } from "@/lib/errors";
import { readingWatchlist, readKql, withoutComments } from "@/lib/kql-files";
import { writeAudit } from "@/lib/store/audit";
import { importDecoys, registerIsEmpty } from "@/lib/store/decoys";
import { decoysOf, listPublished } from "./import";
import { oneRowPerObject } from "./internal/examine";
import { ownColumns } from "./internal/fields";
import { type Creation, type Recovered, recover, type Undecided } from "./internal/recover";
import { recoverExceptions } from "./internal/recover-exceptions";
import { type ExceptionRow, parseRegister } from "./rows";
import type { RowProblem } from "./views.pure";

export interface Rebuilt {
  /** Usable rows of the published register, one per object. */
  published: number;
  /** Decoys that were new to the store. */
  recovered: number;
  /** Of these, how many the log proves to be ours: exactly one creation by the planter in the published window. */
  proven: number;
  /** Of these, how many are being retired; their retirement has to be asked for again. */
  retiring: number;
  /** Alert exceptions that came back; nobody has confirmed them since. */
  exceptions: number;
  undecided: Undecided[];
  /** Rows that cannot be used, by why. */
  problems: ReadonlyMap<RowProblem, number>;
}

/**
 * Fills the register of a lost database from Azure alone: the published rows, and the planter's creations in the vaults'
 * audit logs, which give version and time back. Keyed hashes of values and who asked for a planting are lost for good.
 *
 * @param merge also into a store that has decoys; those stay as they are
 * @throws AppError `conflict` when the store has decoys and `merge` is not said; whatever Azure refuses
 */
export async function rebuildRegister(service: ServiceContext, { merge }: { merge: boolean }): Promise<Rebuilt> {
  const { db, config, now } = service;
  if (!merge && !(await registerIsEmpty(db))) {
    throw new AppError("conflict", "This store has honeytokens already.", {
      fix: "Say --merge to add those that it lacks; what it has stays as it is.",
    });
  }
  const { rows, exceptions, problems } = parseRegister(await listPublished(service));
  const single = oneRowPerObject(rows);
  const planter = config.identities.planter.objectId.toLowerCase();
  const { recovered: found, undecided } = recover(single, await readCreations(service, planter), planter, now());
  const known = await db
    .selectFrom("decoy")
    .select("token_key")
    .where("state", "not in", ["retired", "failed"])
    .execute();
  const had = new Set(known.map(({ token_key }) => token_key));
  const recovered = found.filter(({ row }) => !had.has(row.tokenKey));
  const added = await importDecoys(
    db,
    recovered.map((one) => decoyOf(one, now())),
  );
  const result: Rebuilt = {
    published: single.length,
    recovered: added,
    proven: recovered.filter(({ proof }) => proof !== null).length,
    retiring: recovered.filter(({ row }) => row.state === "retiring").length,
    exceptions: await takeExceptionsOver(service, exceptions),
    undecided,
    problems,
  };
  const by = { tid: config.tenantId, system: "Rebuilding the register" };
  const after = { ...result, undecided: undecided.length, problems: Object.fromEntries(problems), merge };
  await writeAudit(db, { by, action: "register.rebuild", after, result: "ok" }, now());
  return result;
}

/** Exceptions come back to be confirmed: who confirmed them, and why, is lost with the database. */
async function takeExceptionsOver(service: ServiceContext, rows: readonly ExceptionRow[]): Promise<number> {
  const { db, now } = service;
  const at = now();
  const allowed = (operation: string, callerOid: string) =>
    ExceptableText.safeParse(operation).success && !isOurs(service, callerOid);
  const columns = new Map(rows.map((row) => [row.itemId, row.columns]));
  let added = 0;
  for (const one of recoverExceptions(rows, { now: at, allowed })) {
    added += await db.transaction().execute(async (transaction) => {
      const fresh = await transaction
        .insertInto("alert_exception")
        .values({
          id: one.id,
          caller_oid: one.callerOid,
          caller_name: one.callerOid,
          operations: JSON.stringify([...one.rows.keys()].sort()),
          scope: one.scope,
          reason: "Recovered from the published register; the reason is lost.",
          valid_from: one.from,
          valid_until: one.until,
          confirmed_by_oid: null,
          confirmed_by_name: "nobody yet",
          confirmed_at: null,
          created_at: at,
          ended_at: null,
          ended_by_name: null,
          problem: null,
        })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      if (fresh.numInsertedOrUpdatedRows !== 1n) return 0;
      const own = [...one.rows].map(([operation, itemId]) => ({
        ...newRow(one.id, operation, at, itemId),
        published: JSON.stringify(ownColumns(columns.get(itemId) ?? {})),
      }));
      await transaction.insertInto("alert_exception_row").values(own).execute();
      return 1;
    });
  }
  return added;
}

function decoyOf({ row, proof }: Recovered, now: Date) {
  const [decoy] = decoysOf([row], now);
  if (!decoy) throw new Error("A row makes a decoy.");
  if (!proof) return decoy;
  const { at, version } = proof;
  return {
    ...decoy,
    version: version === "" ? null : version,
    first_sent_at: at,
    sent_at: at,
    confirmed_at: at,
    created_at: at,
  };
}

const CreationRow = z.object({
  TokenKey: z.string(),
  TimeGenerated: z.string().transform((text) => new Date(text)),
  Oid: z.string(),
  Version: z.string(),
  RequestId: z.string(),
});

/** All vaults' rows of 90 days: given the longest that the service waits for a query (Azure Monitor service limits). */
const WHOLE_LOG_WITHIN_MS = 600_000;

/** Creations by the planter, and by anybody of registered objects, in the log's memory of 90 days: one query. */
async function readCreations({ azure, config }: ServiceContext, planter: string): Promise<Creation[]> {
  const text = withoutComments(readKql("lib/register/queries/creations.kql"));
  const kql = readingWatchlist(text, config.watchlistAlias);
  const { customerId } = config.workspace;
  const rows = await queryLogs(azure.collector, customerId, { kql, parameters: { planter } }, CreationRow, {
    within: WHOLE_LOG_WITHIN_MS,
  });
  const creations = new Map<string, Creation>();
  for (const { TokenKey: tokenKey, TimeGenerated: at, Oid: by, Version: version, RequestId } of rows) {
    // A vault with two settings writes each event into both tables: the version makes them one again.
    const key = `${tokenKey} ${version === "" ? `${RequestId} ${at.toISOString()}` : version}`;
    // Azure Resource Manager answers for a key that stands already: whoever came first made it.
    const known = creations.get(key);
    if (known && known.at <= at) continue;
    creations.set(key, { tokenKey, at, by, version });
  }
  return [...creations.values()];
}

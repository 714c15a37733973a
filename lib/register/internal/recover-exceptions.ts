import "server-only";
import { parseVaultId } from "@/lib/azure/resource-id.pure";
import { type ExceptionRow, exceptionOf } from "../rows";

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const YEAR_MS = 365 * 24 * 60 * 60_000;
const OBJECT = /\/(?:secrets|keys|certificates)\/[0-9a-z-]{1,127}$/;

/** An exception put together again from its published rows. */
export interface RecoveredException {
  id: string;
  callerOid: string;
  scope: string;
  from: Date;
  until: Date;
  /** Row ids by operation. */
  rows: Map<string, string>;
}

/**
 * Exceptions of the published rows, by their id. Only rows that could have been confirmed here: an object id, an
 * operation that can be excepted, a place, at most a year, not over. Rows of one id that say different things come back
 * as none: the comparison shows them as foreign. Data in, data out.
 */
export function recoverExceptions(
  rows: readonly ExceptionRow[],
  { now, allowed }: { now: Date; allowed(operation: string, callerOid: string): boolean },
): RecoveredException[] {
  const found = new Map<string, RecoveredException | "differ">();
  for (const row of rows) {
    const read = readRow(row, now);
    if (!read || !allowed(read.operation, read.callerOid)) continue;
    const { operation, itemId, ...about } = read;
    const known = found.get(read.id);
    if (known === "differ") continue;
    if (!known) found.set(read.id, { ...about, rows: new Map([[operation, itemId]]) });
    else if (same(known, about) && !known.rows.has(operation)) known.rows.set(operation, itemId);
    else found.set(read.id, "differ");
  }
  return [...found.values()].filter((one) => one !== "differ");
}

function readRow({ itemId, scope, columns }: ExceptionRow, now: Date) {
  const { operation, id } = exceptionOf(columns);
  const callerOid = columns.PlanterOid.trim().toLowerCase();
  const from = new Date(columns.WindowStart.trim());
  const until = new Date(columns.WindowEnd.trim());
  const length = until.getTime() - from.getTime();
  if (!GUID.test(id) || !GUID.test(callerOid) || !(length > 0 && length <= YEAR_MS) || until <= now) return undefined;
  if (!isPlace(scope)) return undefined;
  return { id, callerOid, scope, from, until, operation, itemId };
}

/** Whether a scope is everywhere, a vault or an object in one. */
export function isPlace(scope: string): boolean {
  return scope === "*" || parseVaultId(scope.replace(OBJECT, "")) !== undefined;
}

function same(a: Omit<RecoveredException, "rows">, b: Omit<RecoveredException, "rows">): boolean {
  return (
    a.callerOid === b.callerOid &&
    a.scope === b.scope &&
    a.from.getTime() === b.from.getTime() &&
    a.until.getTime() === b.until.getTime()
  );
}

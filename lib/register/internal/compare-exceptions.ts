import "server-only";
import { normaliseId, parseVaultId } from "@/lib/azure/resource-id.pure";
import type { AlertExceptionRow, ExceptionRecord } from "@/lib/store/alert-exceptions";
import { type ExceptionRow, exceptionOf, type RegisterRow } from "../rows";
import type { DriftKind } from "../views.pure";
import type { Difference } from "./compare";
import { COLUMNS } from "./fields";

/** Longest text of a foreign row that is kept for the page. */
const TEXT_MAX = 120;
/** Rows keep a thousandth of a second; others may write whole seconds. */
const SAME_TIME_MS = 1_000;
const EVERYWHERE = "*";

export interface ComparedExceptions {
  /** Those that hold now, by id. */
  holding: ReadonlyMap<string, ExceptionRecord>;
  /** What our table knows of their rows, and of the rows of those that are over. */
  known: readonly AlertExceptionRow[];
  published: readonly ExceptionRow[];
  /** Rows that count as decoys: a row of an exception may have been made one. */
  decoyRows: readonly RegisterRow[];
  /** Ids of the rows of our decoys: such a row that was made an exception is the decoy's affair. */
  decoyItems: ReadonlySet<string>;
  tooYoung(at: Date): boolean;
}

/**
 * Everything in which the published exceptions differ from ours. A row that we did not publish lowers alerts that nobody
 * has decided to lower. Data in, data out.
 */
export function exceptionDifferences(compared: ComparedExceptions): Difference[] {
  const { holding, known, published, decoyRows, decoyItems, tooYoung } = compared;
  const byItem = new Map(known.map((row) => [row.watchlist_item_id.toLowerCase(), row]));
  const there = new Map(published.map((row) => [row.itemId.toLowerCase(), row]));
  const turned = new Set(decoyRows.map(({ itemId }) => itemId.toLowerCase()));
  const found: Difference[] = [];
  for (const row of published) {
    const own = byItem.get(row.itemId.toLowerCase());
    if (decoyItems.has(row.itemId.toLowerCase())) continue;
    if (!own) found.push(aboutRow(row, "exception_foreign", null, FOREIGN));
    else if (!holding.has(own.exception_id) && !tooYoung(own.publishing_at ?? own.changed_at)) {
      found.push(aboutRow(row, "exception_foreign", own.exception_id, OVER));
    }
  }
  for (const row of known) {
    const exception = holding.get(row.exception_id);
    // What was never acknowledged is the publisher's affair; it says on the exceptions' page why.
    if (!exception || row.published === null || tooYoung(row.publishing_at ?? row.changed_at)) continue;
    const item = row.watchlist_item_id.toLowerCase();
    const shown = there.get(item);
    const differing = shown && changedColumns(shown, row.published);
    if (turned.has(item)) found.push(aboutOurs(row, exception, "exception_changed", changedBy(["State"])));
    else if (!differing) found.push(aboutOurs(row, exception, "exception_missing", MISSING));
    else if (differing.length > 0) found.push(aboutOurs(row, exception, "exception_changed", changedBy(differing)));
  }
  return found;
}

const FOREIGN =
  "Nobody has confirmed this exception here. It makes touches of this caller count less: whoever added it may be preparing to read honeytokens.";
const OVER = "This exception is over, and its row is still there: touches of this caller still count less.";
const MISSING = "The published register has no row for this operation, so touches of this caller count in full.";
const changedBy = (columns: readonly string[]) => `Its row was changed by somebody else: ${columns.join(", ")}.`;

function changedColumns({ columns }: ExceptionRow, published: Record<string, string>): string[] {
  return COLUMNS.filter((column) => !sameText(column, columns[column], published[column] ?? ""));
}

function sameText(column: (typeof COLUMNS)[number], a: string, b: string): boolean {
  if (column === "WindowStart" || column === "WindowEnd") {
    return Math.abs(new Date(a).getTime() - new Date(b).getTime()) < SAME_TIME_MS;
  }
  return a.trim().toLowerCase() === b.trim().toLowerCase();
}

function aboutRow(row: ExceptionRow, kind: DriftKind, exceptionId: string | null, why: string): Difference {
  const { operation } = exceptionOf(row.columns);
  const caller = clipped(row.columns.PlanterOid.trim()) || "nobody";
  const until = clipped(row.columns.WindowEnd.trim()) || "not said";
  const vaultId = vaultOf(row.scope);
  const where = vaultId === EVERYWHERE && row.scope !== EVERYWHERE ? ` Its place reads ${clipped(row.scope)}.` : "";
  return {
    kind,
    subject: row.itemId,
    decoyId: null,
    exceptionId,
    rowId: row.itemId,
    vaultId,
    objectKind: null,
    name: `${clipped(operation) || "Any operation"} by ${caller}`,
    detail: `${why} Until: ${until}.${where}`,
  };
}

function aboutOurs(row: AlertExceptionRow, exception: ExceptionRecord, kind: DriftKind, detail: string): Difference {
  return {
    kind,
    subject: row.id,
    decoyId: null,
    exceptionId: exception.id,
    rowId: row.watchlist_item_id,
    vaultId: vaultOf(exception.scope),
    objectKind: null,
    name: `${row.operation} by ${exception.caller_name}`,
    detail,
  };
}

/** The vault that a scope means or lies in; `*` where it means all, or nothing that can be read. */
function vaultOf(scope: string): string {
  const [vault = ""] = normaliseId(scope).split(/\/(?:secrets|keys|certificates)\/[^/]*$/);
  return parseVaultId(vault) ?? EVERYWHERE;
}

function clipped(text: string): string {
  return text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text;
}

import "server-only";
import { type Selectable, type SelectQueryBuilder, sql } from "kysely";
import { normaliseId } from "@/lib/azure/resource-id.pure";
import type { UserContext } from "@/lib/context";
import { readableOf } from "@/lib/coverage/visible";
import { writeAudit } from "@/lib/store/audit";
import type { AuditTable, Database } from "@/lib/store/schema";
import { type AuditFilter, type AuditPage, type AuditQuery, type AuditRow, REFUSED } from "./audit.pure";
import { distinctValues } from "./internal/distinct";

const ROWS_PER_PAGE = 100;
const ROWS_PER_EXPORTED_PAGE = 5_000;

/**
 * A page of the audit trail, newest first, without what is about vaults that the person may not read: it may hold few rows,
 * or none, and lead to a next one. Reading it leaves no row: it would only tell of itself.
 *
 * @throws AppError when Azure does not say which vaults the person may read
 */
export async function readAudit(ctx: UserContext, query: AuditQuery): Promise<AuditPage> {
  return onlyReadable(ctx, await auditPage(ctx.db, query));
}

/**
 * A page of an export; the caller asks until `next` is null. The first page records who exported what, and rows that are
 * written meanwhile, that one included, are newer and so in none of the pages.
 *
 * @throws AppError when Azure does not say which vaults the person may read
 */
export async function exportAudit(ctx: UserContext, query: AuditQuery): Promise<AuditPage> {
  const page = await onlyReadable(ctx, await auditPage(ctx.db, query, ROWS_PER_EXPORTED_PAGE));
  if (query.after === undefined) {
    const asked = Object.entries(query).filter(([, value]) => value !== "");
    const after = { filter: Object.fromEntries(asked) };
    await writeAudit(ctx.db, { by: ctx.user, action: "audit.export", after, result: "ok" }, ctx.now());
  }
  return page;
}

type Page = Omit<AuditPage, "leftOut">;

/** Leaves out what is about something in Azure that the person may not read. What is about nothing there stays. */
async function onlyReadable(ctx: UserContext, { rows, next }: Page): Promise<AuditPage> {
  const readable = await readableOf(ctx, new Set(rows.flatMap((row) => placeOf(row) ?? [])));
  const shown = rows.filter((row) => {
    const place = placeOf(row);
    return place === undefined || readable.has(place);
  });
  return { rows: shown, leftOut: rows.length - shown.length, next };
}

/** Where in Azure a row's write was, normalised; undefined for none, and for what lies above all subscriptions. */
function placeOf({ vaultId }: AuditRow): string | undefined {
  const id = normaliseId(vaultId ?? "");
  return id.startsWith("/subscriptions/") ? id : undefined;
}

/** At most `size` rows that match, newest first, from the row after `after` on, whatever they are about. */
export async function auditPage(
  db: UserContext["db"],
  { after, ...filter }: AuditQuery,
  size = ROWS_PER_PAGE,
): Promise<Page> {
  const matching = await filtered(db.selectFrom("audit").selectAll(), db, filter);
  if (!matching) return { rows: [], next: null };
  const [at, id] = after?.split("_") ?? [];
  const rows = await matching
    .$if(after !== undefined, (query) => query.where(sql<boolean>`(at, id) < (${at}::timestamptz, ${id}::bigint)`))
    .orderBy("at", "desc")
    .orderBy("id", "desc")
    .limit(size + 1)
    .execute();
  const shown = rows.slice(0, size);
  const last = shown.at(-1);
  const next = rows.length > size && last ? `${last.at.toISOString()}_${last.id}` : null;
  return { rows: shown.map(viewOf), next };
}

type Query = SelectQueryBuilder<Database, "audit", Selectable<AuditTable>>;

const OBJECT_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * The rows that the filter asks for; undefined when no row can match. Parts of names and actions are looked up among the
 * few different ones first, so that an index finds their rows however many there are.
 */
async function filtered(query: Query, db: UserContext["db"], filter: AuditFilter): Promise<Query | undefined> {
  const { person, action, vault, result, from, to } = filter;
  let found = query;
  if (OBJECT_ID.test(person)) found = found.where("oid", "=", person.toLowerCase());
  else if (person !== "") {
    const names = await distinctValues(db, "who", person);
    if (names.length === 0) return undefined;
    found = found.where("who", "in", names);
  }
  if (action !== "") {
    const actions = await distinctValues(db, "action", action);
    if (actions.length === 0) return undefined;
    found = found.where("action", "in", actions);
  }
  if (vault !== "") found = ofVault(found, vault);
  if (result === "ok") found = found.where("result", "=", "ok");
  if (result === "refused" || result === "failed") {
    const refused = sql<boolean>`starts_with(result, ${REFUSED})`;
    found = found.where("result", "<>", "ok").where(refused, "is", result === "refused");
  }
  if (from !== "") found = found.where("at", ">=", new Date(`${from}T00:00:00Z`));
  if (to !== "") found = found.where(sql<boolean>`at < ${to}::date::timestamp at time zone 'UTC' + interval '1 day'`);
  return found;
}

function ofVault(query: Query, text: string): Query {
  if (text.startsWith("/")) return query.where("vault_id", "=", normaliseId(text));
  const beginning = text.toLowerCase().replace(/[\\%_]/g, "\\$&");
  // The expression of the index audit_vault_name, word for word.
  return query.where(sql<boolean>`substring(vault_id from '[^/]+$') like ${`${beginning}%`}`);
}

function viewOf({ id, at, who, oid, action, vault_id, before, after, result }: Selectable<AuditTable>): AuditRow {
  return { id, at: at.toISOString(), who, oid, action, vaultId: vault_id, before, after, result };
}

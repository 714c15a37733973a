import "server-only";
import type { Kysely, Selectable } from "kysely";
import { parseVaultId, vaultIdParts, vaultPath } from "@/lib/azure/resource-id.pure";
import type { UserContext } from "@/lib/context";
import { readableOf } from "@/lib/coverage/visible";
import { isAmong } from "@/lib/store/among";
import { auditReading } from "@/lib/store/audit";
import type { Database, MissedTouchTable } from "@/lib/store/schema";
import type { MissedTouch, MissedTouches } from "./missed-touches.pure";

const HOUR = 3_600_000;
const SHOWN_FOR_MS = 30 * 24 * HOUR;
/** Minutes that are read; what lies further back waits until these are seen to. */
const READ_MAX = 5_000;

/**
 * What the comparison of touches with alerts found, with the decoys' names: for analysts and administrators. That somebody
 * read names is audited, once an hour and person. Only of vaults that the person may read.
 *
 * @throws AppError when Azure does not say which vaults these are
 */
export async function readMissedTouches(ctx: UserContext): Promise<MissedTouches> {
  const state = await ctx.db.selectFrom("touch_comparison").selectAll().executeTakeFirstOrThrow();
  const tenant = await ctx.db.selectFrom("tenant").select("created_at").executeTakeFirst();
  const shownFrom = ctx.now().getTime() - SHOWN_FOR_MS;
  const began = tenant?.created_at.getTime() ?? shownFrom;
  const vaults = await missedVaults(ctx.db, ctx.now());
  const readable = await readableOf(ctx, vaults);
  const missed = await listMissedTouches(ctx.db, ctx.now(), [...readable]);
  if (missed.length > 0) await auditReading(ctx.db, { by: ctx.user, action: "missed_touches.read" }, ctx.now());
  return {
    comparedSince: new Date(Math.max(began, shownFrom)).toISOString(),
    sinceBeginning: began > shownFrom,
    comparedAt: state.compared_at?.toISOString() ?? null,
    comparedUntil: state.compared_until?.toISOString() ?? null,
    problem: state.problem,
    missed,
    vaultsLeftOut: vaults.length - readable.size,
  };
}

async function missedVaults(db: Kysely<Database>, now: Date): Promise<string[]> {
  const rows = await shown(db, now).select("vault_id").distinct().execute();
  return rows.map(({ vault_id: id }) => id);
}

function shown(db: Kysely<Database>, now: Date) {
  return db.selectFrom("missed_touch").where("last_touch", ">", new Date(now.getTime() - SHOWN_FOR_MS));
}

/**
 * Touches of the last 30 days that no alert came of, one entry per decoy and caller; those without an alert first, then
 * the newest. The minutes of an entry that an alert was found for are an entry of their own. `vaultIds` narrows it.
 */
export async function listMissedTouches(
  db: Kysely<Database>,
  now: Date,
  vaultIds?: readonly string[],
): Promise<MissedTouch[]> {
  const rows = await shown(db, now)
    .selectAll()
    .$if(vaultIds !== undefined, (query) => query.where(isAmong("vault_id", vaultIds ?? [])))
    .orderBy("last_touch", "desc")
    .limit(READ_MAX)
    .execute();
  const groups = new Map<string, MissedTouch>();
  for (const row of rows) {
    const key = `${row.token_key}|${row.caller}|${row.resolved_at !== null}`;
    const known = groups.get(key);
    groups.set(key, known ? joined(known, entryOf(row)) : entryOf(row));
  }
  return [...groups.values()].sort((a, b) => Number(a.resolvedAt !== null) - Number(b.resolvedAt !== null));
}

function entryOf(row: Selectable<MissedTouchTable>): MissedTouch {
  const vaultId = parseVaultId(row.vault_id);
  return {
    vaultId: row.vault_id,
    vaultName: vaultId ? vaultIdParts(vaultId).name : row.vault_id,
    path: vaultId ? vaultPath(vaultId) : "/vaults",
    decoy: row.decoy,
    caller: row.caller,
    callerName: row.caller_name,
    operations: row.operations,
    touches: row.touches,
    firstTouch: row.first_touch.toISOString(),
    lastTouch: row.last_touch.toISOString(),
    foundAt: row.found_at.toISOString(),
    resolvedAt: row.resolved_at?.toISOString() ?? null,
  };
}

/** Two entries of one decoy and caller, the newer one first. */
function joined(newer: MissedTouch, older: MissedTouch): MissedTouch {
  return {
    ...newer,
    operations: [...new Set([...newer.operations, ...older.operations])].sort(),
    touches: newer.touches + older.touches,
    firstTouch: earlier(older.firstTouch, newer.firstTouch),
    foundAt: earlier(older.foundAt, newer.foundAt),
  };
}

/** Of two moments in one ISO form. */
function earlier(one: string, other: string): string {
  return one.localeCompare(other) < 0 ? one : other;
}

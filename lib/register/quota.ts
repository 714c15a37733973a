import "server-only";
import { type Kysely, sql } from "kysely";
import { normaliseId } from "@/lib/azure/resource-id.pure";
import type { ServiceContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import type { Database } from "@/lib/store/schema";
import type { QuotaView } from "./views.pure";

/** Item changes (create, update, delete; rows of an upload too) a month and workspace. Source: Sentinel service limits. */
export const CHANGES_PER_MONTH = 100_000;
/** Kept for what cannot wait in one vault: a row that was never planted goes, a decoy is marked as retiring. */
export const RESERVED_CHANGES = 5_000;

/** What changes are for: it decides how far the month's count may go. */
export interface ChangeDemand {
  changes: number;
  /** Those of them that are rows of decoys still to be planted: each of these needs one more change when it is. */
  plantings: number;
  /** In one vault, and adding nothing. */
  urgent: boolean;
}

/** What this product has used of the month's changes (UTC). Changes made by others are not in it. */
export async function readQuota({ db, config, now }: ServiceContext): Promise<QuotaView> {
  const at = now();
  const used = await usedIn(db, workspaceOf(config), monthOf(at));
  return {
    used,
    limit: CHANGES_PER_MONTH,
    reserved: RESERVED_CHANGES,
    month: monthOf(at),
    resetsAt: nextMonth(at).toISOString(),
  };
}

/** Throws the refusal of `takeChanges` when so many do not fit, and counts nothing. */
export async function requireRoom(service: ServiceContext, demand: ChangeDemand): Promise<void> {
  const { db, config, now } = service;
  const used = await usedIn(db, workspaceOf(config), monthOf(now()));
  if (used + demand.changes > (await ceilingFor(db, demand))) throw refusal(used, demand.changes, now());
}

/**
 * Counts changes before they are sent. `db` is the transaction that also notes which ones.
 *
 * @throws AppError `throttled` when they would pass the month's limit; it says when it goes on, and nothing is counted
 */
export async function takeChanges(
  db: Kysely<Database>,
  { config, now }: Pick<ServiceContext, "config" | "now">,
  demand: ChangeDemand,
): Promise<void> {
  const { changes } = demand;
  const at = now();
  const workspace = workspaceOf(config);
  const month = monthOf(at);
  const ceiling = await ceilingFor(db, demand);
  const counted =
    changes <= ceiling &&
    (await db
      .insertInto("register_change")
      .values({ workspace, month, changes })
      .onConflict((conflict) =>
        conflict
          .columns(["workspace", "month"])
          .doUpdateSet({ changes: sql`register_change.changes + excluded.changes` })
          .where(sql<boolean>`register_change.changes + excluded.changes <= ${ceiling}`),
      )
      .returning("changes")
      .executeTakeFirst());
  if (!counted) throw refusal(await usedIn(db, workspace, month), changes, at);
}

/** Takes changes off the count again that Azure has clearly refused. */
export async function giveChangesBack(
  db: Kysely<Database>,
  { config, now }: Pick<ServiceContext, "config" | "now">,
  changes: number,
): Promise<void> {
  if (changes === 0) return;
  await db
    .updateTable("register_change")
    .set({ changes: sql`greatest(0, changes - ${changes})` })
    .where("workspace", "=", workspaceOf(config))
    .where("month", "=", monthOf(now()))
    .execute();
}

/** A planting is begun only when the change that ends it still fits, and those of the plantings under way. */
async function ceilingFor(db: Kysely<Database>, { plantings, urgent }: ChangeDemand): Promise<number> {
  if (urgent) return CHANGES_PER_MONTH;
  const bulk = CHANGES_PER_MONTH - RESERVED_CHANGES;
  if (plantings === 0) return bulk;
  const { under_way } = await db
    .selectFrom("decoy")
    .select(({ fn }) => fn.countAll<string>().as("under_way"))
    .where(sql<boolean>`published ->> 'State' = 'planting'`)
    // Large deployments never send the change that ends it: their decoys are live with the row of the planting.
    .where("state", "in", ["registered", "planting"])
    .executeTakeFirstOrThrow();
  return bulk - plantings - Number(under_way);
}

async function usedIn(db: Kysely<Database>, workspace: string, month: string): Promise<number> {
  const row = await db
    .selectFrom("register_change")
    .select("changes")
    .where("workspace", "=", workspace)
    .where("month", "=", month)
    .executeTakeFirst();
  return row?.changes ?? 0;
}

function refusal(used: number, wanted: number, at: Date): AppError {
  const again = nextMonth(at);
  const day = again.toISOString().slice(0, 10);
  return new AppError(
    "throttled",
    `Azure takes ${CHANGES_PER_MONTH} changes of the register a month: ${used} are used, and ${wanted} more do not fit.`,
    {
      fix: `It goes on at ${day} 00:00 UTC, when the month's count begins anew. ${RESERVED_CHANGES} are kept for what cannot wait.`,
      retryAfterSeconds: Math.ceil((again.getTime() - at.getTime()) / 1_000),
    },
  );
}

function workspaceOf(config: ServiceContext["config"]): string {
  return normaliseId(config.workspace.resourceId);
}

/** As `2026-11`. */
function monthOf(at: Date): string {
  return at.toISOString().slice(0, 7);
}

function nextMonth(at: Date): Date {
  return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1));
}

import "server-only";
import { randomUUID } from "node:crypto";
import type { Kysely } from "kysely";
import { z } from "zod";
import { queryLogsBatch } from "@/lib/azure/logs";
import { normaliseId } from "@/lib/azure/resource-id.pure";
import type { ServiceContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { readingWatchlist, readKql, withoutComments } from "@/lib/kql-files";
import { log } from "@/lib/log";
import { sendSoon } from "@/lib/notices/announce";
import { isAmong } from "@/lib/store/among";
import type { JobSpec } from "@/lib/store/jobs";
import type { Database } from "@/lib/store/schema";
import { AlertRow } from "./internal/alert-row";
import { announceMissed } from "./internal/announce-missed";
import { missedOf, type Touch } from "./internal/compare-touches";
import { notOwn } from "./internal/own-writes";
import { ruleIdsNamingTouched } from "./rule-export";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Rows that were compared once are compared again for so long: an alert may come late, and so may an answer of Azure. */
const AGAIN_FOR_MS = DAY;
/** After a longer pause nobody can do anything about a touch of then. */
const BACK_MAX_MS = 14 * DAY;
/** Rows come hours late at most; a query looks at events that are so much older than their arrival. */
const LATE_MAX_MS = 2 * DAY;
const ROWS_AT_ONCE = 500;

const time = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

const TouchRow = z
  .object({
    VaultId: z.string(),
    TokenKey: z.string(),
    Decoy: z.string(),
    Caller: z.string(),
    CallerName: z.string(),
    Minute: time,
    FirstTouch: time,
    LastTouch: time,
    Touches: z.number(),
    Operations: z.array(z.string()),
  })
  .transform((row) => ({
    vaultId: normaliseId(row.VaultId),
    tokenKey: row.TokenKey,
    decoy: row.Decoy,
    caller: row.Caller,
    callerName: row.CallerName,
    minute: row.Minute,
    firstTouch: row.FirstTouch,
    lastTouch: row.LastTouch,
    touches: row.Touches,
    operations: row.Operations,
  }));
type FoundTouch = Touch & z.infer<typeof TouchRow>;

/** The job of this file: every quarter of an hour. */
export function backstopJobs(service: ServiceContext): Record<string, JobSpec> {
  return { "detection-compare": { concurrency: 1, cron: "*/15 * * * *", run: () => compareOrNote(service) } };
}

/** A failure is kept for the page; the next quarter of an hour tries again. */
async function compareOrNote(service: ServiceContext): Promise<void> {
  try {
    await compareTouches(service);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    await service.db.updateTable("touch_comparison").set({ problem: error.failure.message }).execute();
    log.warn({ err: error }, "touches could not be compared with alerts");
  }
}

/**
 * Looks for touches on registered decoys that no alert of our rules tells of, and that are no writes of this product by its own
 * record, among the rows that arrived at least `timing.missedAfter` ago, keeps them and tells of those that are new; those that an
 * alert was found for after all are marked. Two log queries in one call, with the collector's identity. What happened before this
 * store was made is nobody's miss.
 *
 * @throws AppError when the workspace does not answer both; nothing is kept then
 */
export async function compareTouches(service: ServiceContext): Promise<void> {
  const { db } = service;
  const now = service.now();
  const until = new Date(now.getTime() - service.config.timing.missedAfter);
  const after = await beginningOf(db, now);
  if (after >= until) return;
  const { touches, alerts } = await ask(service, after, until);
  const unalerted = missedOf(touches, alerts);
  const missed = await notOwn(db, unalerted, new Date(after.getTime() - LATE_MAX_MS));
  const [told, own] = [without(touches, unalerted), without(unalerted, missed)];
  const fresh = await db.transaction().execute(async (transaction) => {
    const known = await knownSince(transaction, new Date(after.getTime() - LATE_MAX_MS));
    await keep(transaction, missed, now);
    await resolve(transaction, known, told, now);
    await forget(transaction, known, own);
    await transaction
      .updateTable("touch_comparison")
      .set({ compared_at: now, compared_until: until, problem: null })
      .execute();
    const before = new Set(known.map(keyOf));
    const found = missed.filter((touch) => !before.has(keyOf(touch)));
    await announceMissed(service, transaction, found);
    return found;
  });
  if (fresh.length > 0) {
    await sendSoon(service);
    const vaults = new Set(fresh.map(({ vaultId }) => vaultId)).size;
    log.warn({ minutes: fresh.length, vaults }, "touches on honeytokens raised no alert");
  }
}

/** From when on rows are compared. */
async function beginningOf(db: Kysely<Database>, now: Date): Promise<Date> {
  const state = await db.selectFrom("touch_comparison").select("compared_until").executeTakeFirstOrThrow();
  const tenant = await db.selectFrom("tenant").select("created_at").executeTakeFirst();
  const last = state.compared_until?.getTime() ?? now.getTime();
  const wanted = Math.max(last - AGAIN_FOR_MS, now.getTime() - BACK_MAX_MS);
  return new Date(Math.max(wanted, tenant?.created_at.getTime() ?? wanted));
}

async function ask(service: ServiceContext, arrivedAfter: Date, arrivedUntil: Date) {
  const { watchlistAlias, workspace } = service.config;
  const timespan = `PT${Math.ceil((service.now().getTime() - arrivedAfter.getTime() + LATE_MAX_MS) / HOUR)}H`;
  const [touches, alerts] = await queryLogsBatch<[z.infer<typeof TouchRow>, z.infer<typeof AlertRow>]>(
    service.azure.collector,
    workspace.customerId,
    [
      {
        kql: withoutComments(readingWatchlist(readKql("lib/detection/queries/touches.kql"), watchlistAlias)),
        parameters: { arrivedAfter, arrivedUntil },
        timespan,
        schema: TouchRow,
      },
      {
        kql: withoutComments(readKql("lib/detection/queries/alerts.kql")),
        parameters: { alertsSince: arrivedAfter, ruleIds: ruleIdsNamingTouched() },
        timespan,
        schema: AlertRow,
      },
    ],
  );
  if (!touches.ok) throw touches.error;
  if (!alerts.ok) throw alerts.error;
  return { touches: touches.rows, alerts: alerts.rows };
}

function keyOf({ tokenKey, caller, minute }: { tokenKey: string; caller: string; minute: Date }): string {
  return `${tokenKey}|${caller}|${minute.getTime()}`;
}

function without(touches: readonly FoundTouch[], others: readonly FoundTouch[]): FoundTouch[] {
  const keys = new Set(others.map(keyOf));
  return touches.filter((touch) => !keys.has(keyOf(touch)));
}

interface Known {
  id: string;
  tokenKey: string;
  caller: string;
  minute: Date;
  resolved: boolean;
}

/** What is kept already, as far as this comparison can meet it. */
async function knownSince(db: Kysely<Database>, since: Date): Promise<Known[]> {
  const rows = await db
    .selectFrom("missed_touch")
    .select(["id", "token_key", "caller", "minute", "resolved_at"])
    .where("minute", ">=", since)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    tokenKey: row.token_key,
    caller: row.caller,
    minute: row.minute,
    resolved: row.resolved_at !== null,
  }));
}

async function keep(db: Kysely<Database>, missed: readonly FoundTouch[], now: Date): Promise<void> {
  const rows = missed.map((touch) => ({
    id: randomUUID(),
    vault_id: touch.vaultId,
    token_key: touch.tokenKey,
    decoy: touch.decoy,
    caller: touch.caller,
    caller_name: touch.callerName,
    minute: touch.minute,
    operations: JSON.stringify(touch.operations),
    touches: touch.touches,
    first_touch: touch.firstTouch,
    last_touch: touch.lastTouch,
    found_at: now,
  }));
  for (let start = 0; start < rows.length; start += ROWS_AT_ONCE) {
    await db
      .insertInto("missed_touch")
      .values(rows.slice(start, start + ROWS_AT_ONCE))
      .onConflict((conflict) =>
        conflict.columns(["token_key", "caller", "minute"]).doUpdateSet((row) => ({
          operations: row.ref("excluded.operations"),
          touches: row.ref("excluded.touches"),
          last_touch: row.ref("excluded.last_touch"),
        })),
      )
      .execute();
  }
}

/** Marks what an alert tells of by now. */
async function resolve(
  db: Kysely<Database>,
  known: readonly Known[],
  told: readonly FoundTouch[],
  now: Date,
): Promise<void> {
  const ids = idsOf(
    known.filter(({ resolved }) => !resolved),
    told,
  );
  await db
    .updateTable("missed_touch")
    .set({ resolved_at: now })
    .where(isAmong("id", ids, "uuid"))
    .execute();
}

/** Drops what was kept before this product's own record was asked. */
async function forget(db: Kysely<Database>, known: readonly Known[], own: readonly FoundTouch[]): Promise<void> {
  await db
    .deleteFrom("missed_touch")
    .where(isAmong("id", idsOf(known, own), "uuid"))
    .execute();
}

function idsOf(known: readonly Known[], touches: readonly FoundTouch[]): string[] {
  const keys = new Set(touches.map(keyOf));
  return known.flatMap((one) => (keys.has(keyOf(one)) ? [one.id] : []));
}

import "server-only";
import type { Kysely } from "kysely";
import { queryLogs } from "@/lib/azure/logs";
import type { ServiceContext, UserContext } from "@/lib/context";
import { readStates } from "@/lib/coverage/states";
import { readableOf } from "@/lib/coverage/visible";
import { ruleIds } from "@/lib/detection/rule-export";
import { stageRecords } from "@/lib/drills/read";
import { stageTimes } from "@/lib/drills/times.pure";
import { AppError } from "@/lib/errors";
import { readKql, withoutComments } from "@/lib/kql-files";
import { readProofs } from "@/lib/store/drills";
import type { Database } from "@/lib/store/schema";
import {
  benignTouches,
  burntDecoys,
  type CountedAlert,
  decoyDays,
  per100,
  provenFigures,
  type Stand,
} from "./internal/count.pure";
import { AlertColumns, countedAlerts } from "./internal/counted-alerts.pure";
import { OutcomeFigures, type Outcomes, WINDOW_DAYS } from "./outcomes.pure";

const DAY = 24 * 60 * 60 * 1000;
/** How many days the page shows. */
const DAYS_SHOWN = 180;

/**
 * Counts what the honeytokens have come to over the last 30 days, and keeps it as the figures of this day (UTC). What
 * cannot be counted now is unknown in it, with the reason; a later count of the day replaces it.
 */
export async function countOutcomes(service: ServiceContext): Promise<OutcomeFigures> {
  const now = service.now();
  const figures = await count(service, now);
  const row = { figures: JSON.stringify(figures), counted_at: now };
  await service.db
    .insertInto("outcome_day")
    .values({ day: now.toISOString().slice(0, 10), ...row })
    .onConflict((conflict) => conflict.column("day").doUpdateSet(row))
    .execute();
  return figures;
}

/** Figures are counted anew when they are about ten minutes old: asked each minute, and the next time may come a little early. */
const COUNTED_EVERY_MS = 9 * 60_000 + 30_000;

/** Whether what was counted or tried at a moment still stands. */
export const isNew = (at: Date, now: Date): boolean => now.getTime() - at.getTime() <= COUNTED_EVERY_MS;

/** Whether there are no figures that are new enough. */
export async function mustCount({ db, now }: Pick<ServiceContext, "db" | "now">): Promise<boolean> {
  const newest = await db
    .selectFrom("outcome_day")
    .select(({ fn }) => fn.max("counted_at").as("at"))
    .executeTakeFirst();
  return !newest?.at || !isNew(newest.at, now());
}

/**
 * The counts of the last half year, oldest first. One that an older version wrote in another form is left out. The figures
 * are the whole fleet's; the vault that one of them names is named to whoever may read it.
 *
 * @throws AppError when Azure does not say which vaults the person may read
 */
export async function readOutcomes(ctx: UserContext): Promise<Outcomes> {
  const days = await keptDays(ctx);
  const named = days.flatMap(({ figures }) => figures.oldestUnproven?.vaultId ?? []);
  const readable = await readableOf(ctx, named);
  return { days: days.map((day) => ({ ...day, figures: namingOnly(readable, day.figures) })) };
}

function namingOnly(readable: ReadonlySet<string>, figures: OutcomeFigures): OutcomeFigures {
  const { oldestUnproven: oldest } = figures;
  if (oldest === null || oldest.vaultId === null || readable.has(oldest.vaultId)) return figures;
  return { ...figures, oldestUnproven: { ...oldest, vaultId: null } };
}

async function keptDays({ db }: Pick<ServiceContext, "db">): Promise<Outcomes["days"]> {
  const rows = await db.selectFrom("outcome_day").selectAll().orderBy("day", "desc").limit(DAYS_SHOWN).execute();
  const days = rows.flatMap(({ day, figures, counted_at }) => {
    const parsed = OutcomeFigures.safeParse(figures);
    return parsed.success ? [{ day, countedAt: counted_at.toISOString(), figures: parsed.data }] : [];
  });
  return days.reverse();
}

async function count(service: ServiceContext, now: Date): Promise<OutcomeFigures> {
  const from = new Date(now.getTime() - WINDOW_DAYS * DAY);
  const stands = await readStands(service.db);
  const vaultIds = [...new Set(stands.filter(({ until }) => until === undefined).map(({ vaultId }) => vaultId))];
  const [states, proofs, records, alerts] = await Promise.all([
    readStates(service, vaultIds),
    readProofs(service.db),
    stageRecords(service, from),
    readAlerts(service, from),
  ]);
  const vaults = vaultIds.map((vaultId) => ({
    vaultId,
    state: states.get(vaultId)?.state ?? "unknown",
    provenAt: proofs.get(vaultId)?.passed?.endedAt,
  }));
  const toAlert = stageTimes(records).find(({ stage }) => stage === "alert");
  const days = decoyDays(stands, from, now);
  const touches = alerts.ok ? benignTouches(alerts.rows, service.config.identities.drill.objectId.toLowerCase()) : null;
  return {
    ...provenFigures(vaults, stands, now, WINDOW_DAYS),
    timeToAlert: { drills: toAlert?.count ?? 0, p50: toAlert?.p50 ?? null, p95: toAlert?.p95 ?? null },
    benign: { touches, decoyDays: days, per100DecoyDays: per100(touches, days) },
    burnt: alerts.ok ? burntDecoys(alerts.rows, stands) : { decoys: null, standing: null },
    problems: alerts.ok ? [] : [alerts.problem],
  };
}

/** When each decoy stood. One that was imported was made, for us, in its window, or when we came to know of it. */
async function readStands(db: Kysely<Database>): Promise<Stand[]> {
  const rows = await db
    .selectFrom("decoy")
    .select(["token_key", "vault_id", "state", "first_sent_at", "created_at", "deleted_at", "broken_at", "updated_at"])
    .where("state", "in", ["live", "retiring", "retired"])
    .execute();
  return rows.map((row) => ({
    tokenKey: row.token_key,
    vaultId: row.vault_id,
    from: row.first_sent_at ?? row.created_at,
    until: row.deleted_at ?? row.broken_at ?? (row.state === "live" ? undefined : row.updated_at),
  }));
}

type Alerts = { ok: true; rows: CountedAlert[] } | { ok: false; problem: string };

async function readAlerts(service: ServiceContext, from: Date): Promise<Alerts> {
  const { azure, config } = service;
  try {
    const kql = withoutComments(readKql("lib/outcomes/queries/alerts.kql"));
    const query = { kql, parameters: { Rules: ruleIds(), From: from }, timespan: `P${WINDOW_DAYS + 1}D` };
    const rows = await queryLogs(azure.collector, config.workspace.customerId, query, AlertColumns);
    return { ok: true, rows: countedAlerts(rows) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { ok: false, problem: `Touches and incidents are not counted: ${error.failure.message}` };
  }
}

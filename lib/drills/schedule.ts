import "server-only";
import { createHash } from "node:crypto";
import type { Kysely } from "kysely";
import type { ServiceContext } from "@/lib/context";
import { readStates } from "@/lib/coverage/states";
import { readSettings } from "@/lib/settings/settings";
import type { Database } from "@/lib/store/schema";
import { dueTurns, type Turn } from "./schedule.pure";
import { queueMany, vaultsWithDecoys, whyNoDrills } from "./start";

const DAY = 24 * 60 * 60 * 1000;

/**
 * Starts the drills whose turn has come, within what is left of the day's limit: in protected vaults only, since
 * elsewhere it is known already that a touch would not be seen. Exempt and excluded vaults are left out.
 *
 * @returns how many were started
 */
export async function startDueDrills(service: ServiceContext): Promise<number> {
  if (whyNoDrills(service) !== null) return 0;
  const { db, config } = service;
  const now = service.now();
  const { everyDays, dailyMax } = (await readSettings(db)).drills;
  const left = dailyMax - (await startedBySchedule(db, now));
  if (everyDays === 0 || left <= 0) return 0;
  const vaultIds = [...(await vaultsWithDecoys(db))];
  const last = await lastDrills(db);
  const turns = vaultIds.map((vaultId) => ({ vaultId, share: shareOf(vaultId), ...(last.get(vaultId) ?? NEVER) }));
  const due = dueTurns(turns, everyDays, await scheduleSince(db), now, Number.POSITIVE_INFINITY);
  if (due.length === 0) return 0;
  const states = await readStates(service, due);
  const ready = due.filter((vaultId) => {
    const found = states.get(vaultId);
    return found?.state === "protected" && !found.excluded;
  });
  return queueMany(service, ready.slice(0, left), "schedule", { tid: config.tenantId, oid: "", name: "schedule" });
}

/** How many drills the schedule has started on the day of `now` (UTC). */
export async function startedBySchedule(db: Kysely<Database>, now: Date): Promise<number> {
  const start = new Date(Math.floor(now.getTime() / DAY) * DAY);
  const { count } = await db
    .selectFrom("drill")
    .select((select) => select.fn.countAll<string>().as("count"))
    .where("origin", "=", "schedule")
    .where("repeats_id", "is", null)
    .where("requested_at", ">=", start)
    .executeTakeFirstOrThrow();
  return Number(count);
}

type Last = Pick<Turn, "lastAt" | "failedAt">;
const NEVER: Last = { lastAt: undefined };

/** The last drill of each vault. */
async function lastDrills(db: Kysely<Database>): Promise<Map<string, Last>> {
  const rows = await db
    .selectFrom("drill")
    .distinctOn("vault_id")
    .select(["vault_id", "requested_at", "state", "ended_at"])
    .orderBy("vault_id")
    .orderBy("requested_at", "desc")
    .execute();
  return new Map(
    rows.map(({ vault_id, requested_at, state, ended_at }) => [
      vault_id,
      { lastAt: requested_at, failedAt: state === "failed" ? (ended_at ?? undefined) : undefined },
    ]),
  );
}

/** When the schedule began: with the last change of its settings, else with this store. */
async function scheduleSince(db: Kysely<Database>): Promise<Date> {
  const setting = await db.selectFrom("setting").select("updated_at").where("name", "=", "drills").executeTakeFirst();
  if (setting) return setting.updated_at;
  const { created_at } = await db.selectFrom("tenant").select("created_at").executeTakeFirstOrThrow();
  return created_at;
}

function shareOf(vaultId: string): number {
  return createHash("sha256").update(vaultId).digest().readUInt32BE(0) / 2 ** 32;
}

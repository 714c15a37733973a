import "server-only";
import type { Selectable } from "kysely";
import type { VaultId } from "@/lib/azure/resource-id.pure";
import type { UserContext } from "@/lib/context";
import { readableOf } from "@/lib/coverage/visible";
import { readRights } from "@/lib/deployments/read-grants";
import { readSettingsView } from "@/lib/settings/settings";
import { isAmong } from "@/lib/store/among";
import type { DrillIncidentTable } from "@/lib/store/schema";
import {
  DRILL_PROBLEMS,
  type DrillProblem,
  type DrillView,
  type FleetDrills,
  PROVEN_DAYS,
  type VaultDrills,
} from "./drills.pure";
import { isLate } from "./internal/progress.pure";
import type { DrillRow } from "./internal/records";
import { startedBySchedule } from "./schedule";
import { isStaff, whyNoDrills, whyNotDrill } from "./start";
import { type StageRecord, stageTimes, timesByDay } from "./times.pure";

const SHOWN_OF_VAULT = 50;
const SHOWN_OF_FLEET = 200;
/** The rest waits for its turn: their number says enough. */
const SHOWN_RUNNING = 20;
const DAY = 24 * 60 * 60 * 1000;

/** The drills of one vault, newest first. Throws AppError `not_found` for a vault that the person may not read. */
export async function readVaultDrills(ctx: UserContext, vaultId: VaultId): Promise<VaultDrills> {
  const mayDrillReason = await whyNotDrill(ctx, vaultId);
  const rows = await ctx.db
    .selectFrom("drill")
    .selectAll()
    .where("vault_id", "=", vaultId)
    .orderBy("requested_at", "desc")
    .limit(SHOWN_OF_VAULT)
    .execute();
  const { drillLateAfter, drillFailsAfter } = ctx.config.timing;
  return {
    drills: await viewsOf(ctx, rows),
    mayDrill: mayDrillReason === null,
    mayDrillReason,
    lateAfter: drillLateAfter,
    failsAfter: drillFailsAfter,
  };
}

/**
 * What runs, what ended and how long it took, over all vaults that the person may read; the times are the whole fleet's.
 * For analysts and administrators.
 *
 * @throws AppError when Azure does not say which vaults the person may read
 */
export async function readFleetDrills(ctx: UserContext): Promise<FleetDrills> {
  const { db } = ctx;
  const now = ctx.now();
  const since = new Date(now.getTime() - PROVEN_DAYS * DAY);
  const drilled = (await db.selectFrom("drill").select("vault_id").distinct().execute()).map((row) => row.vault_id);
  const readable = [...(await readableOf(ctx, drilled))];
  const shown = db.selectFrom("drill").where(isAmong("vault_id", readable));
  const drills = shown.selectAll();
  const [running, { count }, ended, records, view, startedToday] = await Promise.all([
    drills.where("ended_at", "is", null).orderBy("not_before").limit(SHOWN_RUNNING).execute(),
    shown
      .select((select) => select.fn.countAll<string>().as("count"))
      .where("ended_at", "is", null)
      .executeTakeFirstOrThrow(),
    drills.where("ended_at", "is not", null).orderBy("ended_at", "desc").limit(SHOWN_OF_FLEET).execute(),
    stageRecords(ctx, since),
    readSettingsView(ctx),
    startedBySchedule(db, now),
  ]);
  return {
    running: await viewsOf(ctx, running),
    runningCount: Number(count),
    vaultsLeftOut: drilled.length - readable.length,
    ended: await viewsOf(ctx, ended),
    times: stageTimes(records),
    days: timesByDay(records),
    schedule: {
      ...view.settings.drills,
      changedAt: view.changed.drills?.at ?? null,
      startedToday,
      mayChange: view.mayChange,
    },
    refusal: whyNoDrills(ctx),
  };
}

/** How long each stage took in the drills that touched since `since`, by the service's own clock. */
export async function stageRecords({ db }: Pick<UserContext, "db">, since: Date): Promise<StageRecord[]> {
  const rows = await db
    .selectFrom("drill")
    .select(["row_at", "row_ingested_at", "alert_at", "incident_at"])
    .where("row_at", ">=", since)
    .orderBy("row_at")
    .execute();
  return rows.flatMap(({ row_at, row_ingested_at, alert_at, incident_at }) =>
    row_at ? [{ touchedAt: row_at, row: row_ingested_at, alert: alert_at, incident: incident_at }] : [],
  );
}

async function viewsOf(ctx: UserContext, rows: readonly DrillRow[]): Promise<DrillView[]> {
  const names = rows.flatMap(({ incident_name }) => incident_name ?? []);
  const staff = isStaff(ctx);
  const decisions =
    staff && names.length > 0
      ? await ctx.db.selectFrom("drill_incident").selectAll().where("name", "in", names).execute()
      : [];
  const byName = new Map(decisions.map((row) => [row.name, row]));
  const permitted = rows.filter(({ read }) => read === "permitted").map(({ id }) => id);
  const rights = await readRights(ctx.db, permitted);
  const now = ctx.now();
  const { drillLateAfter } = ctx.config.timing;
  return rows.map((row) => ({
    ...viewOf(
      row,
      rights.get(row.id),
      isLate({ intendedAt: row.intended_at, endedAt: row.ended_at }, now, drillLateAfter),
    ),
    ...(staff && { incident: incidentOf(row, byName.get(row.incident_name ?? "")) }),
  }));
}

const PROBLEMS: ReadonlySet<string> = new Set(DRILL_PROBLEMS);
const isProblem = (text: string | null): text is DrillProblem => text !== null && PROBLEMS.has(text);

/** A read is known to have been permitted when the vault's answer, or its row in the log, was no refusal. */
function wasOf({ read, refused_by, answer_status, row_at }: DrillRow): DrillView["was"] {
  if (refused_by !== null || read === "denied") return answer_status === null && !row_at ? null : "denied";
  return (answer_status !== null && answer_status < 300) || row_at ? "permitted" : null;
}

function viewOf(row: DrillRow, right: DrillView["right"] | undefined, late: boolean): DrillView {
  const touchedAt = row.row_at ?? row.answered_at ?? null;
  const stage = (name: DrillView["stages"][number]["stage"], at: Date | null) => ({
    stage: name,
    at: at?.toISOString() ?? null,
    after: at && touchedAt ? Math.max(0, at.getTime() - touchedAt.getTime()) : null,
  });
  return {
    id: row.id,
    vaultId: row.vault_id,
    state: row.state,
    late,
    problem: isProblem(row.problem) ? row.problem : null,
    by: row.origin === "schedule" ? null : row.requested_by_name,
    requestedAt: row.requested_at.toISOString(),
    notBefore: row.not_before.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
    kind: row.kind,
    refusedBy: row.refused_by,
    read: row.read,
    was: wasOf(row),
    right: right ?? null,
    table: row.row_table,
    repeats: row.repeats_id !== null,
    stages: [
      stage("touch", touchedAt),
      stage("row", row.row_ingested_at),
      stage("alert", row.alert_at),
      stage("incident", row.incident_at),
    ],
  };
}

function incidentOf(
  row: DrillRow,
  decided: Selectable<DrillIncidentTable> | undefined,
): NonNullable<DrillView["incident"]> | null {
  if (row.incident_name === null) return null;
  return {
    name: row.incident_name,
    number: row.incident_number,
    decision: decided?.decision ?? null,
    reason: decided?.reason ?? null,
    lookAgainAt: decided?.look_again_at?.toISOString() ?? null,
    lookedAgainAt: decided?.looked_again_at?.toISOString() ?? null,
  };
}

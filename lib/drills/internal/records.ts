import "server-only";
import type { Kysely, Selectable } from "kysely";
import type { Database, DrillTable } from "@/lib/store/schema";
import type { RecordedDrill } from "./evidence.pure";
import type { FollowedDrill, Step } from "./progress.pure";

export type DrillRow = Selectable<DrillTable>;

/** Drills that were recorded since `from`, ended or not: whatever the log shows is compared with all of them. */
export async function recordedSince(db: Kysely<Database>, from: Date): Promise<DrillRow[]> {
  return db.selectFrom("drill").selectAll().where("intended_at", ">=", from).orderBy("intended_at").execute();
}

/** Drills whose touch was recorded and that have not ended, oldest first. */
export async function openDrills(db: Kysely<Database>): Promise<DrillRow[]> {
  return db
    .selectFrom("drill")
    .selectAll()
    .where("ended_at", "is", null)
    .where("state", "!=", "queued")
    .orderBy("intended_at")
    .execute();
}

/** A drill as recorded; undefined for one whose touch was never intended. */
export function recordOf(row: DrillRow): RecordedDrill | undefined {
  if (!row.intended_at || row.token_key === null || row.kind === null) return undefined;
  return {
    id: row.id,
    identityOid: row.identity_oid,
    tokenKey: row.token_key,
    kind: row.kind,
    read: row.read,
    intendedAt: row.intended_at,
    answeredAt: row.answered_at ?? undefined,
    status: row.answer_status ?? undefined,
    requestId: row.request_id ?? undefined,
  };
}

/** The same with how far it has come. */
export function followedOf(row: DrillRow): FollowedDrill | undefined {
  const record = recordOf(row);
  if (!record) return undefined;
  const { row_at, row_ingested_at, row_table, alert_id, alert_at, incident_name, incident_at, incident_number } = row;
  return {
    ...record,
    state: row.state,
    refusedBy: row.refused_by ?? undefined,
    row:
      row_at && row_table !== null ? { at: row_at, ingested: row_ingested_at ?? row_at, table: row_table } : undefined,
    alert: alert_id !== null && alert_at ? { id: alert_id, at: alert_at } : undefined,
    incident:
      incident_name !== null && incident_at
        ? { name: incident_name, number: incident_number ?? undefined, at: incident_at }
        : undefined,
  };
}

/** Writes a step down, unless another process has ended the drill meanwhile. Returns whether it was written. */
export async function writeStep(db: Kysely<Database>, id: string, step: Step, now: Date): Promise<boolean> {
  const result = await db
    .updateTable("drill")
    .set({
      state: step.state,
      ...(step.requestId !== undefined && { request_id: step.requestId }),
      ...(step.refusedBy && { refused_by: step.refusedBy }),
      ...(step.row && { row_at: step.row.at, row_ingested_at: step.row.ingested, row_table: step.row.table }),
      ...(step.alert && { alert_id: step.alert.id, alert_at: step.alert.at }),
      ...(step.incident && {
        incident_name: step.incident.name,
        incident_number: step.incident.number ?? null,
        incident_at: step.incident.at,
      }),
      ...(step.problem && { problem: step.problem }),
      ...(step.ended && { ended_at: now }),
    })
    .where("id", "=", id)
    .where("ended_at", "is", null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

import "server-only";
import { type Kysely, sql } from "kysely";
import type { Database, DrillState } from "./schema";

/** What the drills of one vault have shown. */
export interface Proof {
  /** The last one that passed: when it touched, and how, and milliseconds from there to each stage. */
  passed:
    | { at: Date; endedAt: Date; row: number; alert: number; incident: number; read: "denied" | "permitted" }
    | undefined;
  /** The last one that ended, however it did. */
  ended: { at: Date; state: DrillState; problem: string | null } | undefined;
  /** The one under way, and since when it is. */
  running: { state: DrillState; since: Date } | undefined;
}

/** What drills have shown, by vault id; `vaultIds` narrows it. Three statements, however many drills there are. */
export async function readProofs(db: Kysely<Database>, vaultIds?: readonly string[]): Promise<Map<string, Proof>> {
  if (vaultIds?.length === 0) return new Map();
  const proofs = new Map<string, Proof>();
  const proofOf = (vaultId: string): Proof => {
    const known = proofs.get(vaultId) ?? { passed: undefined, ended: undefined, running: undefined };
    proofs.set(vaultId, known);
    return known;
  };
  const drills = db
    .selectFrom("drill")
    .$if(vaultIds !== undefined, (query) => query.where("vault_id", "in", [...(vaultIds ?? [])]));
  const [passed, ended, running] = await Promise.all([
    drills
      .distinctOn("vault_id")
      .select(["vault_id", "row_at", "row_ingested_at", "alert_at", "incident_at", "ended_at", "read", "refused_by"])
      .where("state", "=", "passed")
      .orderBy("vault_id")
      .orderBy("ended_at", "desc")
      .execute(),
    drills
      .distinctOn("vault_id")
      .select(["vault_id", "state", "problem", "ended_at"])
      .where("ended_at", "is not", null)
      .orderBy("vault_id")
      .orderBy("ended_at", "desc")
      .execute(),
    drills
      .select(["vault_id", "state", sql<Date>`coalesce(intended_at, not_before)`.as("since")])
      .where("ended_at", "is", null)
      .execute(),
  ]);
  for (const { vault_id, row_at, row_ingested_at, alert_at, incident_at, ended_at, read, refused_by } of passed) {
    if (!row_at || !row_ingested_at || !alert_at || !incident_at || !ended_at) continue;
    const after = (at: Date) => Math.max(0, at.getTime() - row_at.getTime());
    const times = { row: after(row_ingested_at), alert: after(alert_at), incident: after(incident_at) };
    // A read that was to be permitted may have been refused: then only that is proven.
    const was = refused_by === null ? read : "denied";
    proofOf(vault_id).passed = { at: row_at, endedAt: ended_at, ...times, read: was };
  }
  for (const { vault_id, state, problem, ended_at } of ended) {
    if (ended_at) proofOf(vault_id).ended = { at: ended_at, state, problem };
  }
  for (const { vault_id, state, since } of running) proofOf(vault_id).running = { state, since };
  return proofs;
}

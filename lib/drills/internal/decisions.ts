import "server-only";
import type { Kysely, Selectable } from "kysely";
import type { Database, DrillDecision, DrillIncidentTable } from "@/lib/store/schema";

/** What is decided about an incident that holds a touch by the drill identity. */
export interface Decision {
  name: string;
  number: number | undefined;
  decision: DrillDecision;
  /** Sentence, without the name of a decoy. */
  reason: string;
  alertIds: readonly string[];
  lookAgainAt: Date | undefined;
  lookedAgainAt: Date | undefined;
}

/** The same as it stands in the store. */
export interface Decided extends Decision {
  decidedAt: Date;
}

/** The decisions about these incidents, by name. */
export async function decidedAbout(db: Kysely<Database>, names: readonly string[]): Promise<Map<string, Decided>> {
  if (names.length === 0) return new Map();
  const rows = await db.selectFrom("drill_incident").selectAll().where("name", "in", names).execute();
  return new Map(rows.map((row) => [row.name, decidedOf(row)]));
}

/** The decisions whose second look is due, the longest ago first. */
export async function dueLooks(db: Kysely<Database>, now: Date): Promise<Decided[]> {
  const due = db.selectFrom("drill_incident").selectAll().where("look_again_at", "<=", now);
  return (await due.orderBy("look_again_at").execute()).map(decidedOf);
}

/** When the oldest decision was made that is still to be looked at again; undefined when none is. */
export async function oldestSecondLook(db: Kysely<Database>): Promise<Date | undefined> {
  const row = await db
    .selectFrom("drill_incident")
    .select((select) => select.fn.min("decided_at").as("at"))
    .where("look_again_at", "is not", null)
    .executeTakeFirst();
  return row?.at ?? undefined;
}

function decidedOf(row: Selectable<DrillIncidentTable>): Decided {
  return {
    name: row.name,
    number: row.number ?? undefined,
    decision: row.decision,
    reason: row.reason,
    alertIds: row.alert_ids,
    lookAgainAt: row.look_again_at ?? undefined,
    lookedAgainAt: row.looked_again_at ?? undefined,
    decidedAt: row.decided_at,
  };
}

function valuesOf(decision: Decision, at: Date) {
  return {
    number: decision.number ?? null,
    decision: decision.decision,
    reason: decision.reason,
    alert_ids: JSON.stringify(decision.alertIds),
    decided_at: at,
    look_again_at: decision.lookAgainAt ?? null,
    looked_again_at: decision.lookedAgainAt ?? null,
  };
}

/** Writes a decision down that was carried out, in place of whatever stands there. */
export async function writeDecision(db: Kysely<Database>, decision: Decision, now: Date): Promise<void> {
  const values = valuesOf(decision, now);
  await db
    .insertInto("drill_incident")
    .values({ name: decision.name, ...values })
    .onConflict((conflict) => conflict.column("name").doUpdateSet(values))
    .execute();
}

/**
 * Writes a decision down unless another process has decided about the incident since `before` was read.
 *
 * @returns whether it was written; only then may it be carried out
 */
export async function claimDecision(
  db: Kysely<Database>,
  decision: Decision,
  before: Decided | undefined,
  now: Date,
): Promise<boolean> {
  const { name } = decision;
  const values = valuesOf(decision, now);
  return db.transaction().execute(async (transaction) => {
    if (!before) {
      const insert = transaction.insertInto("drill_incident").values({ name, ...values });
      const rows = await insert
        .onConflict((conflict) => conflict.doNothing())
        .returning("name")
        .execute();
      return rows.length > 0;
    }
    const row = await transaction
      .selectFrom("drill_incident")
      .select("decided_at")
      .where("name", "=", name)
      .forUpdate()
      .executeTakeFirst();
    if (row?.decided_at.getTime() !== before.decidedAt.getTime()) return false;
    await transaction.updateTable("drill_incident").set(values).where("name", "=", name).execute();
    return true;
  });
}

/** Takes back a decision that was claimed at `claimedAt` and refused: the one before holds again, or none. */
export async function withdrawDecision(
  db: Kysely<Database>,
  name: string,
  before: Decided | undefined,
  claimedAt: Date,
): Promise<void> {
  // By the time of the claim, since another process may have decided meanwhile.
  if (before) {
    const back = db.updateTable("drill_incident").set(valuesOf(before, before.decidedAt));
    await back.where("name", "=", name).where("decided_at", "=", claimedAt).execute();
  } else {
    await db.deleteFrom("drill_incident").where("name", "=", name).where("decided_at", "=", claimedAt).execute();
  }
}

/** Puts a second look off, or with undefined ends it; `reason` replaces the decision's sentence. */
export async function moveLook(
  db: Kysely<Database>,
  { name, decidedAt }: Decided,
  to: Date | undefined,
  reason?: string,
): Promise<void> {
  await db
    .updateTable("drill_incident")
    .set({ look_again_at: to ?? null, ...(reason !== undefined && { reason }) })
    .where("name", "=", name)
    .where("decided_at", "=", decidedAt)
    .execute();
}

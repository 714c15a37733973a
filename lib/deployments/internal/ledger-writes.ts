import "server-only";
import type { Insertable, Kysely } from "kysely";
import type { Decoy } from "@/lib/store/decoys";
import { isTaken } from "@/lib/store/errors";
import type { AuditTable, Database } from "@/lib/store/schema";
import { GroupCommit } from "./group-commit";
import { ClaimLost, type Grant, type Item, type Renewal, type Run, type Step } from "./ledger";

/** What one item writes at once: all of it or nothing, and only while the item is still its worker's. */
export interface Change {
  /** Forgets the item's steps before any other change: it is begun anew. */
  anew?: boolean;
  steps?: readonly Step[];
  decoys?: readonly Decoy[];
  renewals?: readonly Renewal["row"][];
  grant?: Grant;
  item?: Item;
  audits?: readonly Insertable<AuditTable>[];
}

interface Entry extends Change {
  itemId: string;
  claim: string;
}

/** Entries of one commit; PostgreSQL takes 65,535 parameters a statement, and a decoy has 29 columns. */
const GROUP_MAX = 200;

const writers = new WeakMap<Kysely<Database>, GroupCommit<Entry>>();

/**
 * Writes a change of an item. Changes of many items share a commit.
 *
 * @throws ClaimLost when another worker has the item; the change is not written. What a unique constraint refuses fails
 *   alone, with the database's error.
 */
export async function writeChange(db: Kysely<Database>, run: Run, change: Change): Promise<void> {
  let writer = writers.get(db);
  if (!writer) {
    writer = new GroupCommit<Entry>((entries) => commit(db, entries), GROUP_MAX);
    writers.set(db, writer);
  }
  await writer.add({ ...change, itemId: run.item.id, claim: run.claim });
}

async function commit(db: Kysely<Database>, entries: readonly Entry[]): Promise<readonly (Error | undefined)[]> {
  try {
    return await db.transaction().execute((transaction) => writeAll(transaction, entries));
  } catch (error) {
    if (!isTaken(error) || entries.length === 1) {
      if (isTaken(error) && error instanceof Error) return [error];
      throw error;
    }
  }
  // One of them was refused by a constraint: the others must not suffer for it.
  const faults: (Error | undefined)[] = [];
  for (const entry of entries) faults.push(...(await commit(db, [entry])));
  return faults;
}

async function writeAll(db: Kysely<Database>, entries: readonly Entry[]): Promise<(Error | undefined)[]> {
  // Locked in one order, so that two processes never wait for each other.
  const ids = [...new Set(entries.map(({ itemId }) => itemId))].sort();
  const held = await db
    .selectFrom("deployment_item")
    .select(["id", "claim"])
    .where("id", "in", ids)
    .where("state", "=", "running")
    .orderBy("id")
    .forUpdate()
    .execute();
  const claims = new Map(held.map((row) => [row.id, row.claim]));
  const lost = entries.map(({ itemId, claim }) =>
    claims.get(itemId) === claim ? undefined : new ClaimLost("Another worker has the item."),
  );
  const good = entries.filter((_, index) => lost[index] === undefined);
  const anew = good.flatMap(({ itemId, anew: wanted = false }) => (wanted ? [itemId] : []));
  if (anew.length > 0) await db.deleteFrom("deployment_step").where("item_id", "in", anew).execute();
  await putSteps(
    db,
    lastOf(
      good.flatMap(({ steps = [] }) => steps),
      (step) => `${step.item_id} ${step.step}`,
    ),
  );
  await putDecoys(
    db,
    lastOf(
      good.flatMap(({ decoys = [] }) => decoys),
      ({ id }) => id,
    ),
  );
  await putRenewals(
    db,
    lastOf(
      good.flatMap(({ renewals = [] }) => renewals),
      ({ id }) => id,
    ),
  );
  await putGrants(
    db,
    lastOf(
      good.flatMap(({ grant }) => grant ?? []),
      ({ id }) => id,
    ),
  );
  await putItems(
    db,
    lastOf(
      good.flatMap(({ item }) => item ?? []),
      ({ id }) => id,
    ),
  );
  const audits = good.flatMap(({ audits: rows = [] }) => rows);
  if (audits.length > 0) await db.insertInto("audit").values(audits).execute();
  return lost;
}

/** One statement may touch a row once: of several writes of it the last one counts. */
function lastOf<T>(rows: readonly T[], key: (row: T) => string): T[] {
  return [...new Map(rows.map((row) => [key(row), row])).values()];
}

async function putSteps(db: Kysely<Database>, steps: readonly Step[]): Promise<void> {
  if (steps.length === 0) return;
  await db
    .insertInto("deployment_step")
    .values(steps.map((step) => ({ ...step, data: JSON.stringify(step.data) })))
    .onConflict((conflict) =>
      conflict.columns(["item_id", "step"]).doUpdateSet((eb) => ({
        state: eb.ref("excluded.state"),
        detail: eb.ref("excluded.detail"),
        data: eb.ref("excluded.data"),
        started_at: eb.ref("excluded.started_at"),
        ended_at: eb.ref("excluded.ended_at"),
      })),
    )
    .execute();
}

async function putDecoys(db: Kysely<Database>, decoys: readonly Decoy[]): Promise<void> {
  if (decoys.length === 0) return;
  await db
    .insertInto("decoy")
    // What was published is kept by lib/register; here it is only written with a new decoy, which has none.
    .values(
      decoys.map((decoy) => ({
        ...decoy,
        published: null,
        attributes: JSON.stringify(decoy.attributes),
        history: decoy.history && JSON.stringify(decoy.history),
      })),
    )
    .onConflict((conflict) =>
      conflict.column("id").doUpdateSet((eb) => ({
        state: eb.ref("excluded.state"),
        window_start: eb.ref("excluded.window_start"),
        window_end: eb.ref("excluded.window_end"),
        first_sent_at: eb.ref("excluded.first_sent_at"),
        sent_at: eb.ref("excluded.sent_at"),
        version: eb.ref("excluded.version"),
        value_hash: eb.ref("excluded.value_hash"),
        expires_at: eb.ref("excluded.expires_at"),
        retire_item_id: eb.ref("excluded.retire_item_id"),
        deleted_at: eb.ref("excluded.deleted_at"),
        recoverable_until: eb.ref("excluded.recoverable_until"),
        confirmed_at: eb.ref("excluded.confirmed_at"),
        updated_at: eb.ref("excluded.updated_at"),
      })),
    )
    .execute();
}

/** The rows are there since the schedule sent the job. */
async function putRenewals(db: Kysely<Database>, renewals: readonly Renewal["row"][]): Promise<void> {
  if (renewals.length === 0) return;
  await db
    .insertInto("decoy_renewal")
    .values([...renewals])
    .onConflict((conflict) =>
      conflict.column("id").doUpdateSet((eb) => ({
        current_made_at: eb.ref("excluded.current_made_at"),
        first_sent_at: eb.ref("excluded.first_sent_at"),
        sent_at: eb.ref("excluded.sent_at"),
        version: eb.ref("excluded.version"),
        value_hash: eb.ref("excluded.value_hash"),
        expires_at: eb.ref("excluded.expires_at"),
      })),
    )
    .execute();
}

async function putGrants(db: Kysely<Database>, grants: readonly Grant[]): Promise<void> {
  if (grants.length === 0) return;
  await db
    .insertInto("deployment_grant")
    .values(
      grants.map((grant) => ({ ...grant, added: JSON.stringify(grant.added), before: JSON.stringify(grant.before) })),
    )
    .onConflict((conflict) =>
      conflict.column("id").doUpdateSet((eb) => ({
        state: eb.ref("excluded.state"),
        lease_until: eb.ref("excluded.lease_until"),
        updated_at: eb.ref("excluded.updated_at"),
      })),
    )
    .execute();
}

async function putItems(db: Kysely<Database>, items: readonly Item[]): Promise<void> {
  if (items.length === 0) return;
  await db
    .insertInto("deployment_item")
    .values(
      items.map((item) => ({
        ...item,
        plan: JSON.stringify(item.plan),
        waiting: item.waiting && JSON.stringify(item.waiting),
      })),
    )
    .onConflict((conflict) =>
      conflict.column("id").doUpdateSet((eb) => ({
        state: eb.ref("excluded.state"),
        attempt: eb.ref("excluded.attempt"),
        problem: eb.ref("excluded.problem"),
        ending: eb.ref("excluded.ending"),
        not_before: eb.ref("excluded.not_before"),
        moment: eb.ref("excluded.moment"),
        waiting: eb.ref("excluded.waiting"),
        claim: eb.ref("excluded.claim"),
        // A worker's sign of life may have moved it since the item was loaded.
        claim_until: eb
          .case()
          .when("excluded.claim", "is", null)
          .then(null)
          .else(eb.ref("deployment_item.claim_until"))
          .end(),
        updated_at: eb.ref("excluded.updated_at"),
      })),
    )
    .execute();
}

import "server-only";
import { type Insertable, type Kysely, type Selectable, sql } from "kysely";
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

/** Entries of one commit. */
const GROUP_MAX = 200;

const writers = new WeakMap<Kysely<Database>, GroupCommit<Entry>>();

/**
 * Writes a change of an item, with what was left of it to the next one. Changes of many items share a commit.
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
  const late = change.anew ? [] : [...run.unsaved];
  await writer.add({ ...change, steps: [...late, ...(change.steps ?? [])], itemId: run.item.id, claim: run.claim });
  run.unsaved = change.anew ? [] : run.unsaved.filter((step) => !late.includes(step));
}

async function commit(db: Kysely<Database>, entries: readonly Entry[]): Promise<readonly (Error | undefined)[]> {
  try {
    return await writeAll(db, entries);
  } catch (error) {
    if (!isTaken(error) || entries.length === 1) {
      if (isTaken(error) && error instanceof Error) return [error];
      throw error;
    }
  }
  // One of them was refused by a constraint: the others must not suffer for it. By halves, since names that several processes
  // choose at the same time collide now and then, and two hundred statements for one of them would hold up all vaults.
  const half = Math.ceil(entries.length / 2);
  const first = await commit(db, entries.slice(0, half));
  return [...first, ...(await commit(db, entries.slice(half)))];
}

/** Writes what is still its worker's; ClaimLost for the rest. */
async function writeAll(db: Kysely<Database>, entries: readonly Entry[]): Promise<(Error | undefined)[]> {
  const held = await writeIfHeld(db, entries);
  const lost = entries.map((entry) =>
    held.has(holdOf(entry)) ? undefined : new ClaimLost("Another worker has the item."),
  );
  const good = entries.filter((entry) => held.has(holdOf(entry)));
  if (good.length === entries.length || good.length === 0) return lost;
  // Nothing was written for the sake of those that are lost.
  const again = await writeAll(db, good);
  const faults = new Map(good.map((entry, index) => [entry, again[index]]));
  return entries.map((entry, index) => lost[index] ?? faults.get(entry));
}

/**
 * Writes all entries, or nothing when one of them is another worker's by now. One statement, since the embedded store has
 * one session and a transaction of several would keep everybody waiting for the answer to each.
 *
 * @returns what is still held, as `holdOf` names it
 */
async function writeIfHeld(db: Kysely<Database>, entries: readonly Entry[]): Promise<ReadonlySet<string>> {
  const wanted = new Map(entries.map((entry) => [holdOf(entry), { id: entry.itemId, claim: entry.claim }]));
  const all = <K extends keyof Change>(of: K) => entries.map((entry) => entry[of]);
  const parts = [
    forgetSteps(entries.flatMap(({ itemId, anew = false }) => (anew ? [itemId] : []))),
    putSteps(
      db,
      lastOf(all("steps"), ({ item_id: item, step }) => `${item} ${step}`),
    ),
    putDecoys(db, lastOf(all("decoys"), idOf)),
    putRenewals(db, lastOf(all("renewals"), idOf)),
    putGrants(db, lastOf(all("grant"), idOf)),
    putItems(db, lastOf(all("item"), idOf)),
    putAudits(
      db,
      all("audits").flatMap((audits = []) => audits),
    ),
  ].flatMap((part, index) => (part === undefined ? [] : sql`, ${sql.id(`part_${index}`)} as (${part})`));
  // Locked in one order, so that two processes never wait for each other.
  const { rows } = await sql<{ id: string; claim: string }>`
    with wanted as materialized (
      select id, claim from jsonb_to_recordset(${JSON.stringify([...wanted.values()])}::jsonb) as row (id text, claim text)
    ), held as materialized (
      select item.id, item.claim from deployment_item as item
      join wanted on wanted.id = item.id and wanted.claim = item.claim
      where item.state = 'running' order by item.id for update of item
    )${sql.join(parts, sql``)}
    select id, claim from held`.execute(db);
  return new Set(rows.map(({ id, claim }) => holdOf({ itemId: id, claim })));
}

/** Names an item in one worker's hands. */
function holdOf({ itemId, claim }: Pick<Entry, "itemId" | "claim">): string {
  return `${itemId} ${claim}`;
}

/** Whether each entry of the commit is still its worker's. */
const ALL_HELD = sql<boolean>`(select count(*) from held) = (select count(*) from wanted)`;

function forgetSteps(itemIds: readonly string[]) {
  if (itemIds.length === 0) return undefined;
  return sql`delete from deployment_step where item_id in (${sql.join(itemIds)}) and ${ALL_HELD}`;
}

const idOf = ({ id }: { id: string }): string => id;

/** One statement may touch a row once: of several writes of it the last one counts. */
function lastOf<T extends object>(rows: readonly (readonly T[] | T | undefined)[], key: (row: T) => string): T[] {
  return [...new Map(rows.flatMap((some) => some ?? []).map((row) => [key(row), row])).values()];
}

/** A query of whole rows of a table, in its order of columns; of none when an entry of the commit is not held. */
function rowsIfHeld<T extends keyof Database>(table: T, rows: readonly object[]) {
  return sql<Selectable<Database[T]>>`select row.* from
    jsonb_populate_recordset(null::${sql.table(table)}, ${JSON.stringify(rows)}::jsonb) as row where ${ALL_HELD}`;
}

function putSteps(db: Kysely<Database>, steps: readonly Step[]) {
  if (steps.length === 0) return undefined;
  return db
    .insertInto("deployment_step")
    .expression(rowsIfHeld("deployment_step", steps))
    .onConflict((conflict) =>
      conflict.columns(["item_id", "step"]).doUpdateSet((eb) => ({
        state: eb.ref("excluded.state"),
        detail: eb.ref("excluded.detail"),
        data: eb.ref("excluded.data"),
        started_at: eb.ref("excluded.started_at"),
        ended_at: eb.ref("excluded.ended_at"),
      })),
    );
}

function putDecoys(db: Kysely<Database>, decoys: readonly Decoy[]) {
  if (decoys.length === 0) return undefined;
  // What was published is kept by lib/register; here it is only written with a new decoy, which has none.
  // In one order: of two processes that give the same names at the same time each would wait for the other else.
  const nameOf = ({ chosen_name: name }: Decoy): string => name ?? "";
  const inOrder = decoys.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : Number(nameOf(a) > nameOf(b))));
  const rows = inOrder.map((decoy) => ({ ...decoy, published: null }));
  return db
    .insertInto("decoy")
    .expression(rowsIfHeld("decoy", rows))
    .onConflict((conflict) =>
      conflict.column("id").doUpdateSet((eb) => ({
        // A choice may have reached the store though its answer was lost: then another one takes its place, as a whole.
        name: eb.ref("excluded.name"),
        chosen_name: eb.ref("excluded.chosen_name"),
        token_key: eb.ref("excluded.token_key"),
        attributes: eb.ref("excluded.attributes"),
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
    );
}

/** The rows are there since the schedule sent the job. */
function putRenewals(db: Kysely<Database>, renewals: readonly Renewal["row"][]) {
  if (renewals.length === 0) return undefined;
  return db
    .insertInto("decoy_renewal")
    .expression(rowsIfHeld("decoy_renewal", renewals))
    .onConflict((conflict) =>
      conflict.column("id").doUpdateSet((eb) => ({
        current_made_at: eb.ref("excluded.current_made_at"),
        first_sent_at: eb.ref("excluded.first_sent_at"),
        sent_at: eb.ref("excluded.sent_at"),
        version: eb.ref("excluded.version"),
        value_hash: eb.ref("excluded.value_hash"),
        expires_at: eb.ref("excluded.expires_at"),
      })),
    );
}

function putGrants(db: Kysely<Database>, grants: readonly Grant[]) {
  if (grants.length === 0) return undefined;
  return db
    .insertInto("deployment_grant")
    .expression(rowsIfHeld("deployment_grant", grants))
    .onConflict((conflict) =>
      conflict.column("id").doUpdateSet((eb) => ({
        state: eb.ref("excluded.state"),
        lease_until: eb.ref("excluded.lease_until"),
        updated_at: eb.ref("excluded.updated_at"),
      })),
    );
}

function putItems(db: Kysely<Database>, items: readonly Item[]) {
  if (items.length === 0) return undefined;
  return db
    .insertInto("deployment_item")
    .expression(rowsIfHeld("deployment_item", items))
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
        updated_at: eb.ref("excluded.updated_at"),
      })),
    );
}

function putAudits(db: Kysely<Database>, audits: readonly Insertable<AuditTable>[]) {
  if (audits.length === 0) return undefined;
  // Their details come as text, as they are written one by one.
  return db
    .insertInto("audit")
    .columns(["at", "tid", "oid", "who", "action", "vault_id", "before", "after", "result"])
    .expression(
      sql`select at, tid, oid, who, action, vault_id, (before #>> '{}')::jsonb, (after #>> '{}')::jsonb, result
        from (${rowsIfHeld("audit", audits)}) as row`,
    );
}

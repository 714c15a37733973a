import "server-only";
import { type Insertable, type Kysely, sql } from "kysely";
import type { User } from "../context";
import type { AuditTable, Database } from "./schema";

/** A write that happened or was refused. Never holds a decoy's name or value: decoys are named by their id. */
export interface AuditEntry {
  /** The person, or the part of the product that acted by itself. */
  by: Pick<User, "tid" | "oid" | "name"> | { tid: string; system: string };
  /** Verb and object, like `deployment.start`. */
  action: string;
  /** Normalised id of the vault; of the resource group or subscription where a write was about all vaults in it. */
  vaultId?: string;
  before?: Record<string, unknown>;
  after?: Record<string, unknown>;
  /** "ok", or why it was refused or failed. */
  result: string;
}

/** Records a write. Call it in the transaction of the write itself, so that one is never there without the other. */
export async function writeAudit(db: Kysely<Database>, entry: AuditEntry, at: Date): Promise<void> {
  await db.insertInto("audit").values(auditRow(entry, at)).execute();
}

/** The same as a row, for those who write many at once. */
export function auditRow(entry: AuditEntry, at: Date): Insertable<AuditTable> {
  const { by } = entry;
  const who = "system" in by ? { tid: by.tid, oid: "", who: by.system } : { tid: by.tid, oid: by.oid, who: by.name };
  return {
    at,
    ...who,
    action: entry.action,
    vault_id: entry.vaultId ?? null,
    before: JSON.stringify(entry.before ?? {}),
    after: JSON.stringify(entry.after ?? {}),
    result: entry.result,
  };
}

/** A page is read again every few seconds; a person who looks at it for a while has looked once. Milliseconds. */
const READING_MS = 60 * 60_000;

/** Who read what, and what tells one thing of a kind from another, such as one incident; left out, there is one. */
export interface Reading {
  by: User;
  action: string;
  /** Normalised id, where it was about one vault. */
  vaultId?: string;
  what?: Record<string, string>;
  /** Kept with the row, and the same reading whatever it says: how many decoys were shown. */
  details?: Record<string, unknown>;
}

/** Records that a person was shown what not everybody may see, at most once an hour. */
export async function auditReading(db: Kysely<Database>, reading: Reading, at: Date): Promise<void> {
  const { by, action, vaultId, what = {}, details } = reading;
  const known = await db
    .selectFrom("audit")
    .select("id")
    .where("action", "=", action)
    .where("oid", "=", by.oid)
    .where("vault_id", "is not distinct from", vaultId ?? null)
    .where("at", ">", new Date(at.getTime() - READING_MS))
    .where(sql<boolean>`after @> ${JSON.stringify(what)}::jsonb`)
    .limit(1)
    .executeTakeFirst();
  if (known) return;
  await writeAudit(db, { by, action, ...(vaultId && { vaultId }), after: { ...details, ...what }, result: "ok" }, at);
}

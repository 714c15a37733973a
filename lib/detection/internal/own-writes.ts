import "server-only";
import type { Kysely } from "kysely";
import { groupBy } from "@/lib/group-by.pure";
import { isAmong } from "@/lib/store/among";
import { wasGone } from "@/lib/store/decoys";
import type { Database } from "@/lib/store/schema";

/** A write of this product to a honeytoken, by its own record. */
export interface OwnWrite {
  tokenKey: string;
  /** Object id of the planting identity, lower case. */
  by: string;
  what: "create" | "delete";
  at: Date;
}

const OPERATIONS = {
  create: new Set(["SecretSet", "KeyCreate", "KeyResourcePut"]),
  delete: new Set(["SecretDelete", "KeyDelete"]),
};
/** The record is made right before a write is sent and right after a deletion is answered; clocks differ, and answers take a while. */
const APART_MS = 3 * 60_000;

interface Touched {
  tokenKey: string;
  caller: string;
  operations: readonly string[];
  firstTouch: Date;
  lastTouch: Date;
}

/** Those of the touches that this product did not make by its own record; `since` is when the oldest of them was at most. */
export async function notOwn<T extends Touched>(
  db: Kysely<Database>,
  touches: readonly T[],
  since: Date,
): Promise<T[]> {
  if (touches.length === 0) return [];
  const keys = [...new Set(touches.map(({ tokenKey }) => tokenKey))];
  const writes = groupBy(await ownWritesTo(db, keys, since), ({ tokenKey }) => tokenKey);
  return touches.filter((touch) => !isOwn(touch, writes.get(touch.tokenKey) ?? []));
}

/**
 * Whether this product made the touch by its own record. The register says it while the window that it publishes is open,
 * but shows one state at a time: of a honeytoken that is on its way out it no longer says when it was planted.
 */
export function isOwn(touch: Touched, writes: readonly OwnWrite[]): boolean {
  const near = writes.filter(
    ({ tokenKey, by, at }) =>
      tokenKey === touch.tokenKey &&
      by === touch.caller.toLowerCase() &&
      touch.firstTouch.getTime() >= at.getTime() - APART_MS &&
      touch.lastTouch.getTime() <= at.getTime() + APART_MS,
  );
  return touch.operations.every((operation) => near.some(({ what }) => OPERATIONS[what].has(operation)));
}

/** What this product wrote to these honeytokens since then. */
export async function ownWritesTo(
  db: Kysely<Database>,
  tokenKeys: readonly string[],
  since: Date,
): Promise<OwnWrite[]> {
  const among = isAmong("decoy.token_key", tokenKeys);
  const planted = await db
    .selectFrom("decoy")
    .select(["token_key", "planter_oid", "first_sent_at", "sent_at", "deleted_at", "broken", "broken_at"])
    .where(among)
    .where((eb) => eb.or([eb("sent_at", ">=", since), eb("deleted_at", ">=", since)]))
    .execute();
  const renewed = await db
    .selectFrom("decoy_renewal")
    .innerJoin("decoy", "decoy.id", "decoy_renewal.decoy_id")
    .select(["decoy.token_key", "decoy.planter_oid", "decoy_renewal.first_sent_at", "decoy_renewal.sent_at"])
    .where(among)
    .where("decoy_renewal.sent_at", ">=", since)
    .execute();
  // What was let go has the moment of somebody else's deletion.
  const ours = planted.map((row) => ({ ...row, deleted_at: wasGone(row) ? null : row.deleted_at }));
  return [...ours, ...renewed.map((row) => ({ ...row, deleted_at: null }))].flatMap((row) => {
    const { token_key: tokenKey, planter_oid: planter } = row;
    if (planter === null) return [];
    const made = (what: OwnWrite["what"], at: Date | null) =>
      at === null ? [] : [{ tokenKey, by: planter.toLowerCase(), what, at }];
    return [...made("create", row.first_sent_at), ...made("create", row.sent_at), ...made("delete", row.deleted_at)];
  });
}

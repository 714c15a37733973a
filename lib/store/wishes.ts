import "server-only";
import type { Kysely } from "kysely";
import { parseVaultId, type VaultId } from "../azure/resource-id.pure";
import type { Database } from "./schema";

/** A vault that somebody wants collected before all others. */
export interface Wish {
  vaultId: VaultId;
  askedAt: Date;
}

/** Keeps that these vaults are wanted; one that is wanted already is wanted since `at`. */
export async function saveWishes(db: Kysely<Database>, vaultIds: readonly VaultId[], at: Date): Promise<void> {
  for (let start = 0; start < vaultIds.length; start += 1_000) {
    await db
      .insertInto("collection_wish")
      .values(vaultIds.slice(start, start + 1_000).map((id) => ({ vault_id: id, asked_at: at })))
      .onConflict((conflict) =>
        conflict.column("vault_id").doUpdateSet((excluded) => ({ asked_at: excluded.ref("excluded.asked_at") })),
      )
      .execute();
  }
}

/** Every vault that is wanted. */
export async function listWishes(db: Kysely<Database>): Promise<Wish[]> {
  const rows = await db.selectFrom("collection_wish").selectAll().execute();
  return rows.flatMap((row) => {
    const vaultId = parseVaultId(row.vault_id);
    return vaultId ? [{ vaultId, askedAt: row.asked_at }] : [];
  });
}

/** Forgets wishes that were seen to; one that was renewed since stays. */
export async function dropWishes(db: Kysely<Database>, wishes: readonly Wish[]): Promise<void> {
  const newest = wishes.reduce((latest, { askedAt }) => Math.max(latest, askedAt.getTime()), 0);
  for (let start = 0; start < wishes.length; start += 1_000) {
    await db
      .deleteFrom("collection_wish")
      .where(
        "vault_id",
        "in",
        wishes.slice(start, start + 1_000).map(({ vaultId }) => vaultId),
      )
      .where("asked_at", "<=", new Date(newest))
      .execute();
  }
}

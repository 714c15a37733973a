import "server-only";
import type { Kysely } from "kysely";
import type { Database, VaultFactTable } from "./schema";

export type VaultFactName = VaultFactTable["fact"];

export interface VaultFact {
  /** Normalised vault id. */
  vaultId: string;
  fact: VaultFactName;
  data: Record<string, unknown>;
  collectedAt: Date;
}

/** Saves collected facts; a newer one of the same vault and name replaces the older, never the other way round. */
export async function saveVaultFacts(db: Kysely<Database>, facts: readonly VaultFact[]): Promise<void> {
  for (let start = 0; start < facts.length; start += 1_000) {
    const rows = facts.slice(start, start + 1_000).map((fact) => ({
      vault_id: fact.vaultId,
      fact: fact.fact,
      data: JSON.stringify(fact.data),
      collected_at: fact.collectedAt,
    }));
    await db
      .insertInto("vault_fact")
      .values(rows)
      .onConflict((conflict) =>
        conflict
          .columns(["vault_id", "fact"])
          .doUpdateSet((excluded) => ({
            data: excluded.ref("excluded.data"),
            collected_at: excluded.ref("excluded.collected_at"),
          }))
          .whereRef("vault_fact.collected_at", "<=", "excluded.collected_at"),
      )
      .execute();
  }
}

/** The collected facts of one name, of all vaults or of those given. */
export async function readVaultFacts(
  db: Kysely<Database>,
  fact: VaultFactName,
  vaultIds?: readonly string[],
): Promise<VaultFact[]> {
  const rows = await db
    .selectFrom("vault_fact")
    .selectAll()
    .where("fact", "=", fact)
    .$if(vaultIds !== undefined, (query) => query.where("vault_id", "in", vaultIds?.length ? [...vaultIds] : [""]))
    .execute();
  return rows.map((row) => ({
    vaultId: row.vault_id,
    fact: row.fact,
    data: row.data,
    collectedAt: row.collected_at,
  }));
}

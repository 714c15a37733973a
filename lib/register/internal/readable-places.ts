import "server-only";
import { parseVaultId } from "@/lib/azure/resource-id.pure";
import type { UserContext } from "@/lib/context";
import { readableOf } from "@/lib/coverage/visible";

/** Where there are findings, as `register_drift.vault_id` has it. */
export interface Places {
  /** Vaults that the person may read, and what is no vault, which is hidden from nobody. */
  readable: string[];
  /** How many vaults are not among them. */
  leftOut: number;
}

/** @throws AppError when Azure does not say which vaults the person may read */
export async function placesOfFindings(ctx: UserContext): Promise<Places> {
  const rows = await ctx.db
    .selectFrom("register_drift")
    .select("vault_id")
    .distinct()
    .where("repaired_at", "is", null)
    .execute();
  const all = rows.map(({ vault_id: id }) => id);
  const allowed = await readableOf(
    ctx,
    all.filter((id) => parseVaultId(id) !== undefined),
  );
  const readable = all.filter((id) => allowed.has(id) || parseVaultId(id) === undefined);
  return { readable, leftOut: all.length - readable.length };
}

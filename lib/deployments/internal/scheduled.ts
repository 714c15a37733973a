import "server-only";
import { type Selectable, sql } from "kysely";
import { parseVaultId, type VaultId } from "@/lib/azure/resource-id.pure";
import type { ServiceContext } from "@/lib/context";
import type { DecoyTable } from "@/lib/store/schema";
import { PlannedHistory } from "./decoy-plan";

/** A live decoy of ours that gets further versions. */
export interface Scheduled {
  decoyId: string;
  vaultId: VaultId;
  kind: Selectable<DecoyTable>["kind"];
  tokenKey: string;
  /** The deployment that planted it, and in which somebody asked for the versions. */
  deploymentId: string;
  history: PlannedHistory;
  /** When the next version is due at the latest. */
  renewAt: Date | null;
}

/**
 * Decoys whose next version is due, and those that are renewed with their neighbours. Left out: what is being worked on,
 * in its own vault too, and what is no longer live.
 */
export async function scheduledDecoys({ db, now }: Pick<ServiceContext, "db" | "now">): Promise<Scheduled[]> {
  const rows = await db
    .selectFrom("decoy")
    .innerJoin("deployment_item", "deployment_item.id", "decoy.item_id")
    .select([
      "decoy.id",
      "decoy.vault_id",
      "decoy.kind",
      "decoy.token_key",
      "decoy.history",
      "decoy.renew_at",
      "deployment_item.deployment_id",
    ])
    .where("decoy.state", "=", "live")
    .where("decoy.retire_item_id", "is", null)
    .where("decoy.version", "is not", null)
    .where("decoy.history", "is not", null)
    .where((eb) =>
      eb.or([
        eb("decoy.renew_at", "<=", now()),
        sql<boolean>`coalesce((decoy.history->>'withRounds')::boolean, false)`,
      ]),
    )
    .where(
      "decoy.vault_id",
      "not in",
      db
        .selectFrom("deployment_item")
        .select("deployment_item.vault_id")
        .where("deployment_item.state", "in", ["queued", "running"]),
    )
    .execute();
  return rows.flatMap((row) => {
    const vaultId = parseVaultId(row.vault_id);
    const history = PlannedHistory.safeParse(row.history).data;
    if (!vaultId || !history) return [];
    return [
      {
        decoyId: row.id,
        vaultId,
        kind: row.kind,
        tokenKey: row.token_key,
        deploymentId: row.deployment_id,
        history,
        renewAt: row.renew_at,
      },
    ];
  });
}

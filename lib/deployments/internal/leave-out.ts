import "server-only";
import type { Kysely } from "kysely";
import { isRemovable } from "@/lib/store/decoys";
import type { Database } from "@/lib/store/schema";
import { PLANTED_MEANWHILE, UNDER_WAY_ELSEWHERE } from "../views.pure";
import type { Deployment } from "./visible";
import { plantsBesideOthers } from "./wanted";

type Unbegun = "planned" | "failed" | "cancelled";

/**
 * Leaves out, right before a plan is started or done again, what has changed since it was made: a vault has one deployment at
 * a time, and gets no second honeytoken where nobody asked for that.
 *
 * @returns how many vaults
 */
export async function leaveOut(
  db: Kysely<Database>,
  deployment: Deployment,
  states: readonly Unbegun[],
  at: Date,
): Promise<number> {
  const skip = (reason: string) =>
    db
      .updateTable("deployment_item")
      .set({
        state: "skipped",
        plan: JSON.stringify({ grant: "none", warnings: [], reasons: [reason] }),
        updated_at: at,
      })
      .where("deployment_id", "=", deployment.id)
      .where("state", "in", [...states]);
  const underWay = await skip(UNDER_WAY_ELSEWHERE)
    .where("vault_id", "in", (eb) =>
      eb.selectFrom("deployment_item").select("vault_id").where("state", "in", ["queued", "running"]),
    )
    .executeTakeFirst();
  const left = Number(underWay.numUpdatedRows);
  if (deployment.operation !== "plant" || plantsBesideOthers(deployment)) return left;
  const planted = await skip(PLANTED_MEANWHILE)
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom("decoy")
          .select("decoy.id")
          .whereRef("decoy.vault_id", "=", "deployment_item.vault_id")
          .where("decoy.created_at", ">", deployment.created_at)
          .where("decoy.broken", "is", null)
          .where(isRemovable)
          // What an earlier attempt at the vault has planted is no reason not to go on there.
          .where((where) =>
            where.or([
              where("decoy.item_id", "is", null),
              where("decoy.item_id", "<>", where.ref("deployment_item.id")),
            ]),
          ),
      ),
    )
    .executeTakeFirst();
  return left + Number(planted.numUpdatedRows);
}

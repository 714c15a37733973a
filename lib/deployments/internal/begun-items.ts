import "server-only";
import type { ExpressionBuilder } from "kysely";
import type { Database } from "@/lib/store/schema";

/** Whether a deployment, paused or not, has vaults that have to be brought to their end. */
export function hasBegunItems(eb: ExpressionBuilder<Database, "deployment">) {
  return eb.exists(
    eb
      .selectFrom("deployment_item")
      .select("deployment_item.id")
      .whereRef("deployment_item.deployment_id", "=", "deployment.id")
      .where("deployment_item.state", "=", "running")
      .where(isBegun),
  );
}

/**
 * Whether an item has to be brought to its end though its deployment is paused: the same that `hasWritten` says of one in
 * hand, and one that is being closed already.
 */
export function isBegun(eb: ExpressionBuilder<Database, "deployment_item">) {
  return eb.or([
    eb("deployment_item.ending", "is not", null),
    eb.exists(
      eb
        .selectFrom("decoy")
        .select("decoy.id")
        .whereRef("decoy.item_id", "=", "deployment_item.id")
        .where("decoy.state", "in", ["planting", "live"]),
    ),
    eb.exists(
      eb
        .selectFrom("decoy_renewal")
        .select("decoy_renewal.item_id")
        .whereRef("decoy_renewal.item_id", "=", "deployment_item.id")
        .where("decoy_renewal.sent_at", "is not", null),
    ),
    eb.exists(
      eb
        .selectFrom("deployment_step")
        .select("deployment_step.step")
        .whereRef("deployment_step.item_id", "=", "deployment_item.id")
        .where("deployment_step.step", "=", "remove"),
    ),
  ]);
}

import "server-only";
import type { ExpressionBuilder } from "kysely";
import type { Database } from "@/lib/store/schema";

/**
 * Whether a deployment, paused or not, has vaults that have to be brought to their end: the same that `hasWritten` says of
 * one in hand, and those that are being closed already.
 */
export function hasBegunItems(eb: ExpressionBuilder<Database, "deployment">) {
  const running = eb
    .selectFrom("deployment_item")
    .select("deployment_item.id")
    .whereRef("deployment_item.deployment_id", "=", "deployment.id")
    .where("deployment_item.state", "=", "running");
  return eb.or([
    eb.exists(running.where("deployment_item.ending", "is not", null)),
    eb.exists(
      running
        .innerJoin("decoy", "decoy.item_id", "deployment_item.id")
        .where("decoy.state", "in", ["planting", "live"]),
    ),
    eb.exists(
      running
        .innerJoin("decoy_renewal", "decoy_renewal.item_id", "deployment_item.id")
        .where("decoy_renewal.sent_at", "is not", null),
    ),
    eb.exists(
      running
        .innerJoin("deployment_step", "deployment_step.item_id", "deployment_item.id")
        .where("deployment_step.step", "=", "remove"),
    ),
  ]);
}

import "server-only";
import type { ServiceContext } from "@/lib/context";

/** Until when Azure can bring back what a deployment deleted, by item: the last of its honeytokens counts. */
export async function recoveryOf(
  { db }: Pick<ServiceContext, "db">,
  deploymentId: string,
): Promise<ReadonlyMap<string, Date>> {
  const rows = await db
    .selectFrom("decoy")
    .innerJoin("deployment_item", "deployment_item.id", "decoy.retire_item_id")
    .select(["decoy.retire_item_id", (eb) => eb.fn.max("decoy.recoverable_until").as("until")])
    .where("deployment_item.deployment_id", "=", deploymentId)
    .where("decoy.recoverable_until", "is not", null)
    .groupBy("decoy.retire_item_id")
    .execute();
  return new Map(rows.flatMap(({ retire_item_id: id, until }) => (id && until ? [[id, until]] : [])));
}

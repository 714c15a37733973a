import "server-only";
import { sql } from "kysely";
import type { ServiceContext } from "@/lib/context";
import { lostWorkers, retakeKeys } from "@/lib/store/jobs";
import type { Store } from "@/lib/store/open";
import { keyOf, PLANT_QUEUE } from "./chunks";
import { itemsInOrder } from "./ledger";

/** The worker in a claim as `claimOf` makes it; null in any other. */
const WORKER = sql<string | null>`nullif(split_part(claim, '.', 2), '')`;

/** Names the process and, within it, one taking of a chunk: whoever takes an item over has another. */
export const claimOf = ({ life }: Pick<Store, "life">, taking: string): string => `${taking}.${life.worker}`;

/**
 * Frees what processes had claimed that live no more, and hands out their jobs again. Their claims would run out by
 * themselves after a minute. One that is only cut off from the store loses them too, and finds out by its next write.
 */
export async function takeOver({ db }: Pick<ServiceContext, "db">, store: Store): Promise<void> {
  const claimed = db.selectFrom("deployment_item").where("state", "=", "running").where(WORKER, "is not", null);
  const workers = await claimed.select(WORKER.as("worker")).distinct().execute();
  const lost = await lostWorkers(
    store,
    workers.flatMap(({ worker }) => worker ?? []),
  );
  if (lost.length === 0) return;
  const chunks = await claimed
    .select(["deployment_id as deploymentId", "chunk"])
    .distinct()
    .where(WORKER, "in", lost)
    .execute();
  // The jobs first: should this process die in between, the claims still tell the next one.
  await retakeKeys(store, PLANT_QUEUE, chunks.map(keyOf));
  await db
    .updateTable("deployment_item")
    .set({ claim: null })
    .where("id", "in", itemsInOrder(db).where("state", "=", "running").where(WORKER, "in", lost))
    .execute();
}

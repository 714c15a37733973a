import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { ServiceContext } from "@/lib/context";
import { claimRuns, endDeployment } from "../internal/ledger";
import { advance } from "../run";

/** Carries one item to its end in this process, without a job queue; how it ended. */
export async function carryItem(service: ServiceContext, itemId: string): Promise<string> {
  const [run] = await claimRuns(service, { itemId }, randomUUID());
  if (!run) throw new Error("The item is another worker's, or has ended.");
  for (;;) {
    const progress = await advance(service, run);
    if (progress.is === "waiting") await pause(progress.ms);
    if (progress.is === "ended") break;
  }
  await endDeployment(service, run.deployment.id);
  const item = service.db.selectFrom("deployment_item").select("state").where("id", "=", itemId);
  return (await item.executeTakeFirstOrThrow()).state;
}

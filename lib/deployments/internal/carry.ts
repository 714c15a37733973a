import "server-only";
import type { ServiceContext } from "@/lib/context";
import { log } from "@/lib/log";
import { pause } from "@/lib/pause";
import { Slots } from "@/lib/slots";
import { GIVING } from "../plan.pure";
import { advance, closeItem, hasWritten, type Progress, releaseItem } from "../run";
import { grantWayOf } from "./grants";
import type { HeldItems } from "./held-items";
import { ClaimLost, type Run } from "./ledger";

/** Shorter waits are slept with the item in hand; for longer ones it is let go and taken up again. */
export const SLEEP_MAX_MS = 15_000;

/** Items that work at the same time in this process; the others wait, for Azure, for their turn at ARM, or for a slot. */
const WORKING_MAX = 64;
const slots = new Slots(WORKING_MAX);

/** What is asked of a running deployment meanwhile. */
export interface Orders {
  /** `pause`: begin nothing; `cancel`: take back what was begun. What is written already is brought to its end. */
  order: "go" | "pause" | "cancel";
}

/**
 * A new role takes ten minutes to work: whose is not given yet goes first, so that these pass while the others are looked
 * at. First the vaults with one of their own and those of a person who plants in one alone, then those of groups, of which
 * one gets it for all.
 */
function rankOf(run: Run): 0 | 1 | 2 {
  if (Object.values(GIVING).some((step) => run.steps.get(step)?.state === "done")) return 2;
  const way = grantWayOf(run) ?? "vault_role";
  if (way === "group_role") return 1;
  return way === "vault_role" ? 0 : 2;
}

/**
 * Step after step as long as nothing has to be waited for: a vault that was begun with is brought to its end before the
 * next is begun, so that its right stands for a short time and its connection is still there.
 */
async function goOn(service: ServiceContext, run: Run, allowed: () => boolean): Promise<Progress> {
  for (;;) {
    const progress = await advance(service, run);
    if (progress.is !== "on" || !allowed()) return progress;
  }
}

/**
 * Carries a claimed item until it ends or has to wait for long.
 *
 * @param until milliseconds since 1970 after which no further wait is begun
 * @returns when the item has to be gone on with; undefined when it has ended, is paused or belongs to another worker
 */
export async function carry(
  service: ServiceContext,
  run: Run,
  orders: Orders,
  { until, signal, held }: { until: number; signal: AbortSignal; held: HeldItems },
): Promise<Date | undefined> {
  const now = () => service.now().getTime();
  try {
    for (;;) {
      if (signal.aborted) {
        await releaseItem(service, run, null);
        return service.now();
      }
      if (!hasWritten(run) && run.item.ending === null) {
        if (orders.order === "cancel")
          await closeItem(service, run, "cancelled", "Cancelled before anything was written.");
        if (orders.order === "pause") {
          await releaseItem(service, run, null);
          return undefined;
        }
      }
      const progress = await slots.run(() => goOn(service, run, () => !signal.aborted && orders.order === "go"), {
        mayGoOn: () => held.must(run.item.id),
        rank: rankOf(run),
      });
      if (progress.is === "ended") return undefined;
      if (progress.is === "on") continue;
      const again = now() + progress.ms;
      if (progress.ms > SLEEP_MAX_MS || again > until) {
        await releaseItem(service, run, new Date(again));
        return new Date(again);
      }
      await pause(progress.ms, signal);
    }
  } catch (error) {
    if (error instanceof ClaimLost) return undefined;
    // The store failed, or a fault of ours: the others of the deployment go on, this one is tried again.
    log.error({ err: error, item: run.item.id }, "a deployment item could not be carried on");
    const again = new Date(now() + SLEEP_MAX_MS + 1);
    await releaseItem(service, run, again).catch(() => {});
    return again;
  }
}

import "server-only";
import type { VaultId } from "@/lib/azure/resource-id.pure";
import type { ServiceContext } from "@/lib/context";
import { log } from "@/lib/log";
import { pause } from "@/lib/pause";
import { type Rank, Slots } from "@/lib/slots";
import { GIVING } from "../plan.pure";
import { advance, closeItem, hasWritten, type Progress, releaseItem } from "../run";
import { grantWayOf } from "./grants";
import { groupOf } from "./group-grants";
import type { HeldItems } from "./held-items";
import { ClaimLost, type Item, type Run } from "./ledger";

/** Shorter waits are slept with the item in hand; for longer ones it is let go and taken up again. */
export const SLEEP_MAX_MS = 15_000;

/** Items that work at the same time in this process; the others wait, for Azure, for their turn at ARM, or for a slot. */
const WORKING_MAX = 160;
const slots = new Slots(WORKING_MAX);

/** What is asked of a running deployment meanwhile. */
export interface Orders {
  /** `pause`: begin nothing; `cancel`: take back what was begun. What is written already is brought to its end. */
  order: "go" | "pause" | "cancel";
  /** Another deployment is confirmed and nobody has begun with it. */
  othersWait: boolean;
}

/**
 * In which order items work, since a new right takes ten minutes to work, which pass while the others are looked at: first
 * one vault of each group, which gets it for all, and what a person plants in alone; then the vaults with a role or an access
 * policy of their own; then all others.
 */
export function ranksOf(
  runs: readonly { vaultId: VaultId; item: Pick<Item, "id" | "plan"> }[],
): ReadonlyMap<string, Rank> {
  const groups = new Set<string>();
  const rankOf = ({ vaultId, item }: (typeof runs)[number]): Rank => {
    const way = grantWayOf({ item });
    if (way === undefined) return 0;
    const group = groupOf(vaultId);
    if (way === "vault_role" || way === "policy") return 1;
    if (way !== "group_role" || groups.has(group)) return 2;
    groups.add(group);
    return 0;
  };
  return new Map(runs.map((run) => [run.item.id, rankOf(run)]));
}

/** Once the role is given, nothing is gained by going first but for somebody who waits for this one vault. */
function rankNow({ steps, deployment }: Run, rank: Rank): Rank {
  const given = Object.values(GIVING).some((step) => steps.get(step)?.state === "done");
  return given && deployment.total > 1 ? 2 : rank;
}

/**
 * Step after step as long as nothing has to be waited for: a vault that was begun with is brought to its end before the
 * next is begun, so that its right stands for a short time and its connection is still there.
 */
async function goOn(service: ServiceContext, run: Run, stopped: () => boolean): Promise<Progress> {
  while (!stopped()) {
    const progress = await advance(service, run);
    if (progress.is !== "on") return progress;
  }
  return { is: "on" };
}

/** Whether it may still be left as it is: nothing of it is, or may be, in its vault, and nothing is being taken back. */
const isUnbegun = (run: Run): boolean => !hasWritten(run) && run.item.ending === null;

/** What all items of a job share. */
interface Job {
  orders: Orders;
  /** Milliseconds since 1970 after which no further wait is begun, as it is at that moment. */
  until: () => number;
  signal: AbortSignal;
  held: HeldItems;
}

/** The others begin after so long at the latest. */
const HEAD_START_MAX_MS = 60_000;

/**
 * Carries claimed items side by side, each until it ends or has to wait for long. Those for which no right is to be given
 * begin once the first have it: else the looks into thousands of vaults would hold up the roles of hundreds.
 */
export async function carryAll(service: ServiceContext, runs: readonly Run[], job: Job): Promise<void> {
  const ranks = ranksOf(runs);
  const rankOf = ({ item }: Run): Rank => ranks.get(item.id) ?? 2;
  const carried: Promise<void>[] = [];
  const begin = (run: Run, wait: () => void) => carried.push(carry(service, run, job, { rank: rankOf(run), wait }));
  const waits = runs.filter((run) => rankOf(run) === 0).map((run) => new Promise<void>((wait) => begin(run, wait)));
  for (const run of runs) if (rankOf(run) === 1) begin(run, () => {});
  const over = new AbortController();
  const signal = AbortSignal.any([job.signal, over.signal]);
  await Promise.race([Promise.all(waits), pause(HEAD_START_MAX_MS, signal)]);
  over.abort();
  for (const run of runs) if (rankOf(run) === 2) begin(run, () => {});
  await Promise.all(carried);
}

/** @param wait told when the item first waits, and when it is carried no further */
async function carry(
  service: ServiceContext,
  run: Run,
  { orders, until, signal, held }: Job,
  { rank, wait }: { rank: Rank; wait: () => void },
): Promise<void> {
  const now = () => service.now().getTime();
  try {
    for (;;) {
      if (signal.aborted) {
        return await releaseItem(service, run, null);
      }
      if (isUnbegun(run)) {
        if (orders.order === "cancel")
          await closeItem(service, run, "cancelled", "Cancelled before anything was written.");
        if (orders.order === "pause") {
          return await releaseItem(service, run, null);
        }
      }
      // Thousands wait for a slot, and what was cancelled or paused meanwhile does not begin in it.
      const stopped = (): boolean => signal.aborted || (orders.order !== "go" && isUnbegun(run));
      const progress = await slots.run(() => goOn(service, run, stopped), {
        mayGoOn: () => held.must(run.item.id),
        rank: rankNow(run, rank),
      });
      if (progress.is === "ended") return;
      if (progress.is === "on") continue;
      wait();
      const again = now() + progress.ms;
      if (progress.ms > SLEEP_MAX_MS || again > until()) {
        return await releaseItem(service, run, new Date(again));
      }
      await pause(progress.ms, signal);
    }
  } catch (error) {
    if (error instanceof ClaimLost) return;
    // The store failed, or a fault of ours: the others of the deployment go on, this one is tried again.
    log.error({ err: error, item: run.item.id }, "a deployment item could not be carried on");
    const again = new Date(now() + SLEEP_MAX_MS + 1);
    await releaseItem(service, run, again).catch(() => {});
  } finally {
    wait();
  }
}

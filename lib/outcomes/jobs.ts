import "server-only";
import type { ServiceContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import type { JobSpec } from "@/lib/store/jobs";
import { countOutcomes, isNew, mustCount } from "./outcomes";

const OUTCOMES_QUEUE = "outcomes";

/**
 * The job handler of this feature, for `startJobs`: the figures of a day are kept up to date until it is over. Looked at each
 * minute, since somebody who has just installed the product waits for the first ones; after a failure, as late as after a count.
 */
export function outcomeJobs(service: ServiceContext): Record<string, JobSpec> {
  let failedAt: Date | undefined;
  const run = async () => {
    if (failedAt && isNew(failedAt, service.now())) return;
    failedAt = (await count(service)) ? undefined : service.now();
  };
  return { [OUTCOMES_QUEUE]: { concurrency: 1, cron: "* * * * *", run } };
}

/** False when the figures could not be counted, which the log then says. */
async function count(service: ServiceContext): Promise<boolean> {
  try {
    if (await mustCount(service)) await countOutcomes(service);
    return true;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    log.warn({ err: error }, "the outcomes of the day could not be counted");
    return false;
  }
}

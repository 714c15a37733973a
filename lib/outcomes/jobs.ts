import "server-only";
import type { ServiceContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import type { JobSpec } from "@/lib/store/jobs";
import { countOutcomes, mustCount } from "./outcomes";

const OUTCOMES_QUEUE = "outcomes";

/**
 * The job handler of this feature, for `startJobs`: the figures of a day are kept up to date until it is over. Looked at each
 * minute, since somebody who has just installed the product waits for the first ones.
 */
export function outcomeJobs(service: ServiceContext): Record<string, JobSpec> {
  return { [OUTCOMES_QUEUE]: { concurrency: 1, cron: "* * * * *", run: () => count(service) } };
}

async function count(service: ServiceContext): Promise<void> {
  try {
    if (await mustCount(service)) await countOutcomes(service);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    log.warn({ err: error }, "the outcomes of the day could not be counted");
  }
}

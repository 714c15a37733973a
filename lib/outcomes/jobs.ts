import "server-only";
import type { ServiceContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import type { JobSpec } from "@/lib/store/jobs";
import { countOutcomes } from "./outcomes";

const OUTCOMES_QUEUE = "outcomes";

/** The job handler of this feature, for `startJobs`: the figures of a day are kept up to date until it is over. */
export function outcomeJobs(service: ServiceContext): Record<string, JobSpec> {
  return { [OUTCOMES_QUEUE]: { concurrency: 1, cron: "*/10 * * * *", run: () => count(service) } };
}

async function count(service: ServiceContext): Promise<void> {
  try {
    await countOutcomes(service);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    log.warn({ err: error }, "the outcomes of the day could not be counted");
  }
}

import "server-only";
import type { ServiceContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import type { JobSpec } from "@/lib/store/jobs";
import type { Store } from "@/lib/store/open";
import { findDrift } from "./drift";
import { releaseDeadLock } from "./internal/upload-lock";
import { publishExceptions } from "./publish-exceptions";
import { COMPARE_QUEUE, EXCEPTIONS_QUEUE, REPAIR_QUEUE } from "./queues";
import { repairRequested } from "./repair";

/**
 * The job handlers of this feature, for `startJobs`: the hourly comparison and the repairs that were asked for. With the
 * embedded store a dead process's upload lock is freed first.
 */
export async function registerJobs(service: ServiceContext, store: Store): Promise<Record<string, JobSpec>> {
  if (store.kind === "embedded") await releaseDeadLock(service.db);
  return {
    [COMPARE_QUEUE]: { concurrency: 1, cron: "23 * * * *", run: () => compare(service) },
    [REPAIR_QUEUE]: { concurrency: 1, run: (_, signal) => repairRequested(service, signal) },
    [EXCEPTIONS_QUEUE]: { concurrency: 1, cron: "* * * * *", run: () => exceptions(service) },
  };
}

/** What could not be sent says so on its page and is sent with the next minute's job. */
async function exceptions(service: ServiceContext): Promise<void> {
  try {
    await publishExceptions(service);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    log.warn({ err: error }, "exceptions could not be published");
  }
}

/** The reason of a failure is kept for the page; the next hour, or whoever asks, tries again. */
async function compare(service: ServiceContext): Promise<void> {
  try {
    await findDrift(service);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    log.warn({ err: error }, "the register could not be compared with the published one");
  }
}

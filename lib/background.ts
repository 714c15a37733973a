import "server-only";
import type { ServiceContext } from "./context";
import { collectorJobs } from "./coverage/collector";
import { deploymentJobs } from "./deployments/jobs";
import { backstopJobs } from "./detection/backstop";
import { reviewTagJobs } from "./distribution/keep-tags";
import { drillJobs } from "./drills/jobs";
import { log } from "./log";
import { noticeJobs } from "./notices/jobs";
import { outcomeJobs } from "./outcomes/jobs";
import { importRegister } from "./register/import";
import { registerJobs } from "./register/jobs";
import { setupJobs } from "./setup/jobs";
import { startJobs } from "./store/jobs";
import type { Store } from "./store/open";

/** The register is empty only once; a start waits this long for it, then goes on without. */
const REGISTER_WAIT_MS = 10_000;
const REGISTER_RETRY_MS = 30_000;
/** Background work gets this long to reach a safe point; what it leaves undone is found again at the next start. */
const STOP_WORK_WITHIN_MS = 3_000;

/** The background work of one process. */
export interface Background {
  /** Names of the queues that it works on. */
  queues: string[];
  /** Ends it at safe points, within three seconds. */
  stop(): Promise<void>;
}

/**
 * Does the product's background work in this process: fills an empty register, then works on every queue. Any number
 * of processes may do so on one server; the queues and the ledger share the work out among them.
 *
 * @throws AppError `unavailable` when the store fails
 */
export async function startBackground(service: ServiceContext, store: Store): Promise<Background> {
  const register = fillRegister(service);
  await Promise.race([register.settled, pause(REGISTER_WAIT_MS)]);
  const specs = {
    ...(await deploymentJobs(service, store)),
    ...(await collectorJobs(service)),
    ...(await registerJobs(service, store)),
    ...backstopJobs(service),
    ...(await noticeJobs(service)),
    ...drillJobs(service),
    ...outcomeJobs(service),
    ...reviewTagJobs(service),
    ...(await setupJobs(service, store)),
  };
  const workers = await startJobs(store, specs);
  return {
    queues: Object.keys(specs),
    stop: async () => {
      register.stop();
      // A query that Azure takes its time for must not keep the store from being closed in order.
      await Promise.race([workers.stop(), pause(STOP_WORK_WITHIN_MS)]);
    },
  };
}

/** Imports the published register into an empty store. A tenant that does not answer now is asked again later. */
function fillRegister(service: ServiceContext): { settled: Promise<void>; stop(): void } {
  let again: NodeJS.Timeout | undefined;
  const attempt = async (): Promise<void> => {
    try {
      await importRegister(service);
    } catch (error) {
      log.warn({ err: error }, "the published register could not be read; it is tried again");
      again = setTimeout(() => void attempt(), REGISTER_RETRY_MS);
      again.unref();
    }
  };
  return { settled: attempt(), stop: () => clearTimeout(again) };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref();
  });
}

import "server-only";
import type { ServiceContext } from "@/lib/context";
import { log } from "@/lib/log";
import type { JobSpec } from "@/lib/store/jobs";
import type { Store } from "@/lib/store/open";
import { releaseDeadClaims } from "./internal/ledger";
import { runItem } from "./run";
import { sweepGrants } from "./sweep";

/** Queue of deployments; one job carries all vaults of one deployment. */
export const PLANT_QUEUE = "plant";
const SWEEP_QUEUE = "sweep-grants";

/** Vaults of one deployment that are worked on at once. */
const VAULTS_AT_ONCE = 4;
/** Shorter waits are slept in the job; longer ones end it and send it again for later. */
const SLEEP_MAX_MS = 15_000;
/** A job does not go on for longer, however short its waits: the queue would take it for dead after an hour. */
const JOB_MAX_MS = 10 * 60_000;

/**
 * The job handlers of this feature, for `startJobs`. With the embedded store what a dead process had claimed is freed
 * first, so that it is continued at once.
 */
export async function deploymentJobs(service: ServiceContext, store: Store): Promise<Record<string, JobSpec>> {
  if (store.kind === "embedded") await releaseDeadClaims(service.db);
  await resumeDeployments(service);
  return {
    [PLANT_QUEUE]: { run: (data, signal) => runDeployment(service, String(data.deploymentId), signal), concurrency: 4 },
    [SWEEP_QUEUE]: {
      concurrency: 1,
      cron: "* * * * *",
      run: async () => {
        await sweepGrants(service);
        await resumeDeployments(service);
      },
    },
  };
}

/** Sends a job for every unfinished deployment; those that have one are not sent twice. */
async function resumeDeployments({ db, jobs }: ServiceContext): Promise<void> {
  const open = await db
    .selectFrom("deployment_item")
    .select("deployment_id")
    .distinct()
    .where("state", "in", ["queued", "running"])
    .execute();
  for (const { deployment_id: deploymentId } of open) await jobs.enqueue(PLANT_QUEUE, deploymentId, { deploymentId });
}

async function runDeployment(service: ServiceContext, deploymentId: string, signal: AbortSignal): Promise<void> {
  const items = await service.db
    .selectFrom("deployment_item")
    .select(["id", "not_before"])
    .where("deployment_id", "=", deploymentId)
    .where("state", "in", ["queued", "running"])
    .orderBy("created_at")
    .orderBy("id")
    .execute();
  const soon = new Date(service.now().getTime() + SLEEP_MAX_MS);
  const until = service.now().getTime() + JOB_MAX_MS;
  const later = items.flatMap((item) => (item.not_before && item.not_before > soon ? [item.not_before] : []));
  const queue = items.filter((item) => !item.not_before || item.not_before <= soon).map((item) => item.id);
  const work = async (): Promise<void> => {
    for (let id = queue.shift(); id !== undefined && !signal.aborted; id = queue.shift()) {
      const again = await carry(service, id, until, signal);
      if (again) later.push(again);
    }
  };
  await Promise.all(Array.from({ length: VAULTS_AT_ONCE }, work));
  // A process that stops leaves the rest to another one, now.
  if (queue.length > 0) later.push(service.now());
  const next = later.sort((a, b) => a.getTime() - b.getTime())[0];
  if (next) await service.jobs.enqueue(PLANT_QUEUE, deploymentId, { deploymentId }, { startAfter: next });
}

/** Runs one item until it ends or has to wait for long; when it has to be gone on with, or undefined. */
async function carry(
  service: ServiceContext,
  itemId: string,
  until: number,
  signal: AbortSignal,
): Promise<Date | undefined> {
  for (;;) {
    let progress: Awaited<ReturnType<typeof runItem>>;
    try {
      progress = await runItem(service, itemId, signal);
    } catch (error) {
      // The store failed, or a fault of ours: the others of the deployment go on, this one is tried again.
      log.error({ err: error, item: itemId }, "a deployment item could not be carried on");
      progress = { ended: false, again: new Date(service.now().getTime() + SLEEP_MAX_MS + 1) };
    }
    if (progress.ended) return undefined;
    const wait = progress.again.getTime() - service.now().getTime();
    const ends = wait > SLEEP_MAX_MS || progress.again.getTime() > until || signal.aborted;
    if (ends) return progress.again;
    await sleep(wait, signal);
  }
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(finish, Math.max(0, ms));
    function finish(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", finish);
      resolve();
    }
    signal.addEventListener("abort", finish);
  });
}

import "server-only";
import type { ServiceContext } from "@/lib/context";
import type { JobSpec } from "@/lib/store/jobs";
import { deliverDue } from "./deliver";
import { look } from "./look";
import { LOOK_QUEUE, SEND_QUEUE } from "./queues";

/** Incidents are looked for every minute; the whole fleet costs more calls, and is looked at in every fifth. */
const VAULTS_EVERY_MINUTES = 5;

/**
 * The job handlers of this feature, for `startJobs`: both come every minute, by themselves. The first look is made at once,
 * since it says from when on an incident is news.
 */
export async function noticeJobs(service: ServiceContext): Promise<Record<string, JobSpec>> {
  await service.jobs.enqueue(LOOK_QUEUE, "schedule", {});
  return {
    [LOOK_QUEUE]: { concurrency: 1, cron: "* * * * *", run: () => lookNow(service) },
    [SEND_QUEUE]: { concurrency: 1, cron: "* * * * *", run: (_, signal) => deliverDue(service, signal) },
  };
}

function lookNow(service: ServiceContext): Promise<void> {
  return look(service, { vaults: service.now().getUTCMinutes() % VAULTS_EVERY_MINUTES === 0 });
}

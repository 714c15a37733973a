import "server-only";
import type { ServiceContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import { pause } from "@/lib/pause";
import type { JobSpec } from "@/lib/store/jobs";
import { followDrills } from "./follow";
import { touchWhatIsDue } from "./internal/touch";
import { DRILL_SCHEDULE_QUEUE, DRILLS_QUEUE } from "./queues";
import { startDueDrills } from "./schedule";

/** A job does not go on for longer, or the queue would take it for dead; the next minute's goes on. */
const JOB_MAX_MS = 10 * 60_000;
/** Where the workspace does not answer. */
const FAILURE_PAUSE_MS = 30_000;

/**
 * The job handlers of this feature, for `startJobs`. Everything is taken up from the tables: a drill that a killed process
 * recorded and perhaps sent is looked for in the log, and never sent again under its record.
 */
export function drillJobs(service: ServiceContext): Record<string, JobSpec> {
  return {
    [DRILLS_QUEUE]: { concurrency: 1, cron: "*/2 * * * *", run: (_, signal) => carryDrills(service, signal) },
    [DRILL_SCHEDULE_QUEUE]: { concurrency: 1, cron: "*/5 * * * *", run: () => schedule(service) },
  };
}

/** Makes and follows drills until none is under way. */
async function carryDrills(service: ServiceContext, signal: AbortSignal): Promise<void> {
  const { poll, drillLookAgainAfter } = service.config.timing;
  const end = Date.now() + JOB_MAX_MS;
  while (!signal.aborted && Date.now() < end) {
    let wait = poll;
    try {
      await touchWhatIsDue(service, (ms) => pause(ms, signal), signal);
      const open = await followDrills(service);
      if (open === 0 && !(await isAnyAwaited(service, drillLookAgainAfter))) return;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      log.warn({ err: error }, "the drills could not be followed");
      wait = Math.max(poll, Math.min(FAILURE_PAUSE_MS, service.config.timing.drillLateAfter / 10));
    }
    await pause(wait, signal);
  }
}

/** Whether a drill still waits for its turn, or a second look is near enough to stay awake for it. */
async function isAnyAwaited({ db, now }: ServiceContext, within: number): Promise<boolean> {
  const waiting = await db.selectFrom("drill").select("id").where("state", "=", "queued").limit(1).executeTakeFirst();
  if (waiting) return true;
  const soon = new Date(now().getTime() + Math.min(within, NEAR_MS));
  const look = await db
    .selectFrom("drill_incident")
    .select("name")
    .where("look_again_at", "<=", soon)
    .limit(1)
    .executeTakeFirst();
  return look !== undefined;
}

const NEAR_MS = 60_000;

/** What Azure does not answer is asked again in five minutes. */
async function schedule(service: ServiceContext): Promise<void> {
  try {
    const started = await startDueDrills(service);
    if (started > 0) log.info({ started }, "drills were started by the schedule");
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    log.warn({ err: error }, "the schedule of drills could not be kept");
  }
}

import "server-only";
import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { ServiceContext } from "@/lib/context";
import type { JobSpec } from "@/lib/store/jobs";
import type { Store } from "@/lib/store/open";
import { claimRun, letGo, releaseDeadRuns, runOf } from "./internal/ledger";
import { SETUP_QUEUE, watchRun } from "./queue";

const WatchJob = z.object({ runId: z.string() });
const INTERRUPTED = "The process that carried it out has ended. Nothing is written without a person: go on with it.";

/**
 * The job handlers of this feature, for `startJobs`. A run lives in the process that has its person's token, which is
 * never stored; when that process is gone, the run waits for somebody to go on with it, or ends if it was cancelled. With
 * the embedded store that is seen at the start, else when the claim of the dead process has ended.
 */
export async function setupJobs(service: ServiceContext, store: Store): Promise<Record<string, JobSpec>> {
  if (store.kind === "embedded") await releaseDeadRuns(service);
  const open = await service.db
    .selectFrom("setup_run")
    .select("id")
    .where("ended_at", "is", null)
    .where("state", "=", "running")
    .execute();
  for (const { id } of open) await lookAfter(service, id);
  return { [SETUP_QUEUE]: { concurrency: 1, run: (data) => lookAfter(service, WatchJob.parse(data).runId) } };
}

async function lookAfter(service: ServiceContext, id: string): Promise<void> {
  const run = await runOf(service, id);
  if (run?.state !== "running") return;
  const claim = randomUUID();
  if (await claimRun(service, id, claim)) await letGo(service, id, claim, INTERRUPTED);
  else await watchRun(service, id, service.now());
}

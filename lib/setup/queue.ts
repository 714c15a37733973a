import "server-only";
import type { ServiceContext } from "@/lib/context";
import { CLAIM_MS } from "./internal/ledger";

export const SETUP_QUEUE = "watch-set-up";

/** Has the jobs look whether the run is still carried out, as soon as a claim of `at` would have ended. */
export function watchRun({ jobs }: Pick<ServiceContext, "jobs">, runId: string, at: Date): Promise<void> {
  return jobs.enqueue(SETUP_QUEUE, runId, { runId }, { startAfter: new Date(at.getTime() + CLAIM_MS + 1_000) });
}

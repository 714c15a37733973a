import "server-only";
import type { Insertable } from "kysely";
import type { ServiceContext } from "@/lib/context";
import type { Decoy } from "@/lib/store/decoys";
import type { AuditTable } from "@/lib/store/schema";
import type { Run, Step } from "./ledger";
import { type Change, writeChange } from "./ledger-writes";

/** What came of one attempt at a step. Every text is for a person and names no decoy. */
export type Outcome =
  | { is: "done"; detail: string }
  | { is: "skipped"; detail: string }
  /** Ask again after `ms`; `data` is kept with the step. */
  | { is: "waiting"; ms: number; detail: string; data?: Record<string, unknown> }
  /** Earlier steps no longer hold and are done again before this one. */
  | { is: "reopen"; steps: string[] }
  /** No way on: undo what can be undone, then end so, or `again` begin anew when nothing was written. */
  | { is: "end"; ending: "failed" | "needs_person" | "cancelled"; problem: string; again?: true };

export interface StepJob {
  service: ServiceContext;
  run: Run;
  step: Step;
}

export type StepHandler = (job: StepJob) => Promise<Outcome>;

export const done = (detail: string): Outcome => ({ is: "done", detail });
export const skipped = (detail: string): Outcome => ({ is: "skipped", detail });
export const failed = (problem: string): Outcome => ({ is: "end", ending: "failed", problem });
export const needsPerson = (problem: string): Outcome => ({ is: "end", ending: "needs_person", problem });

const BACKOFF_MAX_MS = 60_000;

/** Milliseconds to wait after so many tries that came to nothing: each time longer, so that thousands of vaults do not press. */
export function backoff({ config }: Pick<ServiceContext, "config">, tries: number): number {
  return Math.min(BACKOFF_MAX_MS, config.timing.poll * 2 ** Math.min(tries, 6));
}

/** "1 honeytoken", "3 honeytokens". */
export function honeytokens(count: number): string {
  return count === 1 ? "1 honeytoken" : `${count} honeytokens`;
}

/** Writes a change of the job's item; what is kept in memory is for the caller to change, after this. */
export function write({ service, run }: StepJob, change: Change): Promise<void> {
  return writeChange(service.db, run, change);
}

/** Changes decoys on disk, then in memory. `updated_at` is set. */
export async function changeDecoys(
  job: StepJob,
  decoys: readonly Decoy[],
  change: Partial<Decoy>,
  audits: readonly Insertable<AuditTable>[] = [],
): Promise<void> {
  const changed = { ...change, updated_at: job.service.now() };
  await write(job, { decoys: decoys.map((decoy) => ({ ...decoy, ...changed })), audits });
  for (const decoy of decoys) Object.assign(decoy, changed);
}

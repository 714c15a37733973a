import "server-only";
import { z } from "zod";
import type { Step } from "./ledger";

/*
 * A right that Azure was asked for without an answer is asked for again. The first request may arrive when the right was
 * used and taken back already, which takes seconds where access policies decide.
 */

const Unanswered = z.object({ unansweredAt: z.number().optional() });

/** Keeps with the step in which a right is given that a request of now had no answer. */
export function noteUnanswered(step: Step, at: Date): void {
  step.data = { ...step.data, unansweredAt: at.getTime() };
}

/** Milliseconds from `now` until everything that was sent in the step has arrived, `within` after it was sent; 0 when it has. */
export function untilArrived(step: Step | undefined, { now, within }: { now: Date; within: number }): number {
  const { unansweredAt } = Unanswered.parse(step?.data ?? {});
  return unansweredAt === undefined ? 0 : Math.max(0, unansweredAt + within - now.getTime());
}

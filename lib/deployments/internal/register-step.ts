import "server-only";
import type { Decoy } from "@/lib/store/decoys";
import { auditOf } from "./audit";
import { changeDecoys, done, honeytokens, type Outcome, type StepJob, write } from "./outcome";
import { publishTogether } from "./publish-together";

/** The rules let the planter's own writes pass only inside a published window, and of 30 minutes at most. */
const WINDOW_MS = 30 * 60_000;
/** Azure's clock may be behind ours. */
const WINDOW_EARLIER_MS = 60_000;
/** With less left a new window is published: the wait for the register takes up to 15 minutes. */
const WINDOW_REUSED_MS = 20 * 60_000;

/**
 * Publishes the rows of the decoys that are still to be written, before they exist. The window is recorded first, so
 * that a repeat after a kill publishes the same rows.
 */
export async function registerStep(job: StepJob): Promise<Outcome> {
  const { service, run } = job;
  const toWrite = run.decoys.filter((decoy) => decoy.version === null);
  const { start, end } = windowFor(toWrite, service.now());
  await changeDecoys(job, toWrite, { window_start: start, window_end: end });
  await publishTogether(
    service,
    toWrite.map((decoy) => ({ decoy, state: "planting" as const, window: { start, end } })),
  );
  const rows = toWrite.map((decoy) => decoy.watchlist_item_id);
  await write(job, {
    audits: [
      auditOf(service, run, "register.add", { after: { rows, state: "planting", windowEnd: end.toISOString() } }),
    ],
  });
  return done(`${honeytokens(toWrite.length)} entered in the register, so that the first touch is already seen.`);
}

/** The window that was recorded already, so that a repeat publishes the same rows; a new one when little of it is left. */
export function windowFor(decoys: readonly Decoy[], now: Date): { start: Date; end: Date } {
  const [first] = decoys;
  const same = decoys.every((decoy) => decoy.window_end?.getTime() === first?.window_end?.getTime());
  if (
    same &&
    first?.window_start &&
    first.window_end &&
    first.window_end.getTime() - now.getTime() > WINDOW_REUSED_MS
  ) {
    return { start: first.window_start, end: first.window_end };
  }
  const start = new Date(now.getTime() - WINDOW_EARLIER_MS);
  return { start, end: new Date(start.getTime() + WINDOW_MS) };
}

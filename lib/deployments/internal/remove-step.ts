import "server-only";
import { deleteObjectOnce } from "@/lib/azure/key-vault";
import { vaultIdParts } from "@/lib/azure/resource-id.pure";
import { AppError } from "@/lib/errors";
import { type Decoy, wasGone } from "@/lib/store/decoys";
import { GIVING } from "../plan.pure";
import { auditOf } from "./audit";
import { waitForRight } from "./await-right";
import { registerAskedAgainIn, visibleInRegister } from "./evidence";
import { holdGrant } from "./hold-grant";
import { lookInto } from "./look";
import { mayBeAnothers } from "./newest-version";
import { changeDecoys, done, failed, honeytokens, needsPerson, type Outcome, type StepJob, skipped } from "./outcome";

/** Left of the published window when a deletion is sent, so that its row surely falls into it. */
const WINDOW_LEFT_MS = 2 * 60_000;
/** A list may lag behind a deletion for a moment. */
const LIST_LAG_MS = 30_000;

/** Waits until the workspace itself returns the rows as retiring: else our own deletion would raise an alarm. */
export async function noticeStep({ service, run, step }: StepJob): Promise<Outcome> {
  const { timing } = service.config;
  if (run.retiring.every(wasGone)) return skipped(GONE);
  const awaited = run.retiring.filter((decoy) => decoy.deleted_at === null);
  const visible = await visibleInRegister(service, awaited, "retiring");
  if (awaited.every((decoy) => visible.has(decoy.token_key))) return done("The workspace shows the marks.");
  if (service.now().getTime() - step.started_at.getTime() > timing.registerVisibleWithin) {
    return failed(
      "The marks did not become visible in the workspace in the time allowed, so nothing was deleted. Look at the health of the workspace, then start again.",
    );
  }
  return {
    is: "waiting",
    ms: registerAskedAgainIn(service),
    detail: "Waiting until the workspace shows the marks: Azure usually takes up to 5 minutes.",
  };
}

/** Where all was let go in the step before. */
const GONE = "Somebody else had deleted it, and the vault's list does not show it: nothing was left to do here.";

/** Deletes the honeytokens one after the other. One that is gone already counts as deleted. */
export async function removeStep(job: StepJob): Promise<Outcome> {
  const { service, run } = job;
  if (run.retiring.every(wasGone)) return skipped(GONE);
  if (!(await holdGrant(job))) return { is: "reopen", steps: [GIVING.retire] };
  for (const decoy of run.retiring) {
    if (decoy.deleted_at !== null) continue;
    if ((decoy.window_end?.getTime() ?? 0) - service.now().getTime() < WINDOW_LEFT_MS) {
      return { is: "reopen", steps: ["mark", "notice"] };
    }
    try {
      const stop = await removeOne(job, decoy);
      if (stop) return stop;
    } catch (error) {
      const refused = error instanceof AppError && error.failure.code === "forbidden";
      const wait = refused ? waitForRight(job, error) : undefined;
      if (wait === undefined) throw error;
      return wait;
    }
  }
  return done(`${honeytokens(run.retiring.length)} deleted. ${recoverable(run.retiring)}`);
}

/** Undefined when it is gone; else why it is not deleted. */
async function removeOne(job: StepJob, decoy: Decoy): Promise<Outcome | undefined> {
  const { service, run } = job;
  const contents = await lookInto(job, decoy.kind);
  const name = decoy.name.toLowerCase();
  let purgeAt: Date | undefined;
  const newest = contents.live.get(name);
  if (newest && mayBeAnothers(newest, decoy, logShows(job))) {
    return needsPerson(
      "The newest version of a honeytoken is not the one that this product wrote. It was not deleted: look who wrote it, and remove it by hand if nobody needs it.",
    );
  }
  if (newest) {
    const vault = vaultIdParts(run.vaultId).name;
    purgeAt = (await deleteObjectOnce(service.azure.planter, vault, decoy.kind, decoy.name)).purgeAt;
  } else {
    // Deleted by the process before this one, or by somebody else; either way it is gone.
    purgeAt = contents.deleted.get(name)?.purgeAt;
  }
  const at = service.now();
  const deleted = auditOf(service, run, "decoy.delete", {
    before: { decoy: decoy.id, version: decoy.version },
    after: { recoverableUntil: purgeAt?.toISOString() ?? null },
  });
  await changeDecoys(job, [decoy], { deleted_at: at, recoverable_until: purgeAt ?? null }, [deleted]);
  return undefined;
}

/** Until when the audit log had surely shown every write, as it was asked who wrote these honeytokens. */
function logShows({ service, run, step }: StepJob): Date {
  const asked = run.steps.get("select")?.started_at ?? step.started_at;
  return new Date(asked.getTime() - service.config.timing.rowsAwaitedFor);
}

/** "Azure can bring them back until …", never a promise that they are erased. */
function recoverable(decoys: readonly Decoy[]): string {
  const last = Math.max(...decoys.map((decoy) => decoy.recoverable_until?.getTime() ?? 0));
  if (last === 0) return "The vault does not say until when they could be recovered.";
  return `Recoverable until ${new Date(last).toISOString().slice(0, 10)}; they are watched until then.`;
}

/** Sees with its own eyes that what was deleted is no longer there. */
export async function goneStep(job: StepJob): Promise<Outcome> {
  const { service, run, step } = job;
  const removed = run.retiring.filter((decoy) => !wasGone(decoy));
  if (removed.length === 0) return skipped(GONE);
  if (!(await holdGrant(job))) return { is: "reopen", steps: [GIVING.retire] };
  const kinds = [...new Set(removed.map(({ kind }) => kind))];
  const left: Decoy[] = [];
  for (const kind of kinds) {
    const { live } = await lookInto(job, kind);
    left.push(...removed.filter((decoy) => decoy.kind === kind && live.has(decoy.name.toLowerCase())));
  }
  if (left.length === 0) return done("The vault's list no longer shows them.");
  if (service.now().getTime() - step.started_at.getTime() < LIST_LAG_MS) {
    return {
      is: "waiting",
      ms: service.config.timing.poll,
      detail: "Waiting until the vault's list no longer shows them.",
    };
  }
  return needsPerson(
    `${honeytokens(left.length)} was deleted and is there again: somebody recovered or wrote it. It stays watched: find out who did.`,
  );
}

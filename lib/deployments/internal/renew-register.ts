import "server-only";
import { auditOf } from "./audit";
import { CLOCK_SKEW_MS, type Creation, creationsOf, registerAskedAgainIn, visibleInRegister } from "./evidence";
import type { Renewal } from "./ledger";
import { changeDecoys, done, failed, honeytokens, needsPerson, type Outcome, type StepJob, write } from "./outcome";
import { publishTogether } from "./publish-together";
import { windowFor } from "./register-step";

/*
 * What surrounds a further version in the register and in the log. The row stays live, so the decoy is watched and the
 * vault covered all the time; only the window in which the planter may write is opened anew. It closes by itself.
 */

/** Opens the window of each decoy that is still to be written, before the write. */
export async function windowStep(job: StepJob): Promise<Outcome> {
  const { service, run } = job;
  const decoys = run.renewals.flatMap(({ row, decoy }) => (row.version === null ? [decoy] : []));
  const window = windowFor(decoys, service.now());
  await changeDecoys(job, decoys, { window_start: window.start, window_end: window.end });
  await publishTogether(
    service,
    decoys.map((decoy) => ({ decoy, state: "live" as const, window })),
  );
  const rows = decoys.map((decoy) => decoy.watchlist_item_id);
  const after = { rows, windowEnd: window.end.toISOString() };
  await write(job, { audits: [auditOf(service, run, "register.open", { after })] });
  return done(`${honeytokens(decoys.length)} may be written by the planting identity for half an hour.`);
}

/** Waits until the workspace itself returns the opened windows: else our own write would raise an alarm. */
export async function seenStep({ service, run, step }: StepJob): Promise<Outcome> {
  const { timing } = service.config;
  const awaited = run.renewals.flatMap(({ row, decoy }) => (row.version === null ? [decoy] : []));
  const visible = await visibleInRegister(service, awaited, "live");
  if (awaited.every((decoy) => visible.has(decoy.token_key))) return done("The workspace shows the opened entries.");
  if (service.now().getTime() - step.started_at.getTime() > timing.registerVisibleWithin) {
    return failed(
      "The opened register entries did not become visible in the workspace in the time allowed, so nothing was written. Look at the health of the workspace, then try again.",
    );
  }
  return {
    is: "waiting",
    ms: registerAskedAgainIn(service),
    detail: "Waiting until the workspace shows the opened entries: Azure usually takes up to 5 minutes.",
  };
}

/** Waits until the log shows each version that was written, and sees that nobody wrote another one meanwhile. */
export async function shownStep({ service, run, step }: StepJob): Promise<Outcome> {
  const { timing } = service.config;
  const planter = service.config.identities.planter.objectId.toLowerCase();
  const found = await Promise.all(run.renewals.map((renewal) => newCreations(service, renewal)));
  if (found.some((creations) => creations.length > 1 || creations.some(({ by }) => by !== planter))) {
    return needsPerson(
      "The audit log shows another version under a honeytoken's name beside the one that was written. Nothing was deleted and it is watched: look who wrote it.",
    );
  }
  if (found.every((creations) => creations.length === 1))
    return done("The audit log shows these versions and no other.");
  if (service.now().getTime() - step.started_at.getTime() > timing.rowsAwaitedFor) {
    return needsPerson(
      "The versions are written, but the vault's audit log did not reach the workspace. Check the vault's diagnostic setting.",
    );
  }
  return {
    is: "waiting",
    ms: timing.poll,
    detail: "Waiting for the audit log: Azure usually takes 3 to 10 minutes.",
  };
}

/** Creations since a renewal was first sent that no earlier write of ours explains, oldest first. */
export async function newCreations(service: StepJob["service"], { row, decoy }: Renewal): Promise<readonly Creation[]> {
  const since = new Date((row.first_sent_at ?? service.now()).getTime() - CLOCK_SKEW_MS);
  const creations = (await creationsOf(service, [decoy], since)).get(decoy.token_key) ?? [];
  const earlier = await service.db
    .selectFrom("decoy_renewal")
    .select("version")
    .where("decoy_id", "=", decoy.id)
    .where("id", "<>", row.id)
    .where("version", "is not", null)
    .execute();
  const known = new Set([decoy.version, ...earlier.map(({ version }) => version)]);
  return creations.filter(({ version }) => !known.has(version));
}

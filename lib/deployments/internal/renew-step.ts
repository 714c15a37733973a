import "server-only";
import type { ListedObject, Written } from "@/lib/azure/key-vault";
import { isAmbiguous } from "@/lib/azure/parse-error";
import { AppError } from "@/lib/errors";
import { auditOf } from "./audit";
import { underRight } from "./await-right";
import { attributesAt } from "./decoy-plan";
import type { Renewal } from "./ledger";
import { lookInto } from "./look";
import { isNewestOurs } from "./newest-version";
import { done, failed, honeytokens, needsPerson, type Outcome, type StepJob, write } from "./outcome";
import { lookAgain, mayPass } from "./plant-step";
import { newCreations } from "./renew-register";
import { hashOf, sendVersion, valueFor } from "./send-version";

/** Left of the published window when a write is sent, so that its row surely falls into it. */
const WINDOW_LEFT_MS = 2 * 60_000;

/**
 * Writes one further version of each decoy, as planting writes the first: list right before, record that a write is about
 * to be sent, send it once, and after an answer that leaves it open look before anything else. What the list shows must
 * be the version that we wrote last, so that nobody's work is ever written over.
 */
export async function renewStep(job: StepJob): Promise<Outcome> {
  const { run } = job;
  return underRight(job, {
    shared: run.vaultId,
    sent: () => run.renewals.some(({ row }) => row.sent_at !== null),
    open: () =>
      run.renewals.some(({ row }) => row.sent_at !== null && row.version === null)
        ? "It is not known whether a version was written"
        : undefined,
    write: async () => {
      for (const renewal of run.renewals) {
        if (renewal.row.version !== null) continue;
        const stop = await renewOne(job, renewal);
        if (stop) return stop;
      }
      return done(`A further version of ${honeytokens(run.renewals.length)} written.`);
    },
  });
}

/** Undefined when the version is written and known to be ours; else what the step has to do now. */
async function renewOne(job: StepJob, renewal: Renewal): Promise<Outcome | undefined> {
  const { service } = job;
  const { row, decoy } = renewal;
  const contents = await lookInto(job, decoy.kind);
  const listed = contents.live.get(decoy.name.toLowerCase());
  if (row.sent_at !== null) {
    const settled = await settle(job, renewal, listed);
    if (settled !== "not written") return settled === "ours" ? undefined : settled;
  }
  if ((decoy.window_end?.getTime() ?? 0) - service.now().getTime() < WINDOW_LEFT_MS) {
    return { is: "reopen", steps: ["window", "seen"] };
  }
  if (listed?.enabled !== true) {
    return failed("A honeytoken is no longer there, or was disabled. Nothing was written: find out who did it.");
  }
  if (!isNewestOurs(listed, decoy)) {
    return needsPerson(
      "The newest version of a honeytoken is not the one that this product wrote. Nothing was written over it: look who made it.",
    );
  }
  return writeVersion(job, renewal, listed);
}

async function writeVersion(job: StepJob, renewal: Renewal, listed: ListedObject): Promise<Outcome | undefined> {
  const { service } = job;
  const { config, now } = service;
  const { row, decoy } = renewal;
  const value = valueFor(decoy);
  const sentAt = now();
  // From here on the version may exist.
  await change(job, renewal, {
    current_made_at: listed.created ?? null,
    first_sent_at: row.first_sent_at ?? sentAt,
    sent_at: sentAt,
    value_hash: await hashOf(service, value),
    expires_at: attributesAt(decoy, sentAt).expires ?? null,
  });
  // A process that was stopped in between must not send what another may already have looked for and sent anew.
  if (now().getTime() - sentAt.getTime() > config.timing.ambiguousWriteSettle / 2) return lookAgain(job);
  let written: Written;
  try {
    written = await sendVersion(job, decoy, sentAt, value);
  } catch (error) {
    if (isAmbiguous(error)) return lookAgain(job);
    // Azure said clearly that it did not do it.
    await change(job, renewal, { sent_at: null });
    if (!(error instanceof AppError)) throw error;
    if (mayPass(error)) throw error;
    const { message, fix = "" } = error.failure;
    return failed(`${message} ${fix}`.trim());
  }
  await keep(job, renewal, written.version, "decoy.renew");
  return undefined;
}

/** Finds out about a write whose answer never came: by the version that the list shows now, then by the audit log. */
async function settle(
  job: StepJob,
  renewal: Renewal,
  listed: ListedObject | undefined,
): Promise<Outcome | "ours" | "not written"> {
  const { service } = job;
  const { timing } = service.config;
  const { row, decoy } = renewal;
  const waited = service.now().getTime() - (row.sent_at?.getTime() ?? 0);
  if (!listed) {
    return needsPerson("A honeytoken is no longer there, and not by this product. Find out who deleted it.");
  }
  if (listed.created?.getTime() === row.current_made_at?.getTime()) {
    if (waited >= timing.ambiguousWriteSettle) {
      await change(job, renewal, { sent_at: null });
      return "not written";
    }
    return {
      is: "waiting",
      ms: Math.min(timing.poll, timing.ambiguousWriteSettle - waited),
      detail: "Making sure that an unanswered write was not made.",
    };
  }
  const [creation, ...more] = await newCreations(service, renewal);
  if (!creation) {
    if (waited <= timing.rowsAwaitedFor) {
      const detail = "There is a new version. Waiting for the audit log to prove that it is ours.";
      return { is: "waiting", ms: timing.poll, detail };
    }
    return needsPerson(
      "A honeytoken has a new version, but the audit log never showed who made it. It was left alone and is watched.",
    );
  }
  if (more.length > 0 || creation.by !== decoy.planter_oid) {
    return needsPerson(
      "The audit log shows that somebody else wrote under a honeytoken's name. Nothing was deleted and it is watched: look who did.",
    );
  }
  await keep(job, renewal, creation.version === "" ? "unknown" : creation.version, "decoy.adopt");
  return "ours";
}

/** A version that is ours: from now on it is the one that the list has to show. */
async function keep(job: StepJob, renewal: Renewal, version: string, action: string): Promise<void> {
  const { service, run } = job;
  const row = { ...renewal.row, version };
  const { sent_at: sentAt, expires_at: expiresAt } = row;
  const decoy = { ...renewal.decoy, sent_at: sentAt, expires_at: expiresAt, updated_at: service.now() };
  const before = { decoy: decoy.id, newestMadeAt: row.current_made_at?.toISOString() ?? null };
  const audits = [auditOf(service, run, action, { before, after: { decoy: decoy.id, version } })];
  await write(job, { renewals: [row], decoys: [decoy], audits });
  Object.assign(renewal, { row, decoy });
}

/** Changes what is recorded of a renewal on disk, then in memory. */
async function change(job: StepJob, renewal: Renewal, fields: Partial<Renewal["row"]>): Promise<void> {
  const row = { ...renewal.row, ...fields };
  await write(job, { renewals: [row] });
  renewal.row = row;
}

import "server-only";
import { azureErrorOf } from "@/lib/azure/azure-error";
import type { Written } from "@/lib/azure/key-vault";
import { isAmbiguous, passesByItself } from "@/lib/azure/parse-error";
import { AppError } from "@/lib/errors";
import type { Decoy } from "@/lib/store/decoys";
import { settleWrite } from "./ambiguous";
import { auditOf } from "./audit";
import { underRight } from "./await-right";
import { attributesAt, lagOf } from "./decoy-plan";
import { CLOCK_SKEW_MS } from "./evidence";
import { groupOf } from "./group-grants";
import { lookInto } from "./look";
import { changeDecoys, done, failed, honeytokens, type Outcome, type StepJob } from "./outcome";
import { wayOf } from "./reach";
import { hashOf, sendVersion, valueFor } from "./send-version";

/** Left of the published window when a write is sent, so that its row surely falls into it. */
const WINDOW_LEFT_MS = 2 * 60_000;

/**
 * Writes the decoys one after the other. Key Vault has no write that only creates, so: list right before, record that
 * a write is about to be sent, send it once; and after an answer that leaves it open, look before anything else.
 */
export async function plantStep(job: StepJob): Promise<Outcome> {
  const { run } = job;
  return underRight(job, {
    shared: groupOf(run.vaultId),
    sent: () => run.decoys.some((decoy) => decoy.sent_at !== null),
    open: () =>
      run.decoys.some((decoy) => decoy.state === "planting" && decoy.version === null)
        ? "It is not known whether a honeytoken was written"
        : undefined,
    write: async () => {
      for (const [index, decoy] of run.decoys.entries()) {
        if (decoy.version !== null) continue;
        const stop = tooSoon(job, decoy, run.decoys[index - 1]) ?? (await plantOne(job, decoy));
        if (stop) return stop;
      }
      return done(`${honeytokens(run.decoys.length)} written into the vault.`);
    },
  });
}

/** A further honeytoken is written some time after the one before it, where its vault's own objects come so. */
function tooSoon({ service }: StepJob, decoy: Decoy, before: Decoy | undefined): Outcome | undefined {
  if (decoy.state === "planting" || !before?.first_sent_at) return undefined;
  const ms = before.first_sent_at.getTime() + lagOf(decoy) - service.now().getTime();
  return ms > 0
    ? { is: "waiting", ms, detail: "Waiting some minutes with the next honeytoken, so that they fit the vault." }
    : undefined;
}

const TAKEN =
  "Somebody began to use the chosen name before the honeytoken was written; theirs was left alone. Start again: another name is chosen.";
const DELETED =
  "The chosen name belongs to something deleted that can still be recovered. Start again: another name is chosen.";

/** Another name is chosen, unless a person chose this one. */
function notFree({ run }: StepJob, problem: string): Outcome {
  return { ...failed(problem), ...(run.deployment.name === null && { again: true }) };
}

/** Undefined when the decoy is written and known to be ours; else what the step has to do now. */
async function plantOne(job: StepJob, decoy: Decoy): Promise<Outcome | undefined> {
  const { now } = job.service;
  if (decoy.state === "planting") {
    const settled = await settleWrite(job, decoy);
    if (settled !== "not written") return settled === "ours" ? undefined : settled;
  }
  if ((decoy.window_end?.getTime() ?? 0) - now().getTime() < WINDOW_LEFT_MS) {
    return { is: "reopen", steps: ["register", "watch"] };
  }
  const contents = await lookInto(job);
  const name = decoy.name.toLowerCase();
  if (contents.live.has(name) || contents.deleted.has(name)) {
    return notFree(job, contents.live.has(name) ? TAKEN : DELETED);
  }
  return write(job, decoy);
}

async function write(job: StepJob, decoy: Decoy): Promise<Outcome | undefined> {
  const { service, run } = job;
  const { config, now } = service;
  const value = valueFor(decoy);
  const byArm = wayOf(run) === "arm_key";
  const sentAt = now();
  await recordIntent(job, decoy, sentAt, value);
  // A process that was stopped in between must not send what another may already have looked for and sent anew.
  if (now().getTime() - sentAt.getTime() > config.timing.ambiguousWriteSettle / 2) return lookAgain(job);
  let written: Written;
  try {
    written = await sendVersion(job, decoy, sentAt, value);
  } catch (error) {
    if (isAmbiguous(error)) return lookAgain(job);
    await recordRefusal(job, decoy);
    if (!(error instanceof AppError)) throw error;
    if (byArm && mayBeDeleted(error)) return notFree(job, DELETED);
    if (mayPass(error)) throw error;
    const { message, fix = "" } = error.failure;
    return failed(`${message} ${fix}`.trim());
  }
  if (byArm && wasThere(written, decoy)) {
    await recordRefusal(job, decoy);
    return notFree(job, TAKEN);
  }
  const version = written.version === "" ? "unknown" : written.version;
  const after = { decoy: decoy.id, version, ...(byArm && { way: "arm_key" }) };
  await changeDecoys(job, [decoy], { version }, [auditOf(service, run, "decoy.write", { after })]);
  return undefined;
}

/**
 * Azure Resource Manager answers with a key of somebody else as if it had made it. One that is clearly older than our
 * first request is not ours; about one of the last minutes the audit log decides, when the planting arrives there.
 */
function wasThere({ created }: Written, { first_sent_at: first }: Decoy): boolean {
  return created !== undefined && first !== null && created.getTime() < first.getTime() - CLOCK_SKEW_MS;
}

/**
 * Through Azure Resource Manager nobody can look beforehand what is deleted, and its refusal of such a name has no code of
 * its own: whatever else it may be, another name is tried.
 */
function mayBeDeleted(error: AppError): boolean {
  const azure = azureErrorOf(error);
  return azure?.status === 409 && (azure.codes.includes("ObjectIsDeletedButRecoverable") || passesByItself(error));
}

/**
 * Refusals that say nothing about this write: a new right, a busy vault, a token whose time was over, another change in the
 * same moment. Before the next one the vault is looked into again.
 */
export function mayPass(error: AppError): boolean {
  const { code } = error.failure;
  if (code === "conflict") return passesByItself(error);
  return code === "forbidden" || code === "throttled" || azureErrorOf(error)?.status === 401;
}

/** From here on the object may exist. Of the value only a keyed hash stays, to recognise a leak by. */
async function recordIntent(job: StepJob, decoy: Decoy, sentAt: Date, value: string | undefined): Promise<void> {
  await changeDecoys(job, [decoy], {
    state: "planting",
    first_sent_at: decoy.first_sent_at ?? sentAt,
    sent_at: sentAt,
    value_hash: await hashOf(job.service, value),
    expires_at: attributesAt(decoy, sentAt).expires ?? null,
  });
}

/** Azure said clearly that it did not do it: the decoy does not exist, and may be abandoned without a look. */
function recordRefusal(job: StepJob, decoy: Decoy): Promise<void> {
  return changeDecoys(job, [decoy], { state: "registered" });
}

/** After an answer that leaves it open: look before anything else. */
export function lookAgain({ service }: StepJob): Outcome {
  const { poll, ambiguousWriteSettle } = service.config.timing;
  return {
    is: "waiting",
    ms: Math.min(poll, ambiguousWriteSettle),
    detail: "Azure's answer to the write did not arrive; looking whether the honeytoken was written.",
  };
}

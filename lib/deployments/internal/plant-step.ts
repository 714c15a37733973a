import "server-only";
import { createHmac } from "node:crypto";
import { azureErrorOf } from "@/lib/azure/azure-error";
import { createKeyOnce, setSecretOnce, type Written } from "@/lib/azure/key-vault";
import { isAmbiguous } from "@/lib/azure/parse-error";
import { vaultIdParts } from "@/lib/azure/resource-id.pure";
import type { ServiceContext } from "@/lib/context";
import { secureRandom } from "@/lib/decoys/random";
import { makeValue } from "@/lib/decoys/values";
import { AppError } from "@/lib/errors";
import type { Decoy } from "@/lib/store/decoys";
import { settleWrite } from "./ambiguous";
import { auditOf } from "./audit";
import { groupOf } from "./group-grants";
import { holdGrant } from "./hold-grant";
import { lookInto } from "./look";
import { changeDecoys, done, failed, honeytokens, type Outcome, type StepJob } from "./outcome";
import { Spread } from "./spread";

/** Left of the published window when a write is sent, so that its row surely falls into it. */
const WINDOW_LEFT_MS = 2 * 60_000;

/**
 * Writes the decoys one after the other. Key Vault has no write that only creates, so: list right before, record that
 * a write is about to be sent, send it once; and after an answer that leaves it open, look before anything else.
 */
export async function plantStep(job: StepJob): Promise<Outcome> {
  const { service, run, step } = job;
  if (!(await holdGrant(job))) return { is: "reopen", steps: ["grant"] };
  const spread = new Spread(service.db, run.grant?.id ?? groupOf(run.vaultId), service.config.timing.poll);
  if (!spread.mayTry(service.now().getTime())) return waitForSpread(service, step.data);
  try {
    for (const decoy of run.decoys) {
      if (decoy.version !== null) continue;
      const stop = await plantOne(job, decoy);
      if (stop) return stop;
    }
  } catch (error) {
    if (error instanceof AppError && error.failure.code === "forbidden") return refused(job, error);
    throw error;
  } finally {
    if (run.decoys.some((decoy) => decoy.sent_at !== null)) spread.works();
  }
  return done(`${honeytokens(run.decoys.length)} written into the vault.`);
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
    return failed(
      contents.live.has(name)
        ? "Somebody began to use the chosen name before the honeytoken was written; theirs was left alone. Start again: another name is chosen."
        : "The chosen name belongs to something deleted that can still be recovered. Start again: another name is chosen.",
    );
  }
  return write(job, decoy);
}

async function write(job: StepJob, decoy: Decoy): Promise<Outcome | undefined> {
  const { service, run } = job;
  const { config, now } = service;
  const value = decoy.kind === "secret" ? makeValue(decoy.name, secureRandom) : undefined;
  const sentAt = now();
  await recordIntent(job, decoy, sentAt, value);
  // A process that was stopped in between must not send what another may already have looked for and sent anew.
  if (now().getTime() - sentAt.getTime() > config.timing.ambiguousWriteSettle / 2) return lookAgain(job);
  let written: Written;
  try {
    written = await send(job, decoy, value);
  } catch (error) {
    if (isAmbiguous(error)) return lookAgain(job);
    await recordRefusal(job, decoy);
    if (!(error instanceof AppError)) throw error;
    if (mayPass(error)) throw error;
    const { message, fix = "" } = error.failure;
    return failed(`${message} ${fix}`.trim());
  }
  const { version } = written;
  await changeDecoys(job, [decoy], { version }, [
    auditOf(service, run, "decoy.write", { after: { decoy: decoy.id, version } }),
  ]);
  return undefined;
}

/** Refusals that say nothing about this write: a new right, a busy vault, a token whose time was over. */
function mayPass(error: AppError): boolean {
  return ["forbidden", "throttled"].includes(error.failure.code) || azureErrorOf(error)?.status === 401;
}

async function send({ service, run }: StepJob, decoy: Decoy, value: string | undefined): Promise<Written> {
  const { planter } = service.azure;
  const vault = vaultIdParts(run.vaultId).name;
  return value === undefined
    ? createKeyOnce(planter, vault, { name: decoy.name, kty: "RSA", size: 2048 })
    : setSecretOnce(planter, vault, { name: decoy.name, value });
}

/** From here on the object may exist. Of the value only a keyed hash stays, to recognise a leak by. */
async function recordIntent(job: StepJob, decoy: Decoy, sentAt: Date, value: string | undefined): Promise<void> {
  await changeDecoys(job, [decoy], {
    state: "planting",
    first_sent_at: decoy.first_sent_at ?? sentAt,
    sent_at: sentAt,
    value_hash: value === undefined ? null : await keyedHash(job.service, value),
  });
}

const hashKeys = new WeakMap<ServiceContext["db"], Promise<string>>();

async function keyedHash({ db }: ServiceContext, value: string): Promise<string> {
  let key = hashKeys.get(db);
  if (!key) {
    key = db
      .selectFrom("tenant")
      .select("hash_key")
      .executeTakeFirstOrThrow()
      .then((row) => row.hash_key);
    hashKeys.set(db, key);
    key.catch(() => hashKeys.delete(db));
  }
  return createHmac("sha256", await key)
    .update(value)
    .digest("base64url");
}

/** Azure said clearly that it did not do it: the decoy does not exist, and may be abandoned without a look. */
function recordRefusal(job: StepJob, decoy: Decoy): Promise<void> {
  return changeDecoys(job, [decoy], { state: "registered" });
}

function lookAgain({ service }: StepJob): Outcome {
  const { poll, ambiguousWriteSettle } = service.config.timing;
  return {
    is: "waiting",
    ms: Math.min(poll, ambiguousWriteSettle),
    detail: "Azure's answer to the write did not arrive; looking whether the honeytoken was written.",
  };
}

/** A right was given and the vault does not know it yet. */
export function waitForSpread({ config }: ServiceContext, data: Record<string, unknown>): Outcome {
  const detail = "Waiting until the vault knows the new right: Azure takes up to 10 minutes.";
  return { is: "waiting", ms: config.timing.poll, detail, data };
}

/** A new right takes up to ten minutes to work; only then is a refusal one. */
function refused({ service, run, step }: StepJob, error: AppError): Outcome {
  const { timing } = service.config;
  const now = service.now().getTime();
  const since = typeof step.data.refusedSince === "number" ? step.data.refusedSince : now;
  if (now - since <= timing.grantRetryFor) {
    return waitForSpread(service, { refusedSince: since });
  }
  const { message, fix = "" } = error.failure;
  const open = run.decoys.some((decoy) => decoy.state === "planting" && decoy.version === null);
  return open
    ? {
        is: "end",
        ending: "needs_person",
        problem: `It is not known whether a honeytoken was written, and the vault no longer lets us look. ${message} It stays registered and watched.`,
      }
    : failed(`${message} ${fix}`.trim());
}

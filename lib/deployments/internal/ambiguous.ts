import "server-only";
import type { Decoy } from "@/lib/store/decoys";
import { auditOf } from "./audit";
import { CLOCK_SKEW_MS, creationsOf } from "./evidence";
import { lookInto } from "./look";
import { changeDecoys, needsPerson, type Outcome, type StepJob } from "./outcome";

/**
 * Finds out about a write whose answer never came: the process was killed, the connection broke, Azure failed.
 *
 * Absent after a while: it was not made, and may be made again. Present: it is ours only if the audit log shows exactly
 * one creation since we first sent, by the planter. Anything else is for a person; nothing is deleted.
 */
export async function settleWrite(job: StepJob, decoy: Decoy): Promise<Outcome | "ours" | "not written"> {
  const { service } = job;
  const { timing } = service.config;
  const name = decoy.name.toLowerCase();
  const contents = await lookInto(job);
  const sent = decoy.sent_at?.getTime() ?? 0;
  const waited = service.now().getTime() - sent;
  if (contents.deleted.has(name)) {
    return needsPerson(
      "The honeytoken was deleted right after it was written, and not by this product. It stays registered and watched: find out who deleted it.",
    );
  }
  if (!contents.live.has(name)) {
    if (waited >= timing.ambiguousWriteSettle) return "not written";
    return {
      is: "waiting",
      ms: Math.min(timing.poll, timing.ambiguousWriteSettle - waited),
      detail: "Making sure that an unanswered write was not made.",
    };
  }
  const first = (decoy.first_sent_at ?? decoy.sent_at ?? service.now()).getTime();
  const creations = (await creationsOf(service, [decoy], new Date(first - CLOCK_SKEW_MS))).get(decoy.token_key) ?? [];
  const [creation, ...more] = creations;
  if (!creation) {
    if (waited > timing.rowsAwaitedFor) {
      return needsPerson(
        "An object of the chosen name exists, but the audit log never showed who made it. It was left alone and is watched: look at the vault's audit log and decide whether it is ours.",
      );
    }
    return {
      is: "waiting",
      ms: timing.poll,
      detail:
        "The honeytoken is there. Waiting for the audit log to prove that it is ours: Azure usually takes 3 to 10 minutes.",
    };
  }
  if (more.length > 0 || creation.by !== decoy.planter_oid) {
    return needsPerson(
      more.length > 0
        ? "The audit log shows more than one creation under the chosen name. Nothing was deleted and it is watched: look who made the other one."
        : "The audit log shows that somebody else created the object under the chosen name. It was left alone and is watched: ask its owner.",
    );
  }
  await adopt(job, decoy, creation.version);
  return "ours";
}

function adopt(job: StepJob, decoy: Decoy, version: string): Promise<void> {
  const adopted = auditOf(job.service, job.run, "decoy.adopt", { after: { decoy: decoy.id, version } });
  return changeDecoys(job, [decoy], { version: version === "" ? "unknown" : version }, [adopted]);
}

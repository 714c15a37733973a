import "server-only";
import type { BrokenBy } from "@/lib/store/schema";
import type { Outcome, Reason } from "../facts.pure";
import type { Lifecycle } from "./bulk-facts";

/** What is known about one registered decoy. */
export interface DecoyKnowledge {
  now: Date;
  /** Milliseconds that a planting may need to show. */
  patience: number;
  /** When planting, or somebody of ours, last confirmed it. */
  confirmedAt: Date | undefined;
  /** Start of its published planting window. */
  plantedAt: Date | undefined;
  expiresAt: Date | undefined;
  /** What is kept of what somebody did to it; the log forgets that after a while. */
  broken: { by: BrokenBy; at: Date } | undefined;
  /** From the audit log. */
  changes: Lifecycle | undefined;
  /** When the vault's logging last changed: what happened before may not have been logged. */
  loggingChangedAt: Date | undefined;
  /** Milliseconds that can be asked about in the log. */
  logReach: number;
  /** From a collection list. */
  listed: { at: Date; present: boolean; enabled: boolean; expires: string | null } | undefined;
}

export interface DecoyEvidence {
  outcome: Outcome;
  reason: Reason;
  /** Without its name. */
  evidence: string;
  /** When it was last seen to work; undefined when nothing shows that. */
  seenAt: Date | undefined;
  /** Since when it is known not to work. */
  brokenAt?: Date;
}

/**
 * Whether a registered decoy is in its vault and usable. The register alone proves nothing: it takes the confirmation
 * of a planting, a creation in the log or a collection list, and no later sign to the contrary.
 */
export function decoyState(known: DecoyKnowledge): DecoyEvidence {
  const { now, changes, listed, broken } = known;
  const marked = (by: BrokenBy) => (broken?.by === by ? broken.at : undefined);
  const usable = listed?.present === true && listed.enabled;
  const seen = newest([known.confirmedAt, changes?.created, usable ? listed?.at : undefined]);
  const removed = newest([changes?.removed, listed && !listed.present ? listed.at : undefined, marked("deleted")]);
  const disabled = newest([
    changes?.disabled,
    listed?.present && !listed.enabled ? listed.at : undefined,
    marked("disabled"),
  ]);
  const expired = marked("expired");
  // At one and the same time the bad news counts, so it comes first.
  const last = newest([removed, disabled, expired, changes?.changed, seen]);
  if (last === undefined) return unconfirmed(known);
  if (last === removed) return bad("decoy_removed", removed, `It was deleted, or found missing, on ${day(removed)}.`);
  if (last === disabled)
    return bad("decoy_disabled", disabled, `It was disabled, or found disabled, on ${day(disabled)}.`);
  if (last === expired) return bad("decoy_expired", expired, `It had expired by ${day(expired)}.`);
  const expires = listed?.present ? listed.expires && new Date(listed.expires) : known.expiresAt;
  if (expires && expires <= now) return bad("decoy_expired", expires, `It expired on ${day(expires)}.`);
  if (seen === undefined || last !== seen) {
    return doubtful(`It was changed on ${day(last)}, and the log does not say whether it still works.`, seen);
  }
  if (known.loggingChangedAt && known.loggingChangedAt > seen) {
    return doubtful(`The vault's logging was changed after it was last seen to work, on ${day(seen)}.`, seen);
  }
  // It may have been deleted in days that can no longer be asked about.
  if (now.getTime() - seen.getTime() > known.logReach) {
    return doubtful(`It was last seen to work on ${day(seen)}, and the log does not reach back so far.`, seen);
  }
  const evidence = `It was last seen to work on ${day(seen)}, and nothing speaks against it since.`;
  return { outcome: "pass", reason: "decoy_present", evidence, seenAt: seen };
}

function doubtful(evidence: string, seenAt: Date | undefined): DecoyEvidence {
  return { outcome: "unknown", reason: "decoy_unconfirmed", evidence, seenAt };
}

function unconfirmed({ now, plantedAt, patience }: DecoyKnowledge): DecoyEvidence {
  const recent = plantedAt !== undefined && now.getTime() - plantedAt.getTime() <= patience;
  if (!recent) return doubtful("It is registered, but neither the log nor a list shows it.", undefined);
  const evidence = "It was registered a short while ago and has not shown yet.";
  return { outcome: "waiting", reason: "decoy_unconfirmed", evidence, seenAt: undefined };
}

function bad(reason: Reason, brokenAt: Date, evidence: string): DecoyEvidence {
  return { outcome: "fail", reason, evidence, seenAt: undefined, brokenAt };
}

function newest(times: readonly (Date | undefined)[]): Date | undefined {
  let found: Date | undefined;
  for (const time of times) if (time && (!found || time > found)) found = time;
  return found;
}

function day(time: Date | undefined): string {
  return time?.toISOString().slice(0, 10) ?? "";
}

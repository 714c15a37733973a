import type { Config } from "@/lib/config";
import { PROVEN_DAYS } from "@/lib/drills/drills.pure";
import type { Proof } from "@/lib/store/drills";
import type { Fact } from "../facts.pure";

const DAY = 24 * 60 * 60 * 1000;

/**
 * The sixth fact: whether a drill has passed in the vault within 30 days. It decides no state; it says how much the other
 * five were put to the test. A drill that failed after the last one that passed counts more than that one, and one that
 * passed before any of today's honeytokens was there says nothing of them.
 *
 * @param planted when each honeytoken was planted that is not known to be broken
 */
export function proven(
  proof: Proof | undefined,
  planted: readonly Date[],
  now: Date,
  { drillLateAfter }: Pick<Config["timing"], "drillLateAfter">,
): Fact {
  const fact = (outcome: Fact["outcome"], reason: Fact["reason"], evidence: string): Fact => ({
    name: "proven",
    outcome,
    reason,
    evidence,
    checkedAt: now.toISOString(),
  });
  const { passed, ended, running } = proof ?? {};
  const isFresh = passed !== undefined && now.getTime() - passed.endedAt.getTime() <= PROVEN_DAYS * DAY;
  const failed = ended !== undefined && ended.state !== "passed" && (!passed || ended.at > passed.endedAt);
  if (running && running.state !== "queued" && !isFresh) {
    const isLate = now.getTime() - running.since.getTime() > drillLateAfter;
    const evidence = `A drill is under way since ${minutes(running.since)} (UTC).`;
    return fact("waiting", isLate ? "drill_late" : "drill_running", evidence);
  }
  if (failed && ended.state === "unreachable") {
    return fact("unknown", "drill_unreachable", `The last drill ended ${minutes(ended.at)} (UTC).`);
  }
  if (failed) return fact("fail", "drill_failed", `The last drill ended ${minutes(ended.at)} (UTC) without its proof.`);
  if (!passed)
    return { ...fact("unknown", "drill_never", "No drill has been made in this vault yet."), checkedAt: null };
  const how = passed.read === "permitted" ? "a permitted read" : "a refused read";
  const evidence = `Touched by ${how} ${minutes(passed.at)} (UTC); row in the log after ${seconds(passed.row)}, alert after ${seconds(passed.alert)}, incident after ${seconds(passed.incident)}.`;
  if (!planted.some((at) => at <= passed.at)) return fact("unknown", "drill_before", evidence);
  return isFresh ? fact("pass", "drill_passed", evidence) : fact("unknown", "drill_old", evidence);
}

function minutes(time: Date): string {
  return `${time.toISOString().slice(0, 10)} ${time.toISOString().slice(11, 16)}`;
}

/** "14 s", "3 min 20 s". */
function seconds(milliseconds: number): string {
  const all = Math.round(milliseconds / 1000);
  return all < 60 ? `${all} s` : `${Math.floor(all / 60)} min ${all % 60} s`;
}

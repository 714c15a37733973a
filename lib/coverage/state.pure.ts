import { type Coverage, FACT_NAMES, type Fact, type FactName, type Outcome, type Reason } from "./facts.pure";

/** The facts that a protected vault passes, in the order in which the first one that does not becomes the reason. */
export const DECIDING_FACTS = FACT_NAMES.filter((name) => name !== "proven");

/** A fact older than this is unknown, whatever it said. Milliseconds. */
export const FACT_AGE_MAX = 24 * 60 * 60 * 1000;

export interface Decision extends Coverage {
  /** The fact that decided; undefined for a protected vault, where all of them did, and for an exempt one. */
  fact: FactName | undefined;
  /** Oldest of the facts that decided, ISO; null when one of them was never collected. */
  checkedAt: string | null;
}

/**
 * A vault's state from its facts, judged at `now` (milliseconds since 1970).
 *
 * Red when one deciding fact fails: it has no working decoy, or touching one would not be seen. Green only when all
 * five pass and are fresh. What is missing, too old or unknown is never green, because green is a promise; and it is
 * never red either, because red means "act now".
 */
export function coverageOf(facts: readonly Fact[], now: number, ageMax = FACT_AGE_MAX): Decision {
  const judged = DECIDING_FACTS.map((name) => judge(name, facts, now, ageMax));
  const decisive =
    judged.find(({ outcome }) => outcome === "fail") ??
    judged.find(({ outcome }) => outcome === "unknown") ??
    judged.find(({ outcome }) => outcome === "waiting");
  if (decisive) {
    const { name, reason, checkedAt } = decisive;
    return { state: STATES[decisive.outcome], reason, fact: name, checkedAt };
  }
  const drilled = judge("proven", facts, now, ageMax).outcome === "pass";
  return {
    state: "protected",
    reason: drilled ? "drill_passed" : "rows_arriving",
    fact: undefined,
    checkedAt: oldest(judged.map(({ checkedAt }) => checkedAt)),
  };
}

/**
 * The state that is shown: an exemption that holds is a state of its own, whatever the facts say, so an exempt vault
 * counts neither as green nor as red. The facts stay as they are, and decide again as soon as it is over.
 */
export function shownState(decision: Decision, exempt: boolean): Decision {
  return exempt ? { ...decision, state: "exempt", reason: "exempt", fact: undefined } : decision;
}

const STATES: Record<Outcome, Coverage["state"]> = {
  pass: "protected",
  fail: "unprotected",
  waiting: "waiting",
  unknown: "unknown",
};

interface Judged {
  name: FactName;
  outcome: Outcome;
  reason: Reason;
  checkedAt: string | null;
}

function judge(name: FactName, facts: readonly Fact[], now: number, ageMax: number): Judged {
  const fact = facts.find((candidate) => candidate.name === name);
  if (!fact) return { name, outcome: "unknown", reason: "not_collected", checkedAt: null };
  const { outcome, reason, checkedAt } = fact;
  if (outcome === "unknown") return { name, outcome, reason, checkedAt };
  if (checkedAt === null) return { name, outcome: "unknown", reason: "not_collected", checkedAt };
  const age = now - Date.parse(checkedAt);
  // A time that cannot be read, or that lies in the future by more than clocks differ, proves no freshness.
  if (!(age <= ageMax && age >= -CLOCK_SKEW)) return { name, outcome: "unknown", reason: "stale", checkedAt };
  return { name, outcome, reason, checkedAt };
}

const CLOCK_SKEW = 5 * 60 * 1000;

function oldest(times: readonly (string | null)[]): string | null {
  let found: string | null = null;
  for (const time of times) {
    if (time === null) return null;
    if (found === null || Date.parse(time) < Date.parse(found)) found = time;
  }
  return found;
}

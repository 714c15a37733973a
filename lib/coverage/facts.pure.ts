/** The facts behind a vault's state, in the order in which the first failing one becomes the reason. */
export const FACT_NAMES = ["auditLog", "registered", "decoyPresent", "ruleOn", "rowsArriving", "proven"] as const;
export type FactName = (typeof FACT_NAMES)[number];

export type Outcome = "pass" | "waiting" | "fail" | "unknown";

/** Why a fact is as it is. Each has its sentence and its fix in `reasons.pure.ts`; none can carry a decoy's name. */
export type Reason =
  | "not_collected" // the background collector has not reached it yet
  | "stale" // collected, but more than 24 hours ago
  | "no_access" // our own identity was refused
  | "source_failed" // the query or call failed; evidence says how
  | "registered"
  | "not_registered"
  | "planting" // its register row is published, the decoy is just being written
  | "decoy_present"
  | "decoy_unconfirmed" // registered, but no sign of it in the vault yet
  | "decoy_removed" // deleted or purged since
  | "decoy_disabled"
  | "decoy_expired"
  | "audit_on"
  | "audit_off" // no setting sends audit events anywhere
  | "audit_elsewhere" // audit events go to another workspace only
  | "rows_arriving"
  | "rows_awaited" // a new setting or planting; Azure may take up to 90 minutes
  | "rows_missing" // more than 90 minutes without a row
  | "rows_stopped" // rows came before, and what was done in the vault since does not show
  | "rule_on"
  | "rule_missing"
  | "rule_disabled"
  | "rule_modified"
  | "table_plan" // the table is not on the Analytics plan, so rules cannot read it
  | "drill_passed"
  | "drill_never"
  | "drill_old"
  | "drill_before" // what it touched is no longer there
  | "drill_running"
  | "drill_late"
  | "drill_failed" // after the last one that passed, if any did
  | "drill_unreachable" // the vault's network let the drill not in
  | "exempt"; // not a fact's: an administrator said that the vault needs no decoy

/** What somebody did to a decoy, by the reason that tells it. */
export const BROKEN: Readonly<Partial<Record<string, "deleted" | "disabled" | "expired">>> = {
  decoy_removed: "deleted",
  decoy_disabled: "disabled",
  decoy_expired: "expired",
};

export interface Fact {
  name: FactName;
  outcome: Outcome;
  reason: Reason;
  /** What was seen, in words; never a decoy's name. */
  evidence: string;
  /** ISO 8601, UTC; null when it was never collected. */
  checkedAt: string | null;
}

export type CoverageState = "protected" | "unprotected" | "waiting" | "unknown" | "exempt";

export interface Coverage {
  state: CoverageState;
  /** The fact that decided, or "rows_arriving" etc. for a protected vault, "exempt" for an exempt one. */
  reason: Reason;
}

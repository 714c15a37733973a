import type { Reason } from "./facts.pure";

/** A few words for each reason, for a row of the board; the sentences stand in `reasons.pure.ts`. */
export const REASON_LABELS: Record<Reason, string> = {
  not_collected: "Not checked yet",
  stale: "Last check too old",
  no_access: "Not readable",
  source_failed: "Check failed",
  registered: "Registered",
  not_registered: "No honeytoken",
  planting: "Planting now",
  decoy_present: "Honeytoken present",
  decoy_unconfirmed: "Honeytoken not confirmed",
  decoy_removed: "Honeytoken removed",
  decoy_disabled: "Honeytoken disabled",
  decoy_expired: "Honeytoken expired",
  audit_on: "Audit log on",
  audit_off: "Audit log off",
  audit_elsewhere: "Audit log goes elsewhere",
  rows_arriving: "Log rows arriving",
  rows_awaited: "Waiting for log rows",
  rows_missing: "No log rows",
  rows_stopped: "Log stopped",
  rule_on: "Rule on",
  rule_missing: "No analytics rule",
  rule_disabled: "Analytics rule off",
  rule_modified: "Analytics rule changed",
  table_plan: "Log table not readable by rules",
  drill_passed: "Proven by a drill",
  drill_never: "Never drilled",
  drill_old: "Last drill too old",
  drill_before: "Drilled before this honeytoken",
  drill_running: "Drill under way",
  drill_late: "Drill late",
  drill_failed: "Drill failed",
  drill_unreachable: "Drill could not reach the vault",
  exempt: "Exempt",
};

const UNKNOWN = "Not known";

/** The label of a reason as it arrives from the server; a code that this version does not know is said to be so. */
export function reasonLabel(reason: string): string {
  return isReason(reason) ? REASON_LABELS[reason] : UNKNOWN;
}

export function isReason(text: string): text is Reason {
  return Object.hasOwn(REASON_LABELS, text);
}

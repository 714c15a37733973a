import type { FactName, Reason } from "./facts.pure";
import { isReason } from "./reason-labels.pure";

/** What the page offers beside a reason. */
type FixAction = "plant" | "enable_logging" | "ask_admin" | "wait" | "refresh" | "drill" | "none";

export interface ReasonText {
  /** What it means, one sentence. */
  sentence: string;
  /** What to do about it, one sentence; empty when there is nothing to do. */
  fix: string;
  action: FixAction;
}

/** Every reason in words. None of them names a decoy: owners read these too. */
export const REASONS: Record<Reason, ReasonText> = {
  not_collected: {
    sentence: "This has not been checked yet.",
    fix: "It is checked in the background; check this vault now if you do not want to wait.",
    action: "refresh",
  },
  stale: {
    sentence: "The last check is more than 24 hours old, so it proves nothing today.",
    fix: "Check this vault again. If that fails, an administrator should look at the background collection.",
    action: "refresh",
  },
  no_access: {
    sentence: "The identity that checks vaults was refused.",
    fix: "Ask an administrator to give the collecting identity its reader roles on this vault and on the workspace.",
    action: "ask_admin",
  },
  source_failed: {
    sentence: "Azure did not answer the question, so the state is not known.",
    fix: "Check again in a few minutes. If it stays, ask an administrator to look at the warnings on the board.",
    action: "refresh",
  },
  registered: {
    sentence: "The published register lists a live honeytoken for this vault.",
    fix: "",
    action: "none",
  },
  not_registered: {
    sentence: "There is no honeytoken for this vault in the published register.",
    fix: "Plant a honeytoken.",
    action: "plant",
  },
  planting: {
    sentence: "A honeytoken is being planted in this vault at the moment.",
    fix: "Wait; this page updates by itself.",
    action: "wait",
  },
  decoy_present: {
    sentence: "A honeytoken was seen in the vault, and nobody has removed it since.",
    fix: "",
    action: "none",
  },
  decoy_unconfirmed: {
    sentence: "A honeytoken is registered, but nothing shows that it is in the vault and usable.",
    fix: "If it was just planted, wait a few minutes. Otherwise plant another one, or ask an administrator to give the collecting identity the right to list this vault.",
    action: "plant",
  },
  decoy_removed: {
    sentence: "The honeytoken was deleted from the vault.",
    fix: "Find out who deleted it, then plant a new one.",
    action: "plant",
  },
  decoy_disabled: {
    sentence: "The honeytoken in this vault has been disabled.",
    fix: "Plant a new one; a disabled one tells an intruder to stay away.",
    action: "plant",
  },
  decoy_expired: {
    sentence: "The honeytoken in this vault has passed its expiry date.",
    fix: "Plant a new one.",
    action: "plant",
  },
  audit_on: {
    sentence: "The vault sends its audit log to the watched workspace.",
    fix: "",
    action: "none",
  },
  audit_off: {
    sentence: "The vault sends its audit log nowhere, so no touch on a honeytoken would be seen.",
    fix: "Send the audit log to the watched workspace.",
    action: "enable_logging",
  },
  audit_elsewhere: {
    sentence: "The vault sends its audit log only to places that are not watched.",
    fix: "Send the audit log to the watched workspace as well; the existing setting stays as it is.",
    action: "enable_logging",
  },
  rows_arriving: {
    sentence: "Rows of this vault's audit log arrive in the watched workspace.",
    fix: "",
    action: "none",
  },
  rows_awaited: {
    sentence:
      "The audit log was switched on or the honeytoken planted a short while ago; Azure may take up to 90 minutes.",
    fix: "Wait; this page updates by itself.",
    action: "wait",
  },
  rows_missing: {
    sentence: "The audit log is switched on, but no row of this vault has arrived since.",
    fix: "Ask an administrator to check the workspace's ingestion, its daily cap and the vault's diagnostic setting.",
    action: "ask_admin",
  },
  rows_stopped: {
    sentence: "The vault's audit log has stopped arriving: a read of ours that it must show has not come.",
    fix: "Ask an administrator to check the workspace's ingestion, its daily cap and the vault's diagnostic setting.",
    action: "ask_admin",
  },
  rule_on: {
    sentence: "An enabled, unmodified analytics rule covers the honeytoken.",
    fix: "",
    action: "none",
  },
  rule_missing: {
    sentence: "No analytics rule in the workspace covers this kind of honeytoken.",
    fix: "Ask an administrator to deploy the analytics rules.",
    action: "ask_admin",
  },
  rule_disabled: {
    sentence: "The analytics rule that covers this kind of honeytoken is switched off.",
    fix: "Ask an administrator to switch the analytics rule on.",
    action: "ask_admin",
  },
  rule_modified: {
    sentence: "The analytics rule was changed in a way that can lose touches or what an incident says of them.",
    fix: "Ask an administrator to deploy the analytics rules again.",
    action: "ask_admin",
  },
  table_plan: {
    sentence: "The table that this vault logs to is not on the Analytics plan, so analytics rules cannot read it.",
    fix: "Ask an administrator to set the table to the Analytics plan.",
    action: "ask_admin",
  },
  drill_passed: {
    sentence: "A drill within the last 30 days raised its incident.",
    fix: "",
    action: "none",
  },
  drill_never: {
    sentence: "No drill has been made in this vault yet.",
    fix: "Make a drill; it touches a honeytoken and follows the touch to its incident.",
    action: "drill",
  },
  drill_before: {
    sentence: "The last drill touched a honeytoken that is no longer there; none of those that are was there then.",
    fix: "Make a drill.",
    action: "drill",
  },
  drill_old: {
    sentence: "The last drill in this vault was more than 30 days ago.",
    fix: "Make a drill.",
    action: "drill",
  },
  drill_running: {
    sentence: "A drill has touched a honeytoken in this vault, and its alert is awaited.",
    fix: "Wait; this page updates by itself.",
    action: "wait",
  },
  drill_late: {
    sentence: "A drill is under way for longer than it usually takes.",
    fix: "Wait; whether it fails is decided within two hours.",
    action: "wait",
  },
  drill_failed: {
    sentence: "The last drill in this vault did not raise its incident.",
    fix: "Look at the drill: it says which stage is missing and what to do. Then make another one.",
    action: "drill",
  },
  drill_unreachable: {
    sentence: "Not proven: the vault's network refused the last drill before the honeytoken was asked for.",
    fix: "Have the vault's owner let in the network that this server calls from, then drill again.",
    action: "drill",
  },
  exempt: {
    sentence: "An administrator decided that this vault needs no honeytoken for now.",
    fix: "",
    action: "none",
  },
};

const UNKNOWN_REASON: ReasonText = {
  sentence: "The reason is not known to this version of the page.",
  fix: "Reload the page.",
  action: "none",
};

/** The words for a reason as it arrives from the server; a code that this version does not know is said to be so. */
export function reasonText(reason: string): ReasonText {
  return isReason(reason) ? REASONS[reason] : UNKNOWN_REASON;
}

/** The six facts as a person reads them. */
export const FACT_TITLES: Record<FactName, string> = {
  auditLog: "Audit log on",
  registered: "In the register",
  decoyPresent: "Honeytoken present",
  ruleOn: "Analytics rule on",
  rowsArriving: "Log rows arriving",
  proven: "Proven by a drill",
};

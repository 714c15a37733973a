import type { FactName, Reason } from "./facts.pure";

/** What the page offers beside a reason. */
type FixAction = "plant" | "enable_logging" | "ask_admin" | "wait" | "refresh" | "none";

export interface ReasonText {
  /** A few words for a row of the board. */
  label: string;
  /** What it means, one sentence. */
  sentence: string;
  /** What to do about it, one sentence; empty when there is nothing to do. */
  fix: string;
  action: FixAction;
}

/** Every reason in words. None of them names a decoy: owners read these too. */
export const REASONS: Record<Reason, ReasonText> = {
  not_collected: {
    label: "Not checked yet",
    sentence: "This has not been checked yet.",
    fix: "It is checked in the background; check this vault now if you do not want to wait.",
    action: "refresh",
  },
  stale: {
    label: "Last check too old",
    sentence: "The last check is more than 24 hours old, so it proves nothing today.",
    fix: "Check this vault again. If that fails, an administrator should look at the background collection.",
    action: "refresh",
  },
  no_access: {
    label: "Not readable",
    sentence: "The identity that checks vaults was refused.",
    fix: "Ask an administrator to give the collecting identity its reader roles on this vault and on the workspace.",
    action: "ask_admin",
  },
  source_failed: {
    label: "Check failed",
    sentence: "Azure did not answer the question, so the state is not known.",
    fix: "Check again in a few minutes. If it stays, ask an administrator to look at the warnings on the board.",
    action: "refresh",
  },
  registered: {
    label: "Registered",
    sentence: "The published register lists a live honeytoken for this vault.",
    fix: "",
    action: "none",
  },
  not_registered: {
    label: "No honeytoken",
    sentence: "There is no honeytoken for this vault in the published register.",
    fix: "Plant a honeytoken.",
    action: "plant",
  },
  planting: {
    label: "Planting now",
    sentence: "A honeytoken is being planted in this vault at the moment.",
    fix: "Wait; this page updates by itself.",
    action: "wait",
  },
  decoy_present: {
    label: "Honeytoken present",
    sentence: "A honeytoken was seen in the vault, and nobody has removed it since.",
    fix: "",
    action: "none",
  },
  decoy_unconfirmed: {
    label: "Honeytoken not confirmed",
    sentence: "A honeytoken is registered, but nothing shows that it is in the vault and usable.",
    fix: "If it was just planted, wait a few minutes. Otherwise plant another one, or ask an administrator to give the collecting identity the right to list this vault.",
    action: "plant",
  },
  decoy_removed: {
    label: "Honeytoken removed",
    sentence: "The honeytoken was deleted from the vault.",
    fix: "Find out who deleted it, then plant a new one.",
    action: "plant",
  },
  decoy_disabled: {
    label: "Honeytoken disabled",
    sentence: "The honeytoken in this vault has been disabled.",
    fix: "Plant a new one; a disabled one tells an intruder to stay away.",
    action: "plant",
  },
  decoy_expired: {
    label: "Honeytoken expired",
    sentence: "The honeytoken in this vault has passed its expiry date.",
    fix: "Plant a new one.",
    action: "plant",
  },
  audit_on: {
    label: "Audit log on",
    sentence: "The vault sends its audit log to the watched workspace.",
    fix: "",
    action: "none",
  },
  audit_off: {
    label: "Audit log off",
    sentence: "The vault sends its audit log nowhere, so no touch on a honeytoken would be seen.",
    fix: "Send the audit log to the watched workspace.",
    action: "enable_logging",
  },
  audit_elsewhere: {
    label: "Audit log goes elsewhere",
    sentence: "The vault sends its audit log only to places that are not watched.",
    fix: "Send the audit log to the watched workspace as well; the existing setting stays as it is.",
    action: "enable_logging",
  },
  rows_arriving: {
    label: "Log rows arriving",
    sentence: "Rows of this vault's audit log arrive in the watched workspace.",
    fix: "",
    action: "none",
  },
  rows_awaited: {
    label: "Waiting for log rows",
    sentence:
      "The audit log was switched on or the honeytoken planted a short while ago; Azure may take up to 90 minutes.",
    fix: "Wait; this page updates by itself.",
    action: "wait",
  },
  rows_missing: {
    label: "No log rows",
    sentence: "The audit log is switched on, but no row of this vault has arrived since.",
    fix: "Ask an administrator to check the workspace's ingestion, its daily cap and the vault's diagnostic setting.",
    action: "ask_admin",
  },
  rule_on: {
    label: "Rule on",
    sentence: "An enabled, unmodified analytics rule covers the honeytoken.",
    fix: "",
    action: "none",
  },
  rule_missing: {
    label: "No analytics rule",
    sentence: "No analytics rule in the workspace covers this kind of honeytoken.",
    fix: "Ask an administrator to deploy the analytics rules.",
    action: "ask_admin",
  },
  rule_disabled: {
    label: "Analytics rule off",
    sentence: "The analytics rule that covers this kind of honeytoken is switched off.",
    fix: "Ask an administrator to switch the analytics rule on.",
    action: "ask_admin",
  },
  rule_modified: {
    label: "Analytics rule changed",
    sentence: "The analytics rule was changed in a way that can lose touches.",
    fix: "Ask an administrator to deploy the analytics rules again.",
    action: "ask_admin",
  },
  table_plan: {
    label: "Log table not readable by rules",
    sentence: "The table that this vault logs to is not on the Analytics plan, so analytics rules cannot read it.",
    fix: "Ask an administrator to set the table to the Analytics plan.",
    action: "ask_admin",
  },
  drill_passed: {
    label: "Proven by a drill",
    sentence: "A drill within the last 30 days raised its alert.",
    fix: "",
    action: "none",
  },
  drill_never: {
    label: "Never drilled",
    sentence: "No drill has been made in this vault yet.",
    fix: "",
    action: "none",
  },
  drill_old: {
    label: "Last drill too old",
    sentence: "The last drill in this vault was more than 30 days ago.",
    fix: "",
    action: "none",
  },
  exempt: {
    label: "Exempt",
    sentence: "An administrator decided that this vault needs no honeytoken for now.",
    fix: "",
    action: "none",
  },
};

const UNKNOWN_REASON: ReasonText = {
  label: "Not known",
  sentence: "The reason is not known to this version of the page.",
  fix: "Reload the page.",
  action: "none",
};

/** The words for a reason as it arrives from the server; a code that this version does not know is said to be so. */
export function reasonText(reason: string): ReasonText {
  return isReason(reason) ? REASONS[reason] : UNKNOWN_REASON;
}

export function isReason(text: string): text is Reason {
  return Object.hasOwn(REASONS, text);
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

import type { DrillProblem, DrillStage } from "./drills.pure";

/** What went wrong with a drill, and what to do; neither names a honeytoken. */
export const DRILL_PROBLEM_WORDS: Record<DrillProblem, { sentence: string; fix: string }> = {
  no_decoy: {
    sentence: "No honeytoken of this vault can be touched.",
    fix: "Plant one, or have the one that was disabled, deleted or has expired replaced.",
  },
  not_sent: {
    sentence: "The identity that makes drills got no token, so nothing was sent.",
    fix: "An administrator checks the managed identity of DRILL_CLIENT_ID on this server.",
  },
  has_right: {
    sentence: "The vault answered: the identity that makes drills may read here, which it must not.",
    fix: "Take its roles and access policies away, then drill again. Until then its theft gives what this vault holds.",
  },
  gone: {
    sentence: "The vault does not know the honeytoken any more.",
    fix: "Check this vault again, then plant another one.",
  },
  not_accepted: {
    sentence: "The vault did not take the token of the identity that makes drills.",
    fix: "Check that the identity belongs to this tenant, and this server's clock.",
  },
  throttled: { sentence: "The vault asked to slow down.", fix: "Drill again in a minute." },
  refused: {
    sentence: "The vault answered in a way that proves nothing.",
    fix: "Drill again; if it stays, report it.",
  },
  no_answer: {
    sentence: "No answer came, and the log shows no touch: it probably never reached the vault.",
    fix: "Check that this server reaches the vault's address, then drill again.",
  },
  no_row: {
    sentence: "The vault refused the touch, but no row of it arrived in the watched workspace.",
    fix: "Look at the vault's diagnostic setting, the workspace's ingestion and its daily cap.",
  },
  no_alert: {
    sentence: "The touch is in the log, but no alert was raised.",
    fix: "Look at the analytics rules: they must be on, unchanged, and their runs healthy.",
  },
  no_incident: {
    sentence: "An alert was raised, but no incident holds it.",
    fix: "Look at the rule's incident setting, and at automation rules that close or suppress.",
  },
  network: {
    sentence: "Not proven: unreachable. The vault's network refused this server before the honeytoken was asked for.",
    fix: "Have the vault's owner let in the network that this server calls from, then drill again. The product never opens a firewall.",
  },
  may_not_give: {
    sentence: "Who asked for this drill may not give rights in this vault any more, so none was given.",
    fix: "Drill by a refused read, or have an administrator of the vault start it.",
  },
  not_given: {
    sentence: "The right to read could not be given, or not be tried, so nothing was touched.",
    fix: "Check that this server reaches Azure Resource Manager and the vault; and look at the rights of the identity that gives rights: it must be let give both roles to read to the identity that makes drills.",
  },
  right_left: {
    sentence:
      "An earlier right to read has not been taken back in this vault, so no other was given and nothing was touched.",
    fix: "Drill by a refused read meanwhile. The page Grants and roles shows that right: it goes as soon as Azure lets the identity that gives rights take it back.",
  },
  no_spread: {
    sentence: "The right to read did not begin to work in time, so nothing was touched. It was taken back.",
    fix: "Drill again later; Azure takes up to ten minutes.",
  },
  taken_back: {
    sentence: "The right to read was taken back before the read was made, so nothing was touched.",
    fix: "Drill again.",
  },
};

/** The stages as a person reads them. */
export const STAGE_TITLES: Record<DrillStage, string> = {
  touch: "Touched",
  row: "Row in the log",
  alert: "Alert raised",
  incident: "Incident opened",
};

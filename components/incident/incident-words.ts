import {
  CheckmarkCircleRegular,
  CircleRegular,
  EyeRegular,
  PersonClockRegular,
  ShieldCheckmarkRegular,
  WarningRegular,
} from "@fluentui/react-icons";
import type { Look } from "@/components/ui/state-badge";
import {
  CLASSIFICATIONS,
  type Classification,
  type ClassificationReason,
  type IncidentState,
  REASONS,
} from "@/lib/incidents/change.pure";
import type { StepAct, StepName, StepState } from "@/lib/incidents/containment.pure";
import type { Exposure } from "@/lib/incidents/rotation.pure";

export const TOUCH_LOOK: Look = { word: "Honeytoken", tone: "bad", icon: EyeRegular };
export const NEW_ADDRESS_LOOK: Look = { word: "New", tone: "warn", icon: WarningRegular };

const CLASSIFICATION_WORDS: Record<Classification, string> = {
  TruePositive: "True positive",
  BenignPositive: "Benign positive",
  FalsePositive: "False positive",
  Undetermined: "Undetermined",
};
const REASON_WORDS: Record<ClassificationReason, string> = {
  SuspiciousActivity: "suspicious activity",
  SuspiciousButExpected: "suspicious but expected",
  IncorrectAlertLogic: "incorrect alert logic",
  InaccurateData: "inaccurate data",
};

/** A classification with the reason that goes with it, as one thing to choose. */
export interface Verdict {
  key: string;
  words: string;
  classification: Classification;
  classificationReason?: ClassificationReason;
}

const verdictKey = (classification: Classification, reason: ClassificationReason | undefined) =>
  reason ? `${classification}/${reason}` : classification;

export const VERDICTS: readonly Verdict[] = CLASSIFICATIONS.flatMap((classification): Verdict[] => {
  const words = CLASSIFICATION_WORDS[classification];
  const reasons: readonly ClassificationReason[] = REASONS[classification];
  if (reasons.length === 0) return [{ key: classification, words, classification }];
  return reasons.map((classificationReason) => ({
    key: verdictKey(classification, classificationReason),
    words: `${words}: ${REASON_WORDS[classificationReason]}`,
    classification,
    classificationReason,
  }));
});

/** What an incident was closed as; undefined while it is open. */
export function verdictOf(state: IncidentState): Verdict | undefined {
  if (!state.classification) return undefined;
  const key = verdictKey(state.classification, state.classificationReason);
  return VERDICTS.find((verdict) => verdict.key === key);
}

/** Who an incident belongs to, by the name that says most. */
export function ownerWords({ owner }: Pick<IncidentState, "owner">): string {
  return owner?.name ?? owner?.upn ?? owner?.objectId ?? "Nobody";
}

export const STEP_WORDS: Record<StepName, { title: string; about: string }> = {
  keep: {
    title: "Keep the honeytoken",
    about: "Do not delete or change it: it is evidence, and it goes on telling you when it is touched.",
  },
  identify: {
    title: "Identify the caller",
    about: "Find the person or the system behind the identity, and ask whether they did this.",
  },
  sessions: {
    title: "End the caller's sessions",
    about:
      "A stolen token goes on working until it is revoked. For an application or a managed identity, renew its credentials.",
  },
  disable: {
    title: "Disable the identity",
    about: "Stops it altogether, and whatever runs with it. A second person has to agree before this counts as done.",
  },
  rotate: {
    title: "Rotate what was read",
    about: "Everything real that this caller read is in doubt. The list below says in which order.",
  },
  replant: {
    title: "Plant another honeytoken",
    about: "Whoever found this one may know it now. A plan replaces it by another one.",
  },
  setting: {
    title: "Look at the diagnostic setting of each silent vault",
    about:
      "It has to send the audit log to this workspace. The page of the vault says whether it does, and what to do where it does not.",
  },
  workspace: {
    title: "Look at the workspace",
    about:
      "A daily cap that was reached keeps the rows of every vault out, and no rule reads a table on the Basic or Auxiliary plan. Set-up shows the plans; the portal shows the cap.",
  },
  reading: {
    title: "See whether the vaults are read",
    about:
      "This product reads every watched vault at least every 12 hours, and each read leaves a row. Where no vault shows one, look at the identity that reads. In the first hours after a start there is none yet: wait for them.",
  },
  change: {
    title: "Find out who changed it",
    about:
      "The activity log of a vault names who changed its diagnostic setting. Somebody may have wanted the silence.",
  },
  arriving: {
    title: "See that rows arrive again",
    about:
      "Until then no touch in these vaults is seen, and none of that time raises an alert later unless its row still comes. A drill then proves a vault from end to end.",
  },
};

export const SILENT_LOOK: Look = { word: "Still silent", tone: "bad", icon: WarningRegular };
export const SPEAKS_LOOK: Look = { word: "Rows arrive again", tone: "good", icon: CheckmarkCircleRegular };

export const STEP_LOOK: Record<StepState, Look> = {
  open: { word: "Open", tone: "neutral", icon: CircleRegular },
  waiting: { word: "Needs approval", tone: "busy", icon: PersonClockRegular },
  approved: { word: "Approved", tone: "apart", icon: ShieldCheckmarkRegular },
  done: { word: "Done", tone: "good", icon: CheckmarkCircleRegular },
};

export const ACT_WORDS: Record<StepAct, { button: string; past: string }> = {
  request: { button: "Ask for approval", past: "asked for approval" },
  approve: { button: "Approve", past: "approved it" },
  refuse: { button: "Refuse", past: "refused it" },
  done: { button: "Mark done", past: "marked it done" },
  undo: { button: "Take back", past: "took it back" },
};

export const EXPOSURE_WORDS: Record<Exposure, string> = {
  value: "Its value was read",
  use: "It was used",
  public: "Only its public part",
};

/** "12 min": how long, in the largest unit that fits. */
export function spanWords(seconds: number): string {
  const units = [
    { word: "d", seconds: 86_400 },
    { word: "h", seconds: 3_600 },
    { word: "min", seconds: 60 },
  ];
  const unit = units.find((one) => seconds >= one.seconds);
  return unit ? `${Math.ceil(seconds / unit.seconds)} ${unit.word}` : `${Math.max(1, seconds)} s`;
}

export const lastPart = (id: string): string => id.slice(id.lastIndexOf("/") + 1);

const VAULT =
  /^\/subscriptions\/([0-9a-f-]{36})\/resourcegroups\/([^/]+)\/providers\/microsoft\.keyvault\/vaults\/([0-9a-z-]+)$/;

/** The page of a vault (normalised id); undefined for what is none. */
export function vaultHref(vaultId: string): string | undefined {
  const [, subscription, group = "", name] = VAULT.exec(vaultId) ?? [];
  return subscription && name ? `/vaults/${subscription}/${encodeURIComponent(group)}/${name}` : undefined;
}

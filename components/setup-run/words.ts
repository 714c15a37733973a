import {
  ArrowSyncRegular,
  CheckmarkCircleRegular,
  CircleRegular,
  ClockRegular,
  DismissCircleRegular,
  EditRegular,
  PersonRegular,
  QuestionCircleRegular,
  SubtractCircleRegular,
} from "@fluentui/react-icons";
import type { Look } from "@/components/ui/state-badge";
import type { PlanState, RunStepState, RunSummary } from "@/lib/setup/run.pure";

export const PLAN_LOOKS: Record<PlanState, Look> = {
  to_do: { word: "Will be written", tone: "busy", icon: EditRegular },
  nothing: { word: "Nothing to do", tone: "good", icon: CheckmarkCircleRegular },
  blocked: { word: "Cannot be done", tone: "warn", icon: PersonRegular },
  unknown: { word: "Unknown", tone: "neutral", icon: QuestionCircleRegular },
};

/** A step that could be written and that somebody has taken out. */
export const LEFT_OUT: Look = { word: "Left out", tone: "neutral", icon: SubtractCircleRegular };

export const STEP_LOOKS: Record<RunStepState, Look> = {
  queued: { word: "To come", tone: "neutral", icon: CircleRegular },
  running: { word: "Under way", tone: "busy", icon: ArrowSyncRegular },
  written: { word: "Written", tone: "good", icon: CheckmarkCircleRegular },
  unchanged: { word: "Nothing to do", tone: "good", icon: CheckmarkCircleRegular },
  failed: { word: "Failed", tone: "bad", icon: DismissCircleRegular },
  skipped: { word: "Not tried", tone: "neutral", icon: SubtractCircleRegular },
  cancelled: { word: "Cancelled", tone: "neutral", icon: SubtractCircleRegular },
};

export const RUN_LOOKS: Record<RunSummary["state"], Look> = {
  running: { word: "Under way", tone: "busy", icon: ArrowSyncRegular },
  waiting: { word: "Waits for a person", tone: "warn", icon: ClockRegular },
  done: { word: "Done", tone: "good", icon: CheckmarkCircleRegular },
  partly: { word: "Done in part", tone: "bad", icon: DismissCircleRegular },
  cancelled: { word: "Cancelled", tone: "neutral", icon: SubtractCircleRegular },
};

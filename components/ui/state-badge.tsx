import {
  ClipboardTaskRegular,
  ClockRegular,
  ErrorCircleRegular,
  PauseCircleRegular,
  PersonClockRegular,
  ProhibitedRegular,
  QuestionCircleRegular,
  ShieldCheckmarkRegular,
  ShieldDismissRegular,
  SpinnerIosRegular,
  SubtractCircleRegular,
} from "@fluentui/react-icons";
import type { ComponentType } from "react";
import { memo } from "react";
import type { CoverageState } from "@/lib/coverage/facts.pure";
import type { DeploymentState, ItemState } from "@/lib/deployments/views.pure";
import s from "./state-badge.module.css";

type Tone = "good" | "bad" | "busy" | "neutral" | "apart";

/** How a state looks; the word always stands beside the colour. */
export interface Look {
  word: string;
  tone: Tone;
  icon: ComponentType<{ "aria-hidden"?: boolean }>;
}

export const COVERAGE_LOOK: Record<CoverageState, Look> = {
  protected: { word: "Protected", tone: "good", icon: ShieldCheckmarkRegular },
  unprotected: { word: "Not protected", tone: "bad", icon: ErrorCircleRegular },
  waiting: { word: "Waiting", tone: "busy", icon: ClockRegular },
  unknown: { word: "Unknown", tone: "neutral", icon: QuestionCircleRegular },
  exempt: { word: "Exempt", tone: "apart", icon: ShieldDismissRegular },
};

const DEPLOYMENT_LOOK: Record<DeploymentState | ItemState, Look> = {
  planning: { word: "Planning", tone: "busy", icon: SpinnerIosRegular },
  planned: { word: "Planned", tone: "neutral", icon: ClipboardTaskRegular },
  awaiting_approval: { word: "Needs approval", tone: "busy", icon: PersonClockRegular },
  paused: { word: "Paused", tone: "neutral", icon: PauseCircleRegular },
  cancelled: { word: "Cancelled", tone: "neutral", icon: SubtractCircleRegular },
  blocked: { word: "Blocked", tone: "bad", icon: ProhibitedRegular },
  skipped: { word: "Skipped", tone: "neutral", icon: SubtractCircleRegular },
  queued: { word: "Queued", tone: "neutral", icon: ClockRegular },
  running: { word: "Running", tone: "busy", icon: SpinnerIosRegular },
  done: { word: "Done", tone: "good", icon: ShieldCheckmarkRegular },
  failed: { word: "Failed", tone: "bad", icon: ErrorCircleRegular },
  needs_person: { word: "Needs a person", tone: "bad", icon: QuestionCircleRegular },
};

/** A state as icon, word and colour. */
export function Badge({ look }: { look: Look }) {
  const Icon = look.icon;
  return (
    <span className={s.badge} data-tone={look.tone}>
      <Icon aria-hidden />
      {look.word}
    </span>
  );
}

/** A vault's state as icon, word and colour. */
export const CoverageBadge = memo(function CoverageBadge({ state }: { state: CoverageState }) {
  return <Badge look={COVERAGE_LOOK[state]} />;
});

/** A deployment's state as icon, word and colour; a state that this page does not know yet is shown as it came. */
export function DeploymentBadge({ state }: { state: string }) {
  const known = Object.entries(DEPLOYMENT_LOOK).find(([name]) => name === state)?.[1];
  return <Badge look={known ?? { word: state, tone: "neutral", icon: QuestionCircleRegular }} />;
}

import {
  ClockRegular,
  ErrorCircleRegular,
  QuestionCircleRegular,
  ShieldCheckmarkRegular,
  ShieldDismissRegular,
} from "@fluentui/react-icons";
import type { ComponentType } from "react";
import { memo } from "react";
import type { CoverageState } from "@/lib/coverage/facts.pure";
import s from "./state-badge.module.css";

type Tone = "good" | "bad" | "warn" | "busy" | "neutral" | "apart";

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

import {
  ClipboardTaskRegular,
  ClockRegular,
  ErrorCircleRegular,
  PauseCircleRegular,
  PersonClockRegular,
  ProhibitedRegular,
  QuestionCircleRegular,
  ShieldCheckmarkRegular,
  SpinnerIosRegular,
  SubtractCircleRegular,
} from "@fluentui/react-icons";
import type { DeploymentState, ItemState } from "@/lib/deployments/views.pure";
import { Badge, type Look } from "./state-badge";

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

/** A deployment's state as icon, word and colour; a state that this page does not know yet is shown as it came. */
export function DeploymentBadge({ state }: { state: string }) {
  const known = Object.entries(DEPLOYMENT_LOOK).find(([name]) => name === state)?.[1];
  return <Badge look={known ?? { word: state, tone: "neutral", icon: QuestionCircleRegular }} />;
}

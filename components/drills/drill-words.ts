import {
  ClockRegular,
  ErrorCircleRegular,
  PlugDisconnectedRegular,
  QuestionCircleRegular,
  ShieldCheckmarkRegular,
  SpinnerIosRegular,
} from "@fluentui/react-icons";
import { plural } from "@/components/ui/plural";
import type { Look } from "@/components/ui/state-badge";
import type { DrillDecision, DrillRead, DrillView, FleetDrillAnswer } from "@/lib/drills/drills.pure";

const LOOKS: Record<DrillView["state"], Look> = {
  queued: { word: "Waiting for its turn", tone: "neutral", icon: ClockRegular },
  recorded: { word: "Touching", tone: "busy", icon: SpinnerIosRegular },
  touched: { word: "Waiting for its row", tone: "busy", icon: SpinnerIosRegular },
  seen: { word: "Waiting for its alert", tone: "busy", icon: SpinnerIosRegular },
  alerted: { word: "Waiting for its incident", tone: "busy", icon: SpinnerIosRegular },
  passed: { word: "Proven", tone: "good", icon: ShieldCheckmarkRegular },
  failed: { word: "Failed", tone: "bad", icon: ErrorCircleRegular },
  unreachable: { word: "Not proven: unreachable", tone: "neutral", icon: PlugDisconnectedRegular },
};

const PERMITTING: Look = { word: "Waiting for its right", tone: "busy", icon: SpinnerIosRegular };

/** How a drill stands; one that takes longer than usual says so. */
export function drillLook({ state, late, right }: Pick<DrillView, "state" | "late" | "right">): Look {
  const look = state === "queued" && right !== null ? PERMITTING : LOOKS[state];
  return late ? { word: `Late: ${look.word.toLowerCase()}`, tone: "bad", icon: QuestionCircleRegular } : look;
}

const READS: Record<DrillRead, string> = { denied: "A refused read", permitted: "A permitted read" };

/** What a drill has shown, in words; none names a honeytoken. */
export function provenWords(drill: DrillView): string {
  const reached = drill.stages.filter(({ at }) => at !== null).map(({ stage }) => stage);
  if (drill.kind === null || drill.was === null || reached.length === 0) return "Nothing yet";
  const parts = [
    `${READS[drill.was]} of a ${drill.kind}${drill.read === drill.was ? "" : ", since the right did not work yet"}`,
  ];
  if (drill.table !== null) parts.push(`its row in ${drill.table}`);
  if (reached.includes("alert")) parts.push("its alert");
  if (reached.includes("incident")) parts.push("its incident");
  return parts.length === 1 ? `${parts[0]}` : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}

/** What became of its incident. */
export const DECISION_WORDS: Record<DrillDecision, string> = {
  closed: "closed as a drill",
  closed_already: "closed by somebody else",
  commented: "left open: something else is in it",
  raised: "raised to High: the drill identity did something else",
  reopened: "opened again: something else came in",
};

/** "8 s", "3 min 20 s", "1 h 5 min". */
export function durationWords(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** How many drills were started, and why the others were not. */
export function skippedWords({ started, skipped }: FleetDrillAnswer): string {
  const others = skipped.map(({ reason, vaults }) => `${plural(vaults, "vault")} left out: ${reason}`);
  return [`${plural(started, "drill")} started.`, ...others].join(" ");
}

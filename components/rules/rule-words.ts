import {
  AddCircleRegular,
  CheckmarkCircleRegular,
  CircleOffRegular,
  EditRegular,
  ErrorCircleRegular,
} from "@fluentui/react-icons";
import type { Look } from "@/components/ui/state-badge";
import type { ExportFormat, PackRuleState } from "@/lib/rules/pack.pure";

export const RULE_LOOK: Record<PackRuleState, Look> = {
  on: { word: "On", tone: "good", icon: CheckmarkCircleRegular },
  off: { word: "Off", tone: "bad", icon: ErrorCircleRegular },
  spare: { word: "Spare", tone: "neutral", icon: CircleOffRegular },
  missing: { word: "Missing", tone: "bad", icon: AddCircleRegular },
  modified: { word: "Modified", tone: "apart", icon: EditRegular },
};

export const KIND_WORDS = { NRT: "near real time", Scheduled: "scheduled" } as const;

export const FORMAT_WORDS: Record<ExportFormat, string> = {
  arm: "ARM template",
  yaml: "YAML",
  defender: "Defender detections",
};

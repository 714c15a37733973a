import {
  AlertOnRegular,
  AlertUrgentRegular,
  CheckmarkCircleRegular,
  ErrorCircleRegular,
  InfoRegular,
  PersonClockRegular,
  WarningRegular,
} from "@fluentui/react-icons";
import { formatNumber, plural } from "@/components/ui/plural";
import type { Look } from "@/components/ui/state-badge";
import type { Severity, Status } from "@/lib/incidents/list.pure";
import type { News } from "./arrivals";

export const SEVERITY_LOOK: Record<Severity, Look> = {
  High: { word: "High", tone: "bad", icon: AlertUrgentRegular },
  Medium: { word: "Medium", tone: "warn", icon: WarningRegular },
  Low: { word: "Low", tone: "busy", icon: ErrorCircleRegular },
  Informational: { word: "Informational", tone: "neutral", icon: InfoRegular },
};

export const STATUS_LOOK: Record<Status, Look> = {
  New: { word: "New", tone: "bad", icon: AlertOnRegular },
  Active: { word: "Active", tone: "busy", icon: PersonClockRegular },
  Closed: { word: "Closed", tone: "good", icon: CheckmarkCircleRegular },
};

/** "1 new incident", "2 graver incidents", "1 new incident and 2 that grew graver". */
export function newsWords(all: readonly News[]): string {
  const fresh = all.filter((news) => news === "new").length;
  const raised = all.length - fresh;
  if (raised === 0) return plural(fresh, "new incident");
  if (fresh === 0) return plural(raised, "graver incident");
  return `${plural(fresh, "new incident")} and ${formatNumber(raised)} that grew graver`;
}

/** "BenignPositive" as "Benign positive". */
export function classificationWords(classification: string): string {
  const words = classification.replaceAll(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

import { CheckmarkCircleRegular, ErrorCircleRegular, ProhibitedRegular } from "@fluentui/react-icons";
import { Badge, type Look } from "@/components/ui/state-badge";
import { type AuditResult, resultOf } from "@/lib/audit/audit.pure";

export const RESULT_LOOK: Record<AuditResult, Look> = {
  ok: { word: "Done", tone: "good", icon: CheckmarkCircleRegular },
  refused: { word: "Refused", tone: "neutral", icon: ProhibitedRegular },
  failed: { word: "Failed", tone: "bad", icon: ErrorCircleRegular },
};

/** How a recorded write ended, as icon, word and colour. */
export function ResultBadge({ result }: { result: string }) {
  return <Badge look={RESULT_LOOK[resultOf(result)]} />;
}

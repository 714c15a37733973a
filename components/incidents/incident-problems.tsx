import { Notice } from "@/components/ui/notice";
import type { Part, Problem } from "@/lib/incidents/list.pure";

const WHAT: Record<Part, string> = {
  incidents: "incidents",
  alerts: "what their alerts say (vaults, honeytokens, operations, callers, touches)",
};

/** What could not be read, or not to its end, beside what is shown. */
export function IncidentProblems({ problems }: { problems: readonly Problem[] }) {
  return problems.map(({ part, partial, message, fix }) => (
    <Notice
      key={part}
      urgent
      intent={partial ? "warning" : "error"}
      title={partial ? `Not all ${WHAT[part]} are here` : `Missing here: ${WHAT[part]}`}
    >
      {[message, fix].filter(Boolean).join(" ")}
    </Notice>
  ));
}

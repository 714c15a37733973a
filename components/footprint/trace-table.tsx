"use client";
import { CheckmarkCircleRegular, ErrorCircleRegular, WarningRegular } from "@fluentui/react-icons";
import table from "@/components/ui/list-table.module.css";
import { Badge, type Look } from "@/components/ui/state-badge";
import { WayOut } from "@/components/ui/way-out";
import type { Telling, Trace, TraceKind } from "@/lib/footprint/footprint.pure";
import s from "./footprint.module.css";

const LOOKS: Record<Telling, Look> = {
  plain: { word: "Says it", tone: "bad", icon: ErrorCircleRegular },
  hint: { word: "A hint", tone: "busy", icon: WarningRegular },
  nothing: { word: "Says nothing", tone: "good", icon: CheckmarkCircleRegular },
};

const KINDS: Record<TraceKind, string> = {
  tag: "Tag",
  policy: "Policy",
  rule: "Rule",
  watchlist: "Watchlist",
  role: "Custom role",
  assignment: "Role assignment",
  application: "Application",
  identity: "Identity",
  diagnostic: "Diagnostic setting",
  resource: "Resource",
};

/** Every trace with how telling it is, who sees it, and what would tell less. */
export function TraceTable({ traces }: { traces: readonly Trace[] }) {
  if (traces.length === 0) return <p className={s.intro}>Nothing of this product was found.</p>;
  return (
    <table className={table.table}>
      <thead>
        <tr>
          <th scope="col">What</th>
          <th scope="col">How telling</th>
          <th scope="col">Who can read it</th>
          <th scope="col">Instead</th>
        </tr>
      </thead>
      <tbody>
        {traces.map((trace) => (
          <tr key={`${trace.kind} ${trace.name} ${trace.where}`} className={s.row}>
            <th scope="row">
              <span className={s.kind}>{KINDS[trace.kind]}</span>
              <strong>{trace.name}</strong>
              <span className={s.where}>{trace.where}</span>
            </th>
            <td data-label="How telling" data-wide>
              <Badge look={LOOKS[trace.telling]} />
              {trace.because.length > 0 && <span className={s.where}>{trace.because.join(", ")}</span>}
            </td>
            <td data-label="Who can read it" data-wide>
              {trace.readers}
            </td>
            <td data-label="Instead" data-wide>
              {trace.instead === "" ? "Nothing to change." : trace.instead} {trace.link && <WayOut link={trace.link} />}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

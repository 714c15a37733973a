import Link from "next/link";
import { memo } from "react";
import { ageOf, bothTimes } from "@/components/ui/age";
import { OutsideText } from "@/components/ui/outside-text";
import { Badge } from "@/components/ui/state-badge";
import type { Incident } from "@/lib/incidents/select.pure";
import type { News } from "./arrivals";
import s from "./incident-list.module.css";
import { classificationWords, SEVERITY_LOOK, STATUS_LOOK } from "./incident-words";

interface IncidentRowProps {
  incident: Incident;
  /** aria-rowindex, from 1; the head is row 1. */
  index: number;
  /** Milliseconds since 1970. */
  now: number;
  /** Absent for one that was looked at. */
  news: News | undefined;
  onOpen: (id: string) => void;
}

/** One incident. Memoised: a poll or a scroll draws only what changed. */
export const IncidentRow = memo(function IncidentRow(props: IncidentRowProps) {
  const { incident, index, now, news, onOpen } = props;
  const { id, number, title, severity, status, classification, owner, createdAt, touches } = incident;
  const href = `/incidents/${encodeURIComponent(id)}`;
  return (
    <tr aria-rowindex={index} className={s.row} data-new={news !== undefined}>
      <th scope="row" className={s.incident}>
        <span className={s.title}>
          {news && <span className={s.mark}>{news === "new" ? "New here" : "Graver now"}</span>}
          {/* Fetched when followed: thousands of rows would otherwise each ask the server while scrolling. */}
          <Link href={href} prefetch={false} className={s.link} onClick={() => onOpen(id)}>
            <OutsideText>{title === "" ? "Incident without a title" : title}</OutsideText>
          </Link>
        </span>
        <span className={s.second}>
          #{number}
          <About incident={incident} />
        </span>
      </th>
      <td className={s.severity}>
        <Badge look={SEVERITY_LOOK[severity]} />
      </td>
      <td className={s.status}>
        <Badge look={STATUS_LOOK[status]} />
        {classification !== null && <span className={s.second}>{classificationWords(classification)}</span>}
      </td>
      <td className={s.vault}>
        <Names all={incident.vaults.map(({ name }) => name)} known={touches !== null} />
      </td>
      <td className={s.caller}>
        <Names all={incident.callers} known={touches !== null} />
      </td>
      <td className={s.touches}>{touches ?? "?"}</td>
      <td className={s.owner}>
        {owner === null ? <span className={s.none}>Nobody yet</span> : <OutsideText>{owner}</OutsideText>}
      </td>
      <td className={s.created}>
        <time dateTime={createdAt} title={bothTimes(createdAt)}>
          {ageOf(createdAt, now)}
        </time>
      </td>
    </tr>
  );
});

/** Which operations on which honeytokens, as far as a line has room. */
function About({ incident: { operations, decoys } }: { incident: Incident }) {
  if (operations.length === 0) return null;
  return (
    <>
      {" · "}
      <OutsideText>{operations.join(", ")}</OutsideText>
      {decoys.length > 0 && (
        <>
          {" on "}
          <OutsideText>{decoys.join(", ")}</OutsideText>
        </>
      )}
    </>
  );
}

/** The first name, and how many more there are. */
function Names({ all, known }: { all: readonly string[]; known: boolean }) {
  const [first, ...others] = all;
  if (first === undefined) return <span className={s.none}>{known ? "none" : "not known"}</span>;
  return (
    <span className={s.names}>
      <OutsideText>{first}</OutsideText>
      {others.length > 0 && <span className={s.more}> and {others.length} more</span>}
    </span>
  );
}

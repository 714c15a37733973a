"use client";
import Link from "next/link";
import { bothTimes, LocalTime } from "@/components/ui/age";
import { Badge } from "@/components/ui/state-badge";
import { DRILL_PROBLEM_WORDS } from "@/lib/drills/drill-words.pure";
import type { DrillView } from "@/lib/drills/drills.pure";
import { DECISION_WORDS, drillLook, durationWords, provenWords } from "./drill-words";
import s from "./drills.module.css";

/** A drill that has ended: when, by whom, what was proven, and what became of its incident. */
export function DrillEntry({ drill }: { drill: DrillView }) {
  const incidentAfter = drill.stages.at(-1)?.after ?? null;
  return (
    <li className={s.entry}>
      <div className={s.entryHead}>
        <LocalTime at={drill.requestedAt} />
        <Badge look={drillLook(drill)} />
        <span className={s.by}>{drill.by === null ? "by the schedule" : `by ${drill.by}`}</span>
      </div>
      <p>
        {provenWords(drill)}
        {incidentAfter !== null && `, after ${durationWords(incidentAfter)}`}.
        {drill.repeats && " It repeats one that was lost without a trace."}
      </p>
      <DrillRight drill={drill} />
      <DrillProblemWords drill={drill} />
      <IncidentWords drill={drill} />
    </li>
  );
}

const RIGHTS: Record<NonNullable<DrillView["right"]>, string> = {
  intended: "The right to read is being given.",
  given: "The right to read is given; Azure takes up to ten minutes until it works.",
  revoking: "The right to read is being taken back.",
  revoked: "The right to read was taken back.",
};

/** What has become of the right that was given for a permitted read. */
export function DrillRight({ drill: { right } }: { drill: DrillView }) {
  return right && <p className={s.note}>{RIGHTS[right]}</p>;
}

/** What went wrong, and what to do. */
export function DrillProblemWords({ drill }: { drill: DrillView }) {
  if (drill.problem === null) return null;
  const { sentence, fix } = DRILL_PROBLEM_WORDS[drill.problem];
  return (
    <p className={s.problem}>
      {sentence} {fix}
    </p>
  );
}

/** The incident of a drill, for those who may open it. */
export function IncidentWords({ drill }: { drill: DrillView }) {
  const { incident } = drill;
  if (!incident) return null;
  const { name, number, decision, reason, lookAgainAt, lookedAgainAt } = incident;
  return (
    <p className={s.incident}>
      <Link href={`/incidents/${encodeURIComponent(name)}`} prefetch={false}>
        Incident {number ?? ""}
      </Link>
      {decision !== null && <span {...(reason !== null && { title: reason })}>{` ${DECISION_WORDS[decision]}`}</span>}
      {lookAgainAt !== null && <span title={bothTimes(lookAgainAt)}>, looked at again soon</span>}
      {lookedAgainAt !== null && <span title={bothTimes(lookedAgainAt)}>, looked at again since</span>}
    </p>
  );
}

import type { ReactNode } from "react";
import { Notice } from "@/components/ui/notice";
import type { Problem } from "@/lib/incidents/incident.pure";
import s from "./incident.module.css";

type Answer<T> = { ok: true; rows: T[]; more: boolean; partial: Problem | null } | { ok: false; problem: Problem };

interface PartProps<T> {
  part: Answer<T>;
  /** When it holds nothing. */
  empty: string;
  /** When there is more than is shown. */
  more: string;
  children: (rows: T[]) => ReactNode;
}

/** A part of the page that may have failed, or may hold only some of it: that is said beside what is there. */
export function Part<T>({ part, empty, more, children }: PartProps<T>) {
  if (!part.ok) return <ProblemNote title="This part could not be read" problem={part.problem} />;
  return (
    <>
      {part.partial && <ProblemNote title="Some of it is missing" problem={part.partial} />}
      {part.more && <p className={s.note}>{more}</p>}
      {part.rows.length === 0 ? <p className={s.none}>{empty}</p> : children(part.rows)}
    </>
  );
}

export function ProblemNote({ title, problem }: { title: string; problem: Problem }) {
  return (
    <div className={s.inset}>
      <Notice intent="warning" title={title}>
        {[problem.message, problem.fix].filter(Boolean).join(" ")}
      </Notice>
    </div>
  );
}

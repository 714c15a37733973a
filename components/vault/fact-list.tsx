import { CheckmarkCircleFilled, ClockFilled, DismissCircleFilled, QuestionCircleFilled } from "@fluentui/react-icons";
import type { ComponentType } from "react";
import { Age } from "@/components/ui/age";
import type { VaultDetail } from "@/lib/coverage/board.pure";
import type { Outcome } from "@/lib/coverage/facts.pure";
import { FACT_TITLES, reasonText } from "@/lib/coverage/reasons.pure";
import s from "./fact-list.module.css";

export type FactView = VaultDetail["facts"][number];

const OUTCOMES: Record<Outcome, { word: string; icon: ComponentType<{ "aria-hidden"?: boolean }> }> = {
  pass: { word: "Yes", icon: CheckmarkCircleFilled },
  waiting: { word: "Waiting", icon: ClockFilled },
  fail: { word: "No", icon: DismissCircleFilled },
  unknown: { word: "Unknown", icon: QuestionCircleFilled },
};

interface FactListProps {
  facts: readonly FactView[];
  /** Where on this page a fact can be put right by this person: a fragment, or null. */
  whereToFix?: (fact: FactView) => string | null;
}

/** The facts behind a vault's state: outcome, what was seen and when, and what to do about it. */
export function FactList({ facts, whereToFix }: FactListProps) {
  return (
    <ul className={s.facts}>
      {facts.map((fact) => (
        <FactItem key={fact.name} fact={fact} here={whereToFix?.(fact) ?? null} />
      ))}
    </ul>
  );
}

function FactItem({ fact, here }: { fact: FactView; here: string | null }) {
  const { word, icon: Icon } = OUTCOMES[fact.outcome];
  const { sentence, fix } = reasonText(fact.reason);
  // Where nothing more was seen than the sentence says, it is said once.
  const evidence = fact.evidence === sentence ? "" : fact.evidence;
  return (
    <li className={s.fact}>
      <span className={s.outcome} data-outcome={fact.outcome}>
        <Icon aria-hidden />
        {word}
      </span>
      <div className={s.words}>
        <h3 className={s.title}>{FACT_TITLES[fact.name]}</h3>
        <p>{sentence}</p>
        {(evidence || fact.checkedAt !== null) && (
          <p className={s.evidence}>
            {evidence}
            {evidence && fact.checkedAt !== null && " · "}
            {fact.checkedAt !== null && (
              <>
                checked <Age at={fact.checkedAt} />
              </>
            )}
          </p>
        )}
        {fix && fact.outcome !== "pass" && <p className={s.fix}>{here ? <a href={here}>{fix}</a> : fix}</p>}
      </div>
    </li>
  );
}

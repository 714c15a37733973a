"use client";
import { CheckmarkCircleFilled, CircleRegular, SpinnerIosRegular } from "@fluentui/react-icons";
import { useEffect, useState } from "react";
import { bothTimes } from "@/components/ui/age";
import { STAGE_TITLES } from "@/lib/drills/drill-words.pure";
import type { DrillView } from "@/lib/drills/drills.pure";
import { durationWords } from "./drill-words";
import s from "./drills.module.css";

/** The four stages of a drill with their clocks; the one that is waited for counts up. */
export function DrillStages({ drill }: { drill: DrillView }) {
  const touchedAt = drill.stages[0]?.at ?? null;
  const next = drill.endedAt === null ? drill.stages.find(({ at }) => at === null)?.stage : undefined;
  return (
    <ol className={s.stages} aria-label="Stages of the drill">
      {drill.stages.map(({ stage, at, after }) => (
        <li key={stage} className={s.stage} data-state={at !== null ? "done" : stage === next ? "next" : "open"}>
          {at !== null ? (
            <CheckmarkCircleFilled aria-hidden />
          ) : stage === next ? (
            <SpinnerIosRegular aria-hidden />
          ) : (
            <CircleRegular aria-hidden />
          )}
          <span>{STAGE_TITLES[stage]}</span>
          <span className={s.clock}>
            {at !== null ? (
              <time dateTime={at} title={bothTimes(at)}>
                {stage === "touch" || after === null ? "0 s" : durationWords(after)}
              </time>
            ) : stage === next ? (
              <Elapsed since={touchedAt ?? drill.notBefore} />
            ) : drill.endedAt === null ? (
              "not yet"
            ) : (
              "not reached"
            )}
          </span>
        </li>
      ))}
    </ol>
  );
}

/** A clock that counts up. Not read out: the stages themselves are. */
function Elapsed({ since }: { since: string }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  const waited = now - Date.parse(since);
  return <span>{waited < 0 ? "not yet" : `waiting, ${durationWords(waited)}`}</span>;
}

"use client";
import { Button } from "@fluentui/react-components";
import { useState } from "react";
import { Age } from "@/components/ui/age";
import { FailureNotice } from "@/components/ui/failure-notice";
import { Card, Page } from "@/components/ui/page";
import { plural } from "@/components/ui/plural";
import { Badge } from "@/components/ui/state-badge";
import { Wait } from "@/components/ui/wait";
import { isOpen, type RunSummary } from "@/lib/setup/run.pure";
import { PlanCard } from "./plan-card";
import { RunCard } from "./run-card";
import s from "./setup-run.module.css";
import { type RunAction, type StartAction, useRuns } from "./use-setup-run";
import { RUN_LOOKS } from "./words";

const TRAIL = [{ href: "/setup", name: "Set-up" }];

/** What setting up would write, carrying it out, and what was carried out before. */
export function SetupRunPage({ start, resume, cancel }: { start: StartAction; resume: RunAction; cancel: RunAction }) {
  const runs = useRuns();
  const [chosen, setChosen] = useState<string>();
  const open = runs.data?.runs.find(isOpen);
  const shown = chosen ?? open?.id;
  return (
    <Page
      title="Set up for me"
      lead="Writes what is missing, step by step, in your name. What is right stays untouched, so that it can be pressed again."
      trail={TRAIL}
    >
      {runs.isPending && <Wait>Reading the runs</Wait>}
      {runs.isError && <FailureNotice error={runs.error} onRetry={() => runs.refetch()} />}
      {runs.data && (
        <>
          {shown !== undefined && (
            <RunCard key={shown} id={shown} mayRun={runs.data.mayRun} resume={resume} cancel={cancel} />
          )}
          {/* While something is written, a plan made before says what is no longer so. */}
          {open === undefined && runs.data.mayRun && <PlanCard start={start} onStarted={setChosen} />}
          {!runs.data.mayRun && <p>An administrator of this product can have it set up here.</p>}
          <Runs runs={runs.data.runs} onChoose={setChosen} />
        </>
      )}
    </Page>
  );
}

function Runs({ runs, onChoose }: { runs: readonly RunSummary[]; onChoose: (id: string) => void }) {
  if (runs.length === 0) return null;
  return (
    <Card title="Runs">
      <div className={s.body}>
        <ul className={`${s.list} ${s.runs}`}>
          {runs.map(({ id, state, by, createdAt, counts }) => (
            <li key={id}>
              <Badge look={RUN_LOOKS[state]} />
              <span>
                {by}, <Age at={createdAt} />, {plural(counts.written ?? 0, "step")} written
              </span>
              <Button
                size="small"
                aria-label={`Show the run of ${by}, ${createdAt.slice(0, 16).replace("T", " ")} UTC`}
                onClick={() => onChoose(id)}
              >
                Show
              </Button>
            </li>
          ))}
        </ul>
      </div>
    </Card>
  );
}

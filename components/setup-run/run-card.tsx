"use client";
import { Button, ProgressBar } from "@fluentui/react-components";
import { useEffect } from "react";
import { useAction } from "@/components/api/use-action";
import { Age } from "@/components/ui/age";
import { FailureNotice } from "@/components/ui/failure-notice";
import { Notice } from "@/components/ui/notice";
import { Card } from "@/components/ui/page";
import { Badge } from "@/components/ui/state-badge";
import { Wait } from "@/components/ui/wait";
import { isOpen, type SetupRun } from "@/lib/setup/run.pure";
import s from "./setup-run.module.css";
import { type RunAction, useRefreshRuns, useRun } from "./use-setup-run";
import { RUN_LOOKS, STEP_LOOKS } from "./words";

interface RunCardProps {
  id: string;
  mayRun: boolean;
  resume: RunAction;
  cancel: RunAction;
}

/** One run: how far it is, what each step came to, and stopping or going on with it. */
export function RunCard({ id, mayRun, resume, cancel }: RunCardProps) {
  const run = useRun(id);
  const refresh = useRefreshRuns();
  const ended = run.data !== undefined && !isOpen(run.data);
  // What it wrote is in the checks, in the list of runs and in the next plan from then on.
  useEffect(() => {
    if (ended) void refresh();
  }, [ended, refresh]);
  return (
    <Card title="Steps of the run">
      <div className={s.body}>
        {run.isPending && <Wait>Reading how far it is</Wait>}
        {run.isError && <FailureNotice error={run.error} onRetry={() => run.refetch()} />}
        {run.data && (
          <>
            <Head run={run.data} />
            {mayRun && isOpen(run.data) && <Controls run={run.data} resume={resume} cancel={cancel} />}
            <ol aria-label="Steps" className={s.list}>
              {run.data.steps.map(({ id: step, title, state, detail }) => (
                <li key={step} className={s.step}>
                  <span>
                    <Badge look={STEP_LOOKS[state]} />
                  </span>
                  <div className={s.words}>
                    <span className={s.title}>{title}</span>
                    {detail !== "" && <span>{detail}</span>}
                  </div>
                </li>
              ))}
            </ol>
          </>
        )}
      </div>
    </Card>
  );
}

function Head({ run }: { run: SetupRun }) {
  const { queued = 0, running = 0, failed = 0 } = run.counts;
  const total = run.steps.length;
  const ended = total - queued - running;
  const words = `${ended} of ${total} steps ended${failed > 0 ? `, ${failed} failed` : ""}`;
  return (
    <>
      <p className={s.buttons} role="status">
        <Badge look={RUN_LOOKS[run.state]} />
        <span>
          {words}. Started by {run.by} <Age at={run.createdAt} />.
        </span>
      </p>
      {isOpen(run) && <ProgressBar aria-label={words} value={ended} max={total} />}
      {run.note !== null && (
        <Notice intent="warning" title="It waits for a person">
          <p>{run.note}</p>
        </Notice>
      )}
      {run.state === "partly" && (
        <Notice intent="error" title="Done in part">
          <p>
            What is said to be written stays. Put right what failed and look at the plan again: only the rest is done.
          </p>
        </Notice>
      )}
    </>
  );
}

function Controls({ run, resume, cancel }: { run: SetupRun } & Pick<RunCardProps, "resume" | "cancel">) {
  const refresh = useRefreshRuns();
  const resuming = useAction(resume, refresh);
  const cancelling = useAction(cancel, refresh);
  const failed = resuming.error ?? cancelling.error;
  return (
    <>
      {failed && <FailureNotice error={failed} />}
      <div className={s.buttons}>
        {run.state === "waiting" && (
          <Button appearance="primary" disabled={resuming.isPending} onClick={() => resuming.mutate({ id: run.id })}>
            Go on
          </Button>
        )}
        <Button disabled={run.cancelling || cancelling.isPending} onClick={() => cancelling.mutate({ id: run.id })}>
          {run.cancelling ? "Stops after this step" : "Cancel"}
        </Button>
      </div>
    </>
  );
}

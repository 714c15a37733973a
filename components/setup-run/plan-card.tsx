"use client";
import { Button } from "@fluentui/react-components";
import { ArrowClockwiseRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { useAction } from "@/components/api/use-action";
import { Age } from "@/components/ui/age";
import { ConfirmedButton } from "@/components/ui/confirmed-button";
import { FailureNotice } from "@/components/ui/failure-notice";
import { Card } from "@/components/ui/page";
import { plural } from "@/components/ui/plural";
import { Wait } from "@/components/ui/wait";
import { type SetupChoice, type SetupPlan, stepsToWrite } from "@/lib/setup/run.pure";
import { ChoiceFields } from "./choice-fields";
import { PlanList, RemainingList } from "./plan-list";
import s from "./setup-run.module.css";
import { isSame, type StartAction, usePlan, useRefreshRuns } from "./use-setup-run";

interface PlanCardProps {
  start: StartAction;
  onStarted: (id: string) => void;
}

/** One button that says what would be written; then, after a look at it, one that has it written. */
export function PlanCard({ start, onStarted }: PlanCardProps) {
  const [choice, setChoice] = useState<SetupChoice | undefined>({});
  const [asked, setAsked] = useState<SetupChoice>();
  const plan = usePlan(asked);
  // A plan for another choice than the one that is to be seen must not be written.
  const shown = isSame(asked, choice) ? plan : undefined;
  return (
    <Card title="What is missing">
      <div className={s.body}>
        <p className={s.note}>
          First you see what would be written where, and with which of your rights. Nothing is written before you
          confirm.
        </p>
        <ChoiceFields onChoice={setChoice} />
        <div className={s.buttons}>
          {shown ? (
            <Button icon={<ArrowClockwiseRegular />} disabled={shown.isFetching} onClick={() => shown.refetch()}>
              {shown.isFetching ? "Looking…" : "Look again"}
            </Button>
          ) : (
            <Button appearance="primary" disabled={choice === undefined} onClick={() => setAsked(choice)}>
              Set up for me
            </Button>
          )}
          {shown?.data && (
            <span className={s.note}>
              Looked at <Age at={shown.data.readAt} />.
            </span>
          )}
        </div>
        {shown?.isPending && <Wait>Asking Azure what is missing</Wait>}
        {shown?.isError && <FailureNotice error={shown.error} onRetry={() => shown.refetch()} />}
        {shown?.data && asked && (
          <Preview plan={shown.data} choice={asked} start={start} looking={shown.isFetching} onStarted={onStarted} />
        )}
      </div>
    </Card>
  );
}

function stepsWords(steps: SetupPlan["steps"], due: number): string {
  if (!steps.some(({ state }) => state === "to_do")) return "There is nothing to do.";
  return due === 0 ? "Every step is left out." : plural(due, "step");
}

interface PreviewProps extends PlanCardProps {
  plan: SetupPlan;
  choice: SetupChoice;
  /** It is being looked at anew. */
  looking: boolean;
}

function Preview({ plan, choice, looking, start, onStarted }: PreviewProps) {
  const refresh = useRefreshRuns();
  const starting = useAction(start, ({ id }) => {
    onStarted(id);
    return refresh();
  });
  const [leftOut, setLeftOut] = useState<ReadonlySet<string>>(new Set());
  const due = stepsToWrite(plan.steps, leftOut);
  const order = () => starting.mutate({ choice, seen: plan.seen, ...(leftOut.size > 0 && { leaveOut: [...leftOut] }) });
  return (
    <>
      <PlanList
        steps={plan.steps}
        written={new Set(due.map(({ id }) => id))}
        leftOut={leftOut}
        onLeaveOut={setLeftOut}
      />
      <RemainingList remaining={plan.remaining} />
      {starting.isError && <FailureNotice error={starting.error} />}
      <div className={s.buttons}>
        <ConfirmedButton
          appearance="primary"
          label={starting.isPending ? "Starting…" : "Write what is missing"}
          disabled={looking || due.length === 0 || starting.isPending}
          title="Set up"
          confirm="Write"
          onConfirm={order}
        >
          <p>This is written in your name; what is right already stays untouched:</p>
          <ul>
            {due.map(({ id, title, where }) => (
              <li key={id}>
                {title}: {where}
              </li>
            ))}
          </ul>
        </ConfirmedButton>
        <span className={s.note}>{stepsWords(plan.steps, due.length)}</span>
      </div>
    </>
  );
}

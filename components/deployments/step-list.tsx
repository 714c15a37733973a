import {
  CheckmarkCircleFilled,
  CircleRegular,
  DismissCircleFilled,
  SubtractCircleRegular,
} from "@fluentui/react-icons";
import type { ReactNode } from "react";
import { Age } from "@/components/ui/age";
import { plural } from "@/components/ui/plural";
import { Ring } from "@/components/ui/wait";
import type { DeploymentView } from "@/lib/deployments/views.pure";
import s from "./step-list.module.css";

export type Item = DeploymentView["items"][number];
type Step = Item["steps"][number];

const STATES: Record<Step["state"], { word: string; icon: ReactNode }> = {
  pending: { word: "Not started", icon: <CircleRegular aria-hidden /> },
  running: { word: "Running", icon: <Ring /> },
  done: { word: "Done", icon: <CheckmarkCircleFilled aria-hidden /> },
  failed: { word: "Failed", icon: <DismissCircleFilled aria-hidden /> },
  skipped: { word: "Not needed", icon: <SubtractCircleRegular aria-hidden /> },
};

/** The steps of one vault's deployment, in order, with what each did or waits for. */
export function StepList({ steps }: { steps: readonly Step[] }) {
  return (
    <ol className={s.steps}>
      {steps.map((step) => (
        <li key={step.name} className={s.step} data-state={step.state}>
          <span className={s.icon}>{STATES[step.state].icon}</span>
          <div className={s.words}>
            <span className={s.title}>{step.title}</span>
            {step.detail && <span className={s.detail}>{step.detail}</span>}
          </div>
          <span className={s.state}>
            {STATES[step.state].word}
            {step.endedAt && (
              <>
                {" "}
                <Age at={step.endedAt} />
              </>
            )}
          </span>
        </li>
      ))}
    </ol>
  );
}

/** Whether something was done there, or may still be, so that the steps say something. */
export function hasSteps({ state }: Pick<Item, "state">): boolean {
  return state !== "skipped" && state !== "blocked";
}

/** What of its deployment an item's own sentence rests on. */
type Frame = Pick<DeploymentView, "state" | "spreadHours">;

/** One sentence on how far an item is; read out as it changes. */
export function progressSentence(item: Pick<Item, "state" | "steps">, deployment: Frame): string {
  switch (item.state) {
    case "planned":
      return "Planned: nothing has been done yet.";
    case "blocked":
      return "Blocked: nothing is done in this vault.";
    case "skipped":
      return "Skipped: nothing is done in this vault.";
    case "queued":
      return queuedSentence(deployment);
    case "done":
      return "Done: every step is finished.";
    case "failed":
      return "Stopped. What was already done is listed below.";
    case "needs_person":
      return "Stopped: a person has to decide.";
    case "cancelled":
      return "Cancelled: whatever had been begun was taken back.";
    default:
      return runningSentence(item.steps);
  }
}

function queuedSentence({ state, spreadHours }: Frame): string {
  if (state === "paused") return "Queued: its deployment is paused.";
  if (spreadHours > 0)
    return `Queued: it waits for its own moment; writing is spread over ${plural(spreadHours, "hour")}.`;
  return "Queued: it starts as soon as a worker is free.";
}

function runningSentence(steps: readonly Step[]): string {
  const finished = steps.filter((step) => step.state === "done" || step.state === "skipped").length;
  const running = steps.find((step) => step.state === "running");
  return `${finished} of ${steps.length} steps done.${running ? ` Now: ${running.title}.` : ""}`;
}

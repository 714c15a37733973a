import {
  CheckmarkCircleFilled,
  CircleRegular,
  DismissCircleFilled,
  SubtractCircleRegular,
} from "@fluentui/react-icons";
import type { ReactNode } from "react";
import { Age } from "@/components/ui/age";
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

/** One sentence on how far an item is; read out as it changes. */
export function progressSentence(item: Item): string {
  const finished = item.steps.filter((step) => step.state === "done" || step.state === "skipped").length;
  const running = item.steps.find((step) => step.state === "running");
  if (item.state === "queued") return "Queued: it starts as soon as a worker is free.";
  if (item.state === "done") return "Done: every step is finished.";
  if (item.state === "failed") return "Stopped. What was already done is listed below.";
  if (item.state === "needs_person") return "Stopped: a person has to decide.";
  return `${finished} of ${item.steps.length} steps done.${running ? ` Now: ${running.title}.` : ""}`;
}

"use client";
import { PassingButton } from "@/components/ui/passing-button";
import type { DeploymentView } from "@/lib/deployments/views.pure";
import { CancelButton } from "./cancel-button";
import s from "./deployment.module.css";
import { ExportButtons } from "./export-buttons";
import { RetryButton } from "./retry-button";
import type { ControlName, useControl } from "./use-control";

export type Control = ReturnType<typeof useControl>;

interface ControlsProps {
  deployment: DeploymentView;
  control: Control;
}

/** What can be done with the deployment as it stands, and its export. */
export function Controls({ deployment, control }: ControlsProps) {
  const { id, state, may, counts, total } = deployment;
  const button = (name: Exclude<ControlName, "retry">, words: string) => (
    <PassingButton disabled={control.isPending} onClick={() => control.mutate(name)}>
      {words}
    </PassingButton>
  );
  return (
    <div className={s.buttons}>
      {/* One button, which keeps the focus: each of the two stands where the other stood. */}
      {may.resume ? button("resume", "Resume") : may.pause && button("pause", "Pause")}
      {may.cancel && (
        <CancelButton
          disabled={control.isPending}
          running={counts.running}
          onConfirm={() => control.mutate("cancel")}
        />
      )}
      {may.retry && (
        <RetryButton
          deployment={deployment}
          disabled={control.isPending}
          onConfirm={(typed) => control.mutate({ retry: { typed } })}
        />
      )}
      {may.discard && button("discard", "Discard this plan")}
      {may.stopSchedule && button("stopSchedule", "Write no further versions")}
      {state !== "planning" && total !== 1 && <ExportButtons id={id} />}
    </div>
  );
}

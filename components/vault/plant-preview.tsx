"use client";
import { Button } from "@fluentui/react-components";
import type { Action } from "@/components/api/use-action";
import { usePreview } from "@/components/api/use-vault";
import { FailureNotice } from "@/components/ui/failure-notice";
import { Notice, Sentences } from "@/components/ui/notice";
import { Wait } from "@/components/ui/wait";
import type { PlantRequest, PlantPreview as Preview } from "@/lib/deployments/plan.pure";
import s from "./plant.module.css";

export type PreviewNamed = Action<PlantRequest, Preview>;

interface PlantPreviewProps {
  request: PlantRequest;
  previewNamed: PreviewNamed;
  planting: boolean;
  /** Why the confirmed request was refused. */
  failure: unknown;
  onConfirm: () => void;
  /** The person takes the risk that stands against it. */
  onAccept: () => void;
  onChange: () => void;
}

/** "2 honeytoken secrets": what is about to be planted. */
export function plantedThings({ kind, count }: Pick<PlantRequest, "kind" | "count">): string {
  return `${count} honeytoken ${kind}${count === 1 ? "" : "s"}`;
}

/** What would happen, step by step, before anything is written. */
export function PlantPreview(props: PlantPreviewProps) {
  const { request, previewNamed, planting, failure, onConfirm, onAccept, onChange } = props;
  const preview = usePreview(request, previewNamed);
  if (preview.isPending) return <Wait>Working out the steps</Wait>;
  return (
    <div className={s.form}>
      {preview.isError ? (
        <FailureNotice error={preview.error} onRetry={() => preview.refetch()} />
      ) : (
        <PreviewBody preview={preview.data} request={request} />
      )}
      {failure !== null && <FailureNotice error={failure} />}
      <div className={s.buttons}>
        {preview.isSuccess && preview.data.blocked.length === 0 && (
          <Button appearance="primary" disabled={planting} onClick={onConfirm}>
            {planting ? "Starting…" : `Plant ${plantedThings(request)}`}
          </Button>
        )}
        {preview.isSuccess && preview.data.acceptable && <Button onClick={onAccept}>Accept this risk</Button>}
        <Button disabled={planting} onClick={onChange}>
          Change
        </Button>
      </div>
    </div>
  );
}

function PreviewBody({ preview, request }: { preview: Preview; request: PlantRequest }) {
  if (preview.blocked.length > 0) {
    return (
      <Notice urgent intent="error" title={preview.acceptable ? "This is a risk" : "This cannot be planted"}>
        <Sentences all={preview.blocked} />
      </Notice>
    );
  }
  return (
    <>
      {preview.warnings.length > 0 && (
        <Notice intent="warning" title="Before you go on">
          <Sentences all={preview.warnings} />
        </Notice>
      )}
      <p>To plant {plantedThings(request)}, this will happen, in this order:</p>
      <ol className={s.plan}>
        {preview.steps.map((step) => (
          <li key={step.name}>
            <span className={s.stepTitle}>{step.title}</span>
            {step.detail && <span className={s.stepDetail}>{step.detail}</span>}
          </li>
        ))}
      </ol>
    </>
  );
}

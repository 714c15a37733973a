"use client";
import { Field, Input } from "@fluentui/react-components";
import { useMemo, useState } from "react";
import { useAction } from "@/components/api/use-action";
import { useBoard } from "@/components/api/use-board";
import { ConfirmedButton } from "@/components/ui/confirmed-button";
import { FailureNotice } from "@/components/ui/failure-notice";
import { fieldProblem } from "@/components/ui/field-problem";
import { Notice, Sentences } from "@/components/ui/notice";
import type { BoardRow } from "@/lib/coverage/board.pure";
import { type DeployOutcome, DeployRequest, type ScopeView, STEPS } from "@/lib/distribution/deploy.pure";
import s from "./recommendation.module.css";
import { OutcomeList } from "./step-list";
import { type DeployRecommendation, useRefreshScope } from "./use-recommendation";

interface DeployFormProps {
  inUse: boolean;
  scope: string;
  view: ScopeView;
  deploy: DeployRecommendation;
}

/** Deploys what is missing, after saying what that is; then what came of it, part by part. */
export function DeployForm({ inUse, scope, view, deploy }: DeployFormProps) {
  const { data: board } = useBoard();
  const usual = useMemo(() => usualLocation(board?.vaults ?? []), [board]);
  const [typed, setTyped] = useState<string>();
  const [problem, setProblem] = useState<string>();
  const refresh = useRefreshScope();
  const deploying = useAction(deploy, refresh);
  const location = typed ?? usual;
  const due = view.steps.filter(({ state }) => state === "missing" || state === "differs");

  const start = () => {
    const parsed = DeployRequest.shape.location.safeParse(location);
    setProblem(parsed.success ? undefined : parsed.error.issues[0]?.message);
    if (parsed.success) deploying.mutate({ scope, location: parsed.data });
  };
  return (
    <>
      {view.missingRights.length > 0 && (
        <Notice intent="warning" title="You lack rights here">
          <Sentences all={view.missingRights} />
        </Notice>
      )}
      {!inUse && <p className={s.note}>It can be deployed when its names are saved and it is in use.</p>}
      <Field
        label="Region of the tag policy's identity"
        hint="Azure keeps the identity there; it changes nothing about the vaults."
        {...fieldProblem(problem)}
      >
        <Input className={s.short} value={location} onChange={(_, data) => setTyped(data.value)} autoComplete="off" />
      </Field>
      {deploying.isError && <FailureNotice error={deploying.error} />}
      {deploying.isSuccess && <Outcome outcome={deploying.data} />}
      <div className={s.buttons}>
        <ConfirmedButton
          appearance="primary"
          label={deploying.isPending ? "Deploying…" : "Deploy what is missing"}
          disabled={!inUse || due.length === 0 || deploying.isPending}
          title="Deploy the recommendation"
          confirm="Deploy"
          onConfirm={start}
        >
          <p>This is written in your name; what is right already stays untouched:</p>
          <ul className={s.list}>
            {due.map(({ name }) => (
              <li key={name}>{STEPS.find((step) => step.name === name)?.title}</li>
            ))}
          </ul>
          <p>Vaults get a tag and owners a recommendation. No vault is changed otherwise, and nothing is denied.</p>
        </ConfirmedButton>
        {due.length === 0 && <span className={s.note}>Nothing is missing that could be deployed now.</span>}
      </div>
    </>
  );
}

function Outcome({ outcome: { steps } }: { outcome: DeployOutcome }) {
  const failed = steps.some(({ outcome }) => outcome === "failed");
  return (
    <>
      <Notice urgent={failed} intent={failed ? "error" : "success"} title={failed ? "Deployed in part" : "Deployed"}>
        {failed
          ? "What is said to be written stays. Put right what failed and deploy again: only what is missing will be done."
          : "Azure looks at the vaults within half an hour, and then once a day."}
      </Notice>
      <OutcomeList steps={steps} />
    </>
  );
}

/** Where most vaults are; empty while none is known. */
function usualLocation(vaults: readonly Pick<BoardRow, "location">[]): string {
  const counts = new Map<string, number>();
  for (const { location } of vaults) counts.set(location, (counts.get(location) ?? 0) + 1);
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0] ?? "";
}

"use client";
import { useDeployment } from "@/components/api/use-deployments";
import { LocalTime } from "@/components/ui/age";
import { DeploymentBadge } from "@/components/ui/deployment-badge";
import { FailureNotice } from "@/components/ui/failure-notice";
import { Notice } from "@/components/ui/notice";
import { Page } from "@/components/ui/page";
import { plural } from "@/components/ui/plural";
import { Wait } from "@/components/ui/wait";
import type { DeploymentView } from "@/lib/deployments/views.pure";
import { Approval } from "./approval";
import { Controls } from "./controls";
import s from "./deployment.module.css";
import { ItemTable } from "./item-table";
import { PlanTotals } from "./plan-totals";
import { PlanningProgress } from "./planning-progress";
import { RunProgress } from "./run-progress";
import { StartForm } from "./start-form";
import { type DeploymentActions, useControl } from "./use-control";
import { VaultItem } from "./vault-item";
import { titleOf } from "./words";

const TRAIL = [{ href: "/deployments", name: "Deployments" }];

interface DeploymentPageProps {
  id: string;
  actions: DeploymentActions;
}

/** One deployment: being planned, as a plan, under way, or ended; in one vault step by step. */
export function DeploymentPage({ id, actions }: DeploymentPageProps) {
  const deployment = useDeployment(id);
  const control = useControl(id, actions);
  const { data } = deployment;
  return (
    <Page
      title={data ? titleOf(data) : "Deployment"}
      trail={TRAIL}
      badge={data && <DeploymentBadge state={data.state} />}
      lead={data && <Lead deployment={data} />}
      actions={data && <Controls deployment={data} control={control} />}
    >
      {deployment.isError && <FailureNotice error={deployment.error} onRetry={() => deployment.refetch()} />}
      {control.isError && <FailureNotice error={control.error} />}
      {deployment.isPending && <Wait>Reading the deployment</Wait>}
      {data && (
        <>
          {data.problem && (
            <Notice intent="error" title={data.state === "cancelled" ? "Why it was ended" : "What went wrong"}>
              {data.problem}
            </Notice>
          )}
          <Approval deployment={data} control={control} />
          <Stage deployment={data} actions={actions} />
          <Vaults deployment={data} />
        </>
      )}
    </Page>
  );
}

function Lead({ deployment }: { deployment: DeploymentView }) {
  const { requestedBy, createdAt, endedAt, chosen, total, scheduled } = deployment;
  return (
    <>
      Requested by {requestedBy}, <LocalTime at={createdAt} />
      {endedAt !== null && (
        <>
          ; ended <LocalTime at={endedAt} />
        </>
      )}
      {total !== 1 && `. ${chosen}.`}
      {scheduled > 0 && <> {plural(scheduled, "honeytoken")} of it will still get further versions.</>}
    </>
  );
}

/** What stands above the vaults, by the state that the deployment is in. */
function Stage({ deployment, actions }: { deployment: DeploymentView; actions: DeploymentActions }) {
  const { state, totals, may, total } = deployment;
  if (state === "planning") return <PlanningProgress deployment={deployment} />;
  if (state === "planned" || state === "awaiting_approval") {
    return (
      <>
        {totals && <PlanTotals deployment={deployment} totals={totals} />}
        {may.start && <StartForm deployment={deployment} actions={actions} />}
      </>
    );
  }
  return (
    <>
      {total !== 1 && <RunProgress deployment={deployment} />}
      {totals && (
        <details className={s.planned}>
          <summary>What was planned</summary>
          <PlanTotals deployment={deployment} totals={totals} />
        </details>
      )}
    </>
  );
}

function Vaults({ deployment }: { deployment: DeploymentView }) {
  const { total, items, leftOut } = deployment;
  return (
    <>
      {leftOut > 0 && (
        <p>
          {plural(leftOut, "vault")} of this deployment that you may not read in Azure {leftOut === 1 ? "is" : "are"}{" "}
          not shown. Counts and totals are those of the whole.
        </p>
      )}
      {total === 1 && items.map((item) => <VaultItem key={item.vaultId} item={item} deployment={deployment} />)}
      {total > 1 && <ItemTable deployment={deployment} />}
    </>
  );
}

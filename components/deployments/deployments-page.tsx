"use client";
import Link from "next/link";
import { useDeployments } from "@/components/api/use-deployments";
import { LocalTime } from "@/components/ui/age";
import { DeploymentBadge } from "@/components/ui/deployment-badge";
import { EmptyState } from "@/components/ui/empty-state";
import { FailureNotice } from "@/components/ui/failure-notice";
import { Notice } from "@/components/ui/notice";
import { Page } from "@/components/ui/page";
import { formatNumber, plural } from "@/components/ui/plural";
import { Wait } from "@/components/ui/wait";
import type { DeploymentList } from "@/lib/deployments/views.pure";
import s from "./deployments-page.module.css";
import { OPERATION_WORDS } from "./words";

/** Every deployment that the signed-in person may see, newest first; those that wait for this person before all. */
export function DeploymentsPage() {
  const list = useDeployments();
  return (
    <Page title="Deployments" lead="What is planned, planted and removed, by whom, and how far it is.">
      {list.isError && <FailureNotice error={list.error} onRetry={() => list.refetch()} />}
      {list.isPending && <Wait>Reading the deployments</Wait>}
      {list.data &&
        (list.data.deployments.length === 0 ? (
          <EmptyState
            title={list.data.ownOnly ? "You have started no deployment yet" : "Nothing has been planted yet"}
            action={<Link href="/vaults">Choose vaults</Link>}
          >
            Open a vault that is not protected and plant a honeytoken, or select several on the board and make a plan;
            its deployment then appears here.
            {list.data.ownOnly && " What others started is shown on each vault's page."}
          </EmptyState>
        ) : (
          <Deployments deployments={list.data.deployments} />
        ))}
    </Page>
  );
}

function Deployments({ deployments }: Pick<DeploymentList, "deployments">) {
  const waiting = deployments.filter(({ awaitsYou }) => awaitsYou);
  const others = deployments.filter(({ awaitsYou }) => !awaitsYou);
  return (
    <>
      {waiting.length > 0 && (
        <Notice intent="warning" title={`${plural(waiting.length, "plan")} for you to approve or refuse`}>
          <p>Somebody else asked for more than one person may start alone. The first lines below lead to it.</p>
        </Notice>
      )}
      <div className={s.card}>
        <table className={s.table}>
          <thead>
            <tr>
              <th scope="col">Deployment</th>
              <th scope="col">State</th>
              <th scope="col">Operation</th>
              <th scope="col" className={s.number}>
                Vaults
              </th>
              <th scope="col">Requested by</th>
              <th scope="col">Requested</th>
              <th scope="col">Ended</th>
            </tr>
          </thead>
          <tbody>
            {[...waiting, ...others].map((deployment) => (
              <Line key={deployment.id} deployment={deployment} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Line({ deployment }: { deployment: DeploymentList["deployments"][number] }) {
  const { id, summary, state, awaitsYou, operation, vaults, requestedBy, createdAt, endedAt } = deployment;
  return (
    <tr>
      <th scope="row">
        <Link href={`/deployments/${id}`}>{summary}</Link>
        {awaitsYou && <span className={s.yours}>Waits for your approval</span>}
      </th>
      <td className={s.state}>
        <DeploymentBadge state={state} />
      </td>
      <td className={s.operation}>{OPERATION_WORDS[operation].name}</td>
      <td className={s.number}>{formatNumber(vaults)}</td>
      <td>{requestedBy}</td>
      <td>
        <LocalTime at={createdAt} />
      </td>
      <td className={s.ended}>{endedAt === null ? "not yet" : <LocalTime at={endedAt} />}</td>
    </tr>
  );
}

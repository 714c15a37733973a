"use client";
import Link from "next/link";
import { useDeployments } from "@/components/api/use-reads";
import { LocalTime } from "@/components/ui/age";
import { EmptyState } from "@/components/ui/empty-state";
import { FailureNotice } from "@/components/ui/failure-notice";
import { Page } from "@/components/ui/page";
import { DeploymentBadge } from "@/components/ui/state-badge";
import { Wait } from "@/components/ui/wait";
import type { DeploymentList } from "@/lib/deployments/views.pure";
import s from "./deployments-page.module.css";

/** Every deployment that the signed-in person may see, newest first. */
export function DeploymentsPage() {
  const list = useDeployments();
  return (
    <Page title="Deployments" lead="What was planted, by whom, and how far it is.">
      {list.isError && <FailureNotice error={list.error} onRetry={() => list.refetch()} />}
      {list.isPending && <Wait>Reading the deployments</Wait>}
      {list.data &&
        (list.data.deployments.length === 0 ? (
          <EmptyState title="Nothing has been planted yet" action={<Link href="/vaults">Choose a vault</Link>}>
            Open a vault that is not protected and plant a honeytoken; its deployment then appears here.
          </EmptyState>
        ) : (
          <Deployments deployments={list.data.deployments} />
        ))}
    </Page>
  );
}

function Deployments({ deployments }: DeploymentList) {
  return (
    <div className={s.card}>
      <table className={s.table}>
        <thead>
          <tr>
            <th scope="col">Deployment</th>
            <th scope="col">State</th>
            <th scope="col">Requested by</th>
            <th scope="col">Started</th>
            <th scope="col">Ended</th>
          </tr>
        </thead>
        <tbody>
          {deployments.map((deployment) => (
            <tr key={deployment.id}>
              <th scope="row">
                <Link href={`/deployments/${deployment.id}`}>{deployment.summary}</Link>
              </th>
              <td>
                <DeploymentBadge state={deployment.state} />
              </td>
              <td>{deployment.requestedBy}</td>
              <td>
                <LocalTime at={deployment.createdAt} />
              </td>
              <td>{deployment.endedAt === null ? "not yet" : <LocalTime at={deployment.endedAt} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

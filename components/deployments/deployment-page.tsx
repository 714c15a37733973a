"use client";
import Link from "next/link";
import { useDeployment } from "@/components/api/use-reads";
import { LocalTime } from "@/components/ui/age";
import { FailureNotice } from "@/components/ui/failure-notice";
import { Notice } from "@/components/ui/notice";
import { Page } from "@/components/ui/page";
import { DeploymentBadge } from "@/components/ui/state-badge";
import { Wait } from "@/components/ui/wait";
import { parseVaultId, vaultPath } from "@/lib/azure/resource-id.pure";
import type { DeploymentView } from "@/lib/deployments/views.pure";
import s from "./deployment-page.module.css";
import { type Item, progressSentence, StepList } from "./step-list";

const TRAIL = [{ href: "/deployments", name: "Deployments" }];

/** One deployment, vault by vault and step by step. */
export function DeploymentPage({ id }: { id: string }) {
  const deployment = useDeployment(id);
  const { data } = deployment;
  return (
    <Page
      title={data ? titleOf(data) : "Deployment"}
      trail={TRAIL}
      badge={data && <DeploymentBadge state={data.state} />}
      lead={data && <Lead deployment={data} />}
    >
      {deployment.isError && <FailureNotice error={deployment.error} onRetry={() => deployment.refetch()} />}
      {deployment.isPending && <Wait>Reading the deployment</Wait>}
      {data?.items.map((item) => (
        <VaultItem key={item.vaultId} item={item} />
      ))}
    </Page>
  );
}

function titleOf({ count, kind, items }: DeploymentView): string {
  const things = `${count} ${kind}${count === 1 ? "" : "s"}`;
  const [only] = items;
  return only && items.length === 1 ? `${things} in ${only.vaultName}` : `${things} in each of ${items.length} vaults`;
}

function Lead({ deployment }: { deployment: DeploymentView }) {
  return (
    <>
      Requested by {deployment.requestedBy}, <LocalTime at={deployment.createdAt} />
      {deployment.endedAt !== null && (
        <>
          ; ended <LocalTime at={deployment.endedAt} />
        </>
      )}
    </>
  );
}

function VaultItem({ item }: { item: Item }) {
  const id = parseVaultId(item.vaultId);
  return (
    <section className={s.item} aria-label={item.vaultName}>
      <div className={s.head}>
        <h2 className={s.name}>{id ? <Link href={vaultPath(id)}>{item.vaultName}</Link> : item.vaultName}</h2>
        <DeploymentBadge state={item.state} />
      </div>
      {item.problem && (
        <Notice intent="error" title={item.state === "needs_person" ? "A person has to decide" : "What went wrong"}>
          {item.problem}
        </Notice>
      )}
      <p aria-live="polite" className={s.progress}>
        {progressSentence(item)}
      </p>
      <StepList steps={item.steps} />
    </section>
  );
}

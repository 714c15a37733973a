"use client";
import { Button } from "@fluentui/react-components";
import { useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { useEffect } from "react";
import { useDeployment } from "@/components/api/use-deployments";
import { refreshVaultReads, type VaultAddress } from "@/components/api/use-vault";
import { progressSentence, StepList } from "@/components/deployments/step-list";
import { FailureNotice } from "@/components/ui/failure-notice";
import { Notice } from "@/components/ui/notice";
import { Wait } from "@/components/ui/wait";
import type { DeploymentState, DeploymentView, ItemState } from "@/lib/deployments/views.pure";
import s from "./plant.module.css";
import { plantedThings } from "./plant-preview";

interface PlantProgressProps {
  deploymentId: string;
  vaultId: string;
  address: VaultAddress;
  onAgain: () => void;
}

/** A deployment as it goes, for this vault. It goes on when the page is closed. */
export function PlantProgress({ deploymentId, vaultId, address, onAgain }: PlantProgressProps) {
  const deployment = useDeployment(deploymentId);
  useFreshVaultAtEnd(deployment.data?.state, address);
  if (deployment.isPending) return <Wait>Starting</Wait>;
  if (!deployment.data) return <FailureNotice error={deployment.error} onRetry={() => deployment.refetch()} />;
  return (
    <div className={s.form}>
      <Outcome deployment={deployment.data} vaultId={vaultId} />
      {deployment.isError && <FailureNotice error={deployment.error} />}
      <div className={s.buttons}>
        {isOver(deployment.data.state) && (
          <Button onClick={onAgain}>{deployment.data.state === "done" ? "Plant more" : "Start again"}</Button>
        )}
        <Link href={`/deployments/${deploymentId}`}>Open this deployment</Link>
      </div>
    </div>
  );
}

const OVER: readonly (DeploymentState | ItemState)[] = ["done", "failed", "needs_person", "cancelled"];
const isOver = (state: DeploymentState | ItemState): boolean => OVER.includes(state);

function Outcome({ deployment, vaultId }: { deployment: DeploymentView; vaultId: string }) {
  const item = deployment.items.find((one) => one.vaultId.toLowerCase() === vaultId.toLowerCase());
  if (!item) return <p>This deployment no longer touches this vault.</p>;
  return (
    <>
      {item.state === "done" && (
        <Notice intent="success" title="Planted">
          {plantedThings({ kind: item.kind ?? "secret", count: item.count ?? 1 })} in this vault, and the audit log
          shows it.
        </Notice>
      )}
      {item.problem && (
        <Notice urgent intent="error" title={item.state === "needs_person" ? "A person has to decide" : "Not planted"}>
          {item.problem}
        </Notice>
      )}
      <p aria-live="polite">{progressSentence(item)}</p>
      <StepList steps={item.steps} />
      {!isOver(item.state) && <p className={s.stepDetail}>You may leave this page: the work goes on.</p>}
    </>
  );
}

/** The vault's own facts are asked for at once when the deployment ends, not at the next round. */
function useFreshVaultAtEnd(state: DeploymentState | undefined, { subscription, group, name }: VaultAddress) {
  const client = useQueryClient();
  const over = state !== undefined && isOver(state);
  useEffect(() => {
    // A refetch that fails shows up in the query itself.
    if (over) refreshVaultReads(client, { subscription, group, name }).catch(() => {});
  }, [over, client, subscription, group, name]);
}

"use client";
import { Button } from "@fluentui/react-components";
import { useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { useEffect } from "react";
import { underWay } from "@/components/api/polling";
import { useVaultProgress } from "@/components/api/use-deployments";
import { refreshVaultReads, type VaultAddress } from "@/components/api/use-vault";
import { hasSteps, progressSentence, StepList } from "@/components/deployments/step-list";
import { OPERATION_WORDS } from "@/components/deployments/words";
import { FailureNotice } from "@/components/ui/failure-notice";
import { Notice } from "@/components/ui/notice";
import { Wait } from "@/components/ui/wait";
import type { VaultProgress } from "@/lib/deployments/views.pure";
import s from "./plant.module.css";
import { plantedThings } from "./plant-preview";

interface PlantProgressProps {
  deploymentId: string;
  vaultId: string;
  address: VaultAddress;
  onAgain: () => void;
}

/** A deployment as it goes in this vault, however many others it has. It goes on when the page is closed. */
export function PlantProgress({ deploymentId, vaultId, address, onAgain }: PlantProgressProps) {
  const progress = useVaultProgress(deploymentId, vaultId);
  const { data } = progress;
  const over = data !== undefined && !underWay(data.item.state);
  useFreshVaultAtEnd(over, address);
  if (progress.isPending) return <Wait>Reading how far it is</Wait>;
  if (!data) return <FailureNotice error={progress.error} onRetry={() => progress.refetch()} />;
  return (
    <div className={s.form}>
      <Outcome progress={data} />
      {progress.isError && <FailureNotice error={progress.error} />}
      <div className={s.buttons}>
        {over && <Button onClick={onAgain}>{data.item.state === "done" ? "Plant more" : "Start again"}</Button>}
        {data.opens ? (
          <Link href={`/deployments/${deploymentId}`}>Open this deployment</Link>
        ) : (
          <p className={s.stepDetail}>It belongs to a deployment in several vaults that somebody else started.</p>
        )}
      </div>
    </div>
  );
}

function Outcome({ progress }: { progress: VaultProgress }) {
  const { item, operation } = progress;
  const ended = operation === "plant" ? "Not planted" : "Not done";
  const planted = item.state === "done" && (operation === "plant" || operation === "replace");
  return (
    <>
      {planted && (
        <Notice intent="success" title="Planted">
          {plantedThings({ kind: item.kind ?? "secret", count: item.count ?? 1 })} in this vault, and the audit log
          shows it.
        </Notice>
      )}
      {item.problem && (
        <Notice urgent intent="error" title={item.state === "needs_person" ? "A person has to decide" : ended}>
          {item.problem}
        </Notice>
      )}
      <p aria-live="polite">
        {operation !== "plant" && `${OPERATION_WORDS[operation].name}. `}
        {progressSentence(item, progress)}
      </p>
      {hasSteps(item) && <StepList steps={item.steps} />}
      {underWay(item.state) && <p className={s.stepDetail}>You may leave this page: the work goes on.</p>}
    </>
  );
}

/** The vault's own facts are asked for at once when the deployment has ended here, not at the next round. */
function useFreshVaultAtEnd(over: boolean, { subscription, group, name }: VaultAddress) {
  const client = useQueryClient();
  useEffect(() => {
    // A refetch that fails shows up in the query itself.
    if (over) refreshVaultReads(client, { subscription, group, name }).catch(() => {});
  }, [over, client, subscription, group, name]);
}

"use client";
import dynamic from "next/dynamic";
import { PassingButton } from "@/components/ui/passing-button";
import { useDialog } from "@/components/ui/use-dialog";
import type { DeploymentView } from "@/lib/deployments/views.pure";
import { retried } from "./words";

const RetryDialog = dynamic(() => import("./retry-dialog").then((file) => file.RetryDialog), { ssr: false });

interface RetryButtonProps {
  deployment: DeploymentView;
  disabled: boolean;
  /** `typed` is the number of vaults where it has to be typed. */
  onConfirm: (typed: number | null) => void;
}

/** Does again what failed or was cancelled; in more than one vault after a question, as before a start. */
export function RetryButton({ deployment, disabled, onConfirm }: RetryButtonProps) {
  const dialog = useDialog();
  const { counts } = deployment;
  const many = counts.failed + counts.cancelled > 1;
  const go = (typed: number | null) => {
    dialog.close();
    onConfirm(typed);
  };
  return (
    <>
      <PassingButton disabled={disabled} onClick={many ? dialog.ask : () => onConfirm(null)}>
        {`Retry ${retried(counts)}`}
      </PassingButton>
      {dialog.asked && <RetryDialog open={dialog.open} deployment={deployment} onConfirm={go} onClose={dialog.close} />}
    </>
  );
}

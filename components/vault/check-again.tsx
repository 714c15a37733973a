"use client";
import { Button } from "@fluentui/react-components";
import { ArrowClockwiseRegular } from "@fluentui/react-icons";
import { useQueryClient } from "@tanstack/react-query";
import { toFailure } from "@/components/api/api-error";
import { type Action, useAction } from "@/components/api/use-action";
import { refreshVaultReads, type VaultAddress } from "@/components/api/use-vault";
import s from "./check-again.module.css";

interface CheckAgainProps {
  vaultId: string;
  address: VaultAddress;
  refresh: Action<{ vaultId: string }, unknown>;
}

/** Collects this vault's facts now instead of at the next background round. */
export function CheckAgain({ vaultId, address, refresh }: CheckAgainProps) {
  const client = useQueryClient();
  const checking = useAction(refresh, () => refreshVaultReads(client, address));
  return (
    <div className={s.check}>
      <span role="status" className={s.result}>
        {checking.isPending && "Asking Azure…"}
        {checking.isSuccess && "Checked just now"}
        {checking.isError && toFailure(checking.error).message}
      </span>
      <Button
        icon={<ArrowClockwiseRegular />}
        disabled={checking.isPending}
        onClick={() => checking.mutate({ vaultId })}
      >
        Check again
      </Button>
    </div>
  );
}

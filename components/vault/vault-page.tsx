"use client";
import { useQueryClient } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import Link from "next/link";
import type { Action } from "@/components/api/use-action";
import { rowFromBoard, useVault, type VaultAddress } from "@/components/api/use-vault";
import { FailureNotice } from "@/components/ui/failure-notice";
import { Page } from "@/components/ui/page";
import { CoverageBadge } from "@/components/ui/state-badge";
import { usePreload } from "@/components/ui/use-preload";
import { Wait } from "@/components/ui/wait";
import type { BoardRow } from "@/lib/coverage/board.pure";
import { reasonText } from "@/lib/coverage/reasons.pure";
import { CheckAgain } from "./check-again";
import type { VaultActions } from "./vault-view";

/** Outside the first load, which has a budget. As a whole, so that nothing is pushed down later. */
const loadVaultView = () => import("./vault-view").then((file) => file.VaultView);
const VaultView = dynamic(loadVaultView, { ssr: false, loading: () => <Checking /> });

interface VaultPageProps extends VaultActions {
  address: VaultAddress;
  refresh: Action<{ vaultId: string }, unknown>;
}

const TRAIL = [{ href: "/vaults", name: "Vaults" }];

/** One vault: how it stands and why, what to do about it, and doing it. */
export function VaultPage({ address, refresh, ...actions }: VaultPageProps) {
  const vault = useVault(address);
  const client = useQueryClient();
  usePreload(loadVaultView);
  const row = vault.data?.vault ?? rowFromBoard(client, address);
  return (
    <Page
      title={row?.name ?? address.name}
      trail={TRAIL}
      badge={row && <CoverageBadge state={row.state} />}
      lead={row && stateSentence(row)}
      actions={vault.data && <CheckAgain vaultId={vault.data.vault.id} address={address} refresh={refresh} />}
    >
      {vault.isError && (
        <>
          <FailureNotice error={vault.error} onRetry={() => vault.refetch()} />
          {!vault.data && <Link href="/vaults">Go to the vaults</Link>}
        </>
      )}
      {vault.isPending && <Checking />}
      {vault.data && <VaultView detail={vault.data} address={address} {...actions} />}
    </Page>
  );
}

function Checking() {
  return <Wait>Checking this vault</Wait>;
}

/** The state in one sentence: all is well, or the first thing that is not. */
function stateSentence(row: BoardRow): string {
  if (row.state === "protected") return "A honeytoken is in this vault, and touching it raises an alert.";
  return reasonText(row.reason).sentence;
}

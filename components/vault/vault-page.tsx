"use client";
import { useQueryClient } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import Link from "next/link";
import type { Action } from "@/components/api/use-action";
import { rowFromBoard, useVault, type VaultAddress } from "@/components/api/use-vault";
import type { StartDrill } from "@/components/drills/use-drills";
import type { AddException, EndException } from "@/components/exceptions/use-exceptions";
import type { Plan } from "@/components/plan/plan-dialog";
import { FailureNotice } from "@/components/ui/failure-notice";
import { Card, Page } from "@/components/ui/page";
import { CoverageBadge } from "@/components/ui/state-badge";
import { Wait } from "@/components/ui/wait";
import type { BoardRow, VaultDetail } from "@/lib/coverage/board.pure";
import { reasonText } from "@/lib/coverage/reasons.pure";
import type { EnableAuditLog } from "./audit-log-offer";
import { CheckAgain } from "./check-again";
import { FactList } from "./fact-list";
import { type Plant, PlantPanel } from "./plant-panel";
import type { PreviewNamed } from "./plant-preview";
import { type MarkReviewed, ReviewPanel } from "./review-panel";
import s from "./vault-page.module.css";
import { VaultProperties } from "./vault-properties";
import { whereToFix } from "./where-to-fix";

/* Loaded after the page, whose first load has a budget. */
const DecoyList = dynamic(() => import("./decoy-list").then((file) => file.DecoyList), { ssr: false });
const DrillPanel = dynamic(() => import("@/components/drills/drill-panel").then((file) => file.DrillPanel), {
  ssr: false,
});
const ExceptionPanel = dynamic(
  () => import("@/components/exceptions/exception-panel").then((file) => file.ExceptionPanel),
  { ssr: false },
);
const DeploymentHistory = dynamic(() => import("./deployment-history").then((file) => file.DeploymentHistory), {
  ssr: false,
});

interface VaultPageProps {
  address: VaultAddress;
  plant: Plant;
  previewNamed: PreviewNamed;
  enableAuditLog: EnableAuditLog;
  refresh: Action<{ vaultId: string }, unknown>;
  addException: AddException;
  endException: EndException;
  markReviewed: MarkReviewed;
  /** Makes a plan to replace or remove. */
  plan: Plan;
  startDrill: StartDrill;
}

const TRAIL = [{ href: "/vaults", name: "Vaults" }];

/** One vault: how it stands and why, what to do about it, and doing it. */
export function VaultPage({ address, refresh, ...actions }: VaultPageProps) {
  const vault = useVault(address);
  const client = useQueryClient();
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
      {vault.isPending && <Wait>Checking this vault</Wait>}
      {vault.data && <VaultView detail={vault.data} address={address} {...actions} />}
    </Page>
  );
}

/** The state in one sentence: all is well, or the first thing that is not. */
function stateSentence(row: BoardRow): string {
  if (row.state === "protected") return "A honeytoken is in this vault, and touching it raises an alert.";
  return reasonText(row.reason).sentence;
}

type VaultViewProps = Omit<VaultPageProps, "refresh"> & { detail: VaultDetail };

function VaultView(props: VaultViewProps) {
  const { detail, address, addException, endException, markReviewed, plan, startDrill, ...actions } = props;
  return (
    <div className={s.columns}>
      <div className={s.column}>
        <Card title="What this state rests on">
          <FactList facts={detail.facts} whereToFix={(fact) => whereToFix(fact, detail.may)} />
        </Card>
        <div id="drill" className={s.anchor} tabIndex={-1}>
          <DrillPanel vaultId={detail.vault.id} address={address} start={startDrill} mayGive={detail.may} />
        </div>
        {detail.decoys && <DecoyList vaultId={detail.vault.id} decoys={detail.decoys} plan={plan} />}
      </div>
      <div className={s.column}>
        <div id="plant" className={s.anchor} tabIndex={-1}>
          <PlantPanel detail={detail} address={address} {...actions} />
        </div>
        <ReviewPanel detail={detail} address={address} markReviewed={markReviewed} />
        <ExceptionPanel
          vault={detail.vault}
          exceptions={detail.exceptions}
          mayChange={detail.may.except}
          add={addException}
          end={endException}
        />
        <DeploymentHistory deployments={detail.deployments} />
        <VaultProperties vault={detail.vault} incidents={detail.decoys !== undefined} />
      </div>
    </div>
  );
}

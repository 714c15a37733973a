"use client";
import type { VaultAddress } from "@/components/api/use-vault";
import { DrillPanel } from "@/components/drills/drill-panel";
import type { StartDrill } from "@/components/drills/use-drills";
import { ExceptionPanel } from "@/components/exceptions/exception-panel";
import type { AddException, EndException } from "@/components/exceptions/use-exceptions";
import type { Plan } from "@/components/plan/plan-dialog";
import { mayPlan } from "@/components/session/roles";
import { useSession } from "@/components/session/session-context";
import { Card } from "@/components/ui/page";
import type { VaultDetail } from "@/lib/coverage/board.pure";
import type { EnableAuditLog } from "./audit-log-offer";
import { DecoyList } from "./decoy-list";
import { DeploymentHistory } from "./deployment-history";
import { FactList } from "./fact-list";
import { type Plant, PlantPanel } from "./plant-panel";
import type { PreviewNamed } from "./plant-preview";
import { type MarkReviewed, ReviewPanel } from "./review-panel";
import { VaultProperties } from "./vault-properties";
import s from "./vault-view.module.css";
import { whereToFix } from "./where-to-fix";

/** What can be done about a vault. */
export interface VaultActions {
  plant: Plant;
  previewNamed: PreviewNamed;
  enableAuditLog: EnableAuditLog;
  addException: AddException;
  endException: EndException;
  markReviewed: MarkReviewed;
  /** Makes a plan to replace or remove. */
  plan: Plan;
  startDrill: StartDrill;
}

interface VaultViewProps extends VaultActions {
  detail: VaultDetail;
  address: VaultAddress;
}

/** What a vault's state rests on, and what can be done about it. */
export function VaultView(props: VaultViewProps) {
  const { detail, address, addException, endException, markReviewed, plan, startDrill, ...actions } = props;
  const { roles } = useSession();
  const planning = mayPlan(roles, detail.may.plant);
  return (
    <div className={s.columns}>
      <div className={s.column}>
        <Card title="What this state rests on">
          <FactList facts={detail.facts} whereToFix={(fact) => whereToFix(fact, detail.may)} />
        </Card>
        <div id="drill" className={s.anchor} tabIndex={-1}>
          <DrillPanel vaultId={detail.vault.id} address={address} start={startDrill} mayGive={detail.may} />
        </div>
        {detail.decoys && <DecoyList vaultId={detail.vault.id} decoys={detail.decoys} plan={planning ? plan : null} />}
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

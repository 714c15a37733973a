"use client";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type Action, useAction } from "@/components/api/use-action";
import { refreshVaultReads, type VaultAddress } from "@/components/api/use-vault";
import { Card } from "@/components/ui/page";
import type { VaultDetail } from "@/lib/coverage/board.pure";
import type { PlantRequest } from "@/lib/deployments/plan.pure";
import { AuditLogOffer, type EnableAuditLog } from "./audit-log-offer";
import s from "./plant.module.css";
import { PlantForm } from "./plant-form";
import { PlantPreview, type PreviewNamed } from "./plant-preview";
import { PlantProgress } from "./plant-progress";

export type Plant = Action<PlantRequest, { id: string }>;

interface PlantPanelProps {
  detail: VaultDetail;
  address: VaultAddress;
  plant: Plant;
  previewNamed: PreviewNamed;
  enableAuditLog: EnableAuditLog;
}

/** Choose, preview, confirm, watch. What stands in the way comes first, with the person who can remove it. */
export function PlantPanel({ detail, address, plant, previewNamed, enableAuditLog }: PlantPanelProps) {
  const client = useQueryClient();
  const [draft, setDraft] = useState<PlantRequest | null>(null);
  const [previewing, setPreviewing] = useState(false);
  const [watched, setWatched] = useState<string | null>(null);
  const [dismissed, setDismissed] = useState<string | null>(null);
  const planting = useAction(plant, async ({ id }) => {
    setWatched(id);
    setPreviewing(false);
    setDraft(null);
    await refreshVaultReads(client, address);
  });

  const underWay = detail.deployments.find((one) => one.state === "queued" || one.state === "running")?.id;
  const shown = watched ?? underWay ?? null;
  const content = () => {
    if (shown !== null && shown !== dismissed) {
      const again = () => {
        setDismissed(shown);
        setWatched(null);
      };
      return <PlantProgress deploymentId={shown} vaultId={detail.vault.id} address={address} onAgain={again} />;
    }
    if (!detail.may.plant) return <NotAllowed reason={detail.may.plantReason} />;
    if (detail.facts.some((fact) => fact.name === "auditLog" && fact.outcome === "fail"))
      return <AuditLogOffer detail={detail} address={address} enableAuditLog={enableAuditLog} />;
    if (previewing && draft) {
      const change = () => {
        planting.reset();
        setPreviewing(false);
      };
      return (
        <PlantPreview
          request={draft}
          previewNamed={previewNamed}
          planting={planting.isPending}
          failure={planting.error}
          onConfirm={() => planting.mutate(draft)}
          onAccept={() => setDraft({ ...draft, acceptUnknownReaders: true })}
          onChange={change}
        />
      );
    }
    const preview = (request: PlantRequest) => {
      setDraft(request);
      setPreviewing(true);
    };
    return <PlantForm vaultId={detail.vault.id} mayName={detail.may.nameDecoys} initial={draft} onPreview={preview} />;
  };
  return (
    <Card title="Plant honeytokens">
      <div className={s.panel}>{content()}</div>
    </Card>
  );
}

function NotAllowed({ reason }: { reason: string | null }) {
  return (
    <div className={s.form}>
      <p>{reason ?? "You may read this vault but not plant in it. Ask an administrator."}</p>
    </div>
  );
}

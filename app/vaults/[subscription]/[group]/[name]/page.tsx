import type { Metadata } from "next";
import { planAction } from "@/app/deployments/actions";
import { startDrillAction } from "@/app/setup/drills/actions";
import { addExceptionAction, endExceptionAction } from "@/app/setup/exceptions/actions";
import {
  enableAuditLogAction,
  markReviewedAction,
  plantAction,
  previewNamedAction,
  refreshVaultAction,
} from "@/app/vaults/actions";
import { VaultPage } from "@/components/vault/vault-page";

interface PageProps {
  params: Promise<{ subscription: string; group: string; name: string }>;
}

export async function generateMetadata({ params }: PageProps): Promise<Metadata> {
  return { title: decodeURIComponent((await params).name) };
}

export default async function Page({ params }: PageProps) {
  const { subscription, group, name } = await params;
  const address = {
    subscription: decodeURIComponent(subscription),
    group: decodeURIComponent(group),
    name: decodeURIComponent(name),
  };
  return (
    <VaultPage
      address={address}
      plan={planAction}
      plant={plantAction}
      previewNamed={previewNamedAction}
      enableAuditLog={enableAuditLogAction}
      refresh={refreshVaultAction}
      addException={addExceptionAction}
      endException={endExceptionAction}
      startDrill={startDrillAction}
      markReviewed={markReviewedAction}
    />
  );
}

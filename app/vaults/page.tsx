import type { Metadata } from "next";
import { planAction } from "@/app/deployments/actions";
import { startDrillsAction } from "@/app/setup/drills/actions";
import { LazyNotices } from "@/components/notices/lazy-notices";
import { VaultsPage } from "@/components/vaults/vaults-page";
import { dismissNoticeAction } from "./actions";

export const metadata: Metadata = { title: "Vaults" };

export default function Page() {
  return (
    <VaultsPage
      plan={planAction}
      startDrills={startDrillsAction}
      notices={<LazyNotices dismiss={dismissNoticeAction} />}
    />
  );
}

import type { Metadata } from "next";
import { planAction } from "@/app/deployments/actions";
import { VaultsPage } from "@/components/vaults/vaults-page";

export const metadata: Metadata = { title: "Vaults" };

export default function Page() {
  return <VaultsPage plan={planAction} />;
}

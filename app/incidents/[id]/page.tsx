import type { Metadata } from "next";
import { planAction } from "@/app/deployments/actions";
import { IncidentPage } from "@/components/incident/incident-page";
import { changeIncidentAction, recordStepAction } from "./actions";

export const metadata: Metadata = { title: "Incident" };

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  return (
    <IncidentPage
      id={decodeURIComponent(id)}
      change={changeIncidentAction}
      record={recordStepAction}
      plan={planAction}
    />
  );
}

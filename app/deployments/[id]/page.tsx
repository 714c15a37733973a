import type { Metadata } from "next";
import {
  approveAction,
  cancelAction,
  discardAction,
  pauseAction,
  refuseAction,
  resumeAction,
  retryAction,
  startAction,
  stopScheduleAction,
} from "@/app/deployments/actions";
import { DeploymentPage } from "@/components/deployments/deployment-page";

export const metadata: Metadata = { title: "Deployment" };

const ACTIONS = {
  start: startAction,
  approve: approveAction,
  refuse: refuseAction,
  pause: pauseAction,
  resume: resumeAction,
  cancel: cancelAction,
  retry: retryAction,
  discard: discardAction,
  stopSchedule: stopScheduleAction,
};

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  return <DeploymentPage key={id} id={decodeURIComponent(id)} actions={ACTIONS} />;
}

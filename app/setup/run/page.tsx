import type { Metadata } from "next";
import { SetupRunPage } from "@/components/setup-run/setup-run-page";
import { cancelSetupAction, resumeSetupAction, startSetupAction } from "./actions";

export const metadata: Metadata = { title: "Set up for me" };

export default function Page() {
  return <SetupRunPage start={startSetupAction} resume={resumeSetupAction} cancel={cancelSetupAction} />;
}

"use client";
import { Page } from "@/components/ui/page";
import { MissedTouchesPanel } from "./missed-touches-panel";

const TRAIL = [{ href: "/setup", name: "Set-up" }];

/** Whether touches on honeytokens raise alerts. */
export function DetectionPage() {
  return (
    <Page title="Detection" lead="Whether every touch on a honeytoken raises an alert." trail={TRAIL}>
      <MissedTouchesPanel />
    </Page>
  );
}

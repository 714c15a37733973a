import type { Metadata } from "next";
import { DetectionPage } from "@/components/detection/detection-page";

export const metadata: Metadata = { title: "Detection" };

export default function Page() {
  return <DetectionPage />;
}

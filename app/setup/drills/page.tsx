import type { Metadata } from "next";
import { changeSettingsAction } from "@/app/setup/settings/actions";
import { DrillsPage } from "@/components/drills/drills-page";

export const metadata: Metadata = { title: "Drills" };

export default function Page() {
  return <DrillsPage change={changeSettingsAction} />;
}

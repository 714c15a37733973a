import type { Metadata } from "next";
import { SettingsPage } from "@/components/settings/settings-page";
import { changeSettingsAction, sendTestAction } from "./actions";

export const metadata: Metadata = { title: "Settings" };

export default function Page() {
  return <SettingsPage change={changeSettingsAction} sendTest={sendTestAction} />;
}

import type { Metadata } from "next";
import { OutcomesPage } from "@/components/outcomes/outcomes-page";

export const metadata: Metadata = { title: "Outcomes" };

export default function Page() {
  return <OutcomesPage />;
}

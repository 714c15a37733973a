import type { Metadata } from "next";
import { RulesPage } from "@/components/rules/rules-page";
import { deployRulesAction } from "./actions";

export const metadata: Metadata = { title: "Rules" };

export default function Page() {
  return <RulesPage deploy={deployRulesAction} />;
}

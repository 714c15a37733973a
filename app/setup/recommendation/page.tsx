import type { Metadata } from "next";
import { changeSettingsAction } from "@/app/setup/settings/actions";
import { RecommendationPage } from "@/components/recommendation/recommendation-page";
import { deployRecommendationAction, evaluateAction } from "./actions";

export const metadata: Metadata = { title: "Recommendation" };

export default function Page() {
  return (
    <RecommendationPage change={changeSettingsAction} deploy={deployRecommendationAction} evaluate={evaluateAction} />
  );
}

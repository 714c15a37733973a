"use client";
import { parseAsString, useQueryState } from "nuqs";
import { type ChangeSettings, useSettings } from "@/components/settings/use-settings";
import { FailureNotice } from "@/components/ui/failure-notice";
import { Card, Page } from "@/components/ui/page";
import { Wait } from "@/components/ui/wait";
import type { RecommendationSettings } from "@/lib/settings/settings.pure";
import { DeployCard } from "./deploy-card";
import { NamesForm } from "./names-form";
import { ownLink } from "./own-link";
import s from "./recommendation.module.css";
import { RepairCard } from "./repair-card";
import { TextsCard } from "./texts-card";
import type { DeployRecommendation, Evaluate } from "./use-recommendation";

interface RecommendationPageProps {
  change: ChangeSettings;
  deploy: DeployRecommendation;
  evaluate: Evaluate;
}

const TRAIL = [{ href: "/setup", name: "Set-up" }];
const LEAD =
  "A policy flags each key vault until it was reviewed, and Microsoft Defender for Cloud shows its owner the way here.";

/** What owners are told, where it stands in Azure, and how far they are. Analysts may read it. */
export function RecommendationPage({ change, deploy, evaluate }: RecommendationPageProps) {
  const query = useSettings();
  const [scope, setScope] = useQueryState("scope", parseAsString.withDefault(""));
  const reload = async () => (await query.refetch()).data;
  const { data } = query;
  return (
    <Page title="Recommendation" lead={LEAD} trail={TRAIL}>
      {query.isError && <FailureNotice error={query.error} onRetry={() => query.refetch()} />}
      {query.isPending && <Wait>Reading the settings</Wait>}
      {data && (
        <>
          <div className={s.columns}>
            <div className={s.column}>
              <WhyNeutral />
              <NamesForm
                saved={data.settings.recommendation}
                changed={data.changed.recommendation}
                mayChange={data.mayChange}
                change={change}
                reload={reload}
              />
            </div>
            <div className={s.column}>
              <DeployCard
                saved={data.settings.recommendation}
                mayChange={data.mayChange}
                scope={scope}
                onScope={(next) => {
                  // The address follows by itself; there is nothing to wait for.
                  setScope(next === "" ? null : next).catch(() => {});
                }}
                deploy={deploy}
                evaluate={evaluate}
              />
              <TextsCard options={optionsOf(data.settings.recommendation)} scope={scope} />
            </div>
          </div>
          <RepairCard needsReview={data.settings.recommendation.names.needsReview} />
        </>
      )}
    </Page>
  );
}

function optionsOf({ names, link }: RecommendationSettings) {
  return { ...names, link: link ?? ownLink() };
}

function WhyNeutral() {
  return (
    <Card title="Who reads these names">
      <p className={s.text}>
        Every Reader of a subscription sees the tags of its vaults, the policies with their texts and this
        recommendation. So does an intruder with that role, who learns from a name like HoneyTokens what to keep away
        from. Neutral names say no more than that vaults are reviewed. Owners and intruders read the address too, so
        give it a neutral host name. The familiar names are those of Microsoft's earlier solution, for tenants whose
        tags and reports already use them.
      </p>
    </Card>
  );
}

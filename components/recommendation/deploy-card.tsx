"use client";
import { FailureNotice } from "@/components/ui/failure-notice";
import { Notice, Sentences } from "@/components/ui/notice";
import { Card } from "@/components/ui/page";
import { plural } from "@/components/ui/plural";
import { Wait } from "@/components/ui/wait";
import type { RecommendationPlaces } from "@/lib/distribution/deploy.pure";
import type { RecommendationSettings } from "@/lib/settings/settings.pure";
import { ComplianceTable } from "./compliance-table";
import { DeployForm } from "./deploy-form";
import { PlaceSelect } from "./place-select";
import s from "./recommendation.module.css";
import { StepList } from "./step-list";
import { type DeployRecommendation, type Evaluate, usePlaces, useScope } from "./use-recommendation";

interface DeployCardProps {
  saved: RecommendationSettings;
  mayChange: boolean;
  /** ARM id of the chosen place; empty while none is. */
  scope: string;
  onScope: (scope: string) => void;
  deploy: DeployRecommendation;
  evaluate: Evaluate;
}

/** Chooses a place, shows what stands there, deploys what is missing and follows the vaults. */
export function DeployCard(props: DeployCardProps) {
  const { scope, onScope } = props;
  const places = usePlaces();
  return (
    <Card title="In Azure">
      <div className={s.body}>
        {places.isError && <FailureNotice error={places.error} onRetry={() => places.refetch()} />}
        {places.isPending && <Wait>Asking Azure for management groups and subscriptions</Wait>}
        {places.data && (
          <>
            <Warnings places={places.data} />
            <PlaceSelect
              label="Management group or subscription"
              hint="Those that you may read. A management group covers all below it."
              none="Choose one"
              places={places.data.places}
              scope={scope}
              onScope={onScope}
            />
          </>
        )}
        {places.data &&
          (scope === "" ? (
            <p className={s.note}>Choose a place to see what stands there.</p>
          ) : (
            <AtScope key={scope} {...props} />
          ))}
      </div>
    </Card>
  );
}

function Warnings({ places: { warnings, tagProblems } }: { places: RecommendationPlaces }) {
  return (
    <>
      {warnings.length > 0 && (
        <Notice intent="warning" title="Not every place could be read">
          <Sentences all={warnings} />
        </Notice>
      )}
      {tagProblems.length > 0 && (
        <Notice intent="warning" title="Some tags could not be kept">
          <Sentences all={tagProblems.map(({ problem, vaults }) => `${plural(vaults, "vault")}: ${problem}`)} />
        </Notice>
      )}
    </>
  );
}

function AtScope({ saved, mayChange, scope, deploy, evaluate }: DeployCardProps) {
  const view = useScope(scope);
  return (
    <>
      {view.isError && <FailureNotice error={view.error} onRetry={() => view.refetch()} />}
      {view.isPending && <Wait>Looking at what stands there</Wait>}
      {view.data && (
        <>
          <StepList steps={view.data.steps} />
          {mayChange && <DeployForm inUse={saved.inUse} scope={scope} view={view.data} deploy={deploy} />}
          <ComplianceTable view={view.data} mayChange={mayChange} evaluate={evaluate} />
        </>
      )}
    </>
  );
}

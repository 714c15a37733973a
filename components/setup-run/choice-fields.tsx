"use client";
import { Field, Input } from "@fluentui/react-components";
import { useState } from "react";
import { PlaceSelect } from "@/components/recommendation/place-select";
import { usePlaces } from "@/components/recommendation/use-recommendation";
import { FailureNotice } from "@/components/ui/failure-notice";
import { fieldProblem } from "@/components/ui/field-problem";
import { DeployRequest } from "@/lib/distribution/deploy.pure";
import type { SetupChoice } from "@/lib/setup/run.pure";
import s from "./setup-run.module.css";

/** Where the recommendation goes, if anywhere. A choice that is not whole is told as undefined. */
export function ChoiceFields({ onChoice }: { onChoice: (choice: SetupChoice | undefined) => void }) {
  const places = usePlaces();
  const [scope, setScope] = useState("");
  const [location, setLocation] = useState("");
  const parsed = DeployRequest.shape.location.safeParse(location);
  const tell = (nextScope: string, nextLocation: string) => {
    setScope(nextScope);
    setLocation(nextLocation);
    const region = DeployRequest.shape.location.safeParse(nextLocation);
    if (nextScope === "") onChoice({});
    else onChoice(region.success ? { recommendation: { scope: nextScope, location: region.data } } : undefined);
  };
  if (places.isError) return <FailureNotice error={places.error} onRetry={() => places.refetch()} />;
  if (!places.data) return null;
  return (
    <div className={s.fields}>
      <PlaceSelect
        label="Recommendation to owners"
        hint="Nowhere, or a management group or subscription that you may read."
        none="Not now"
        places={places.data.places}
        scope={scope}
        onScope={(next) => tell(next, location)}
      />
      {scope !== "" && (
        <Field
          label="Region of the tag policy's identity"
          hint="As Azure writes it, like westeurope."
          {...fieldProblem(parsed.success || location === "" ? undefined : parsed.error.issues[0]?.message)}
        >
          <Input value={location} onChange={(_, data) => tell(scope, data.value)} autoComplete="off" />
        </Field>
      )}
    </div>
  );
}

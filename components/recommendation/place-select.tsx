"use client";
import { Field, Select } from "@fluentui/react-components";
import type { RecommendationPlaces } from "@/lib/distribution/deploy.pure";

const GROUPS = [
  { kind: "managementGroup", label: "Management groups" },
  { kind: "subscription", label: "Subscriptions" },
] as const;

interface PlaceSelectProps {
  label: string;
  hint: string;
  /** What stands for none. */
  none: string;
  places: RecommendationPlaces["places"];
  /** ARM id; empty = none. */
  scope: string;
  onScope: (scope: string) => void;
}

/** Chooses a management group or a subscription. */
export function PlaceSelect({ label, hint, none, places, scope, onScope }: PlaceSelectProps) {
  const known = places.some(({ id }) => id === scope);
  return (
    <Field label={label} hint={hint}>
      <Select value={scope} onChange={(_, data) => onScope(data.value)}>
        <option value="">{none}</option>
        {!known && scope !== "" && <option value={scope}>{scope}</option>}
        {GROUPS.map(({ kind, label: group }) => (
          <optgroup key={kind} label={group}>
            {places
              .filter((place) => place.kind === kind)
              .toSorted((a, b) => a.name.localeCompare(b.name))
              .map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
          </optgroup>
        ))}
      </Select>
    </Field>
  );
}

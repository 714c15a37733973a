"use client";
import { Button, SearchBox, Select } from "@fluentui/react-components";
import { memo } from "react";
import { useSubscriptionNames } from "@/components/api/use-subscription-names";
import { Check } from "@/components/ui/check";
import { Choice } from "@/components/ui/choice";
import { RANGES, type Range } from "@/lib/incidents/list.pure";
import { type Choices, NOBODY } from "@/lib/incidents/select.pure";
import { visibleText } from "@/lib/outside-text.pure";
import { SEVERITY_LOOK, STATUS_LOOK } from "./incident-words";
import s from "./incidents.module.css";
import { hasFilter, type IncidentParameters, NO_FILTER, type SetIncidentParameters } from "./use-incident-parameters";

const RANGE_WORDS: Record<Range, string> = {
  "1": "Last 24 hours",
  "7": "Last 7 days",
  "30": "Last 30 days",
  "90": "Last 90 days",
};

interface IncidentToolbarProps {
  parameters: IncidentParameters;
  onChange: SetIncidentParameters;
  choices: Choices;
  /** Whether the charts are shown. */
  charts: boolean;
}

/** Time range, search and filters; all of it is in the address. */
export function IncidentToolbar({ parameters, onChange, choices, charts }: IncidentToolbarProps) {
  const { q, days, severity, status, owner, subscription, vault } = parameters;
  return (
    <section aria-label="Filters" className={s.toolbar}>
      <SearchBox
        className={s.search}
        aria-label="Search incidents"
        placeholder="Search title, vault, caller, honeytoken"
        value={q}
        onChange={(_, data) => onChange({ q: data.value })}
      />
      <Filters
        days={days}
        severity={severity}
        status={status}
        owner={owner}
        subscription={subscription}
        vault={vault}
        choices={choices}
        charts={charts}
        onChange={onChange}
      />
      {hasFilter(parameters) && (
        <Button appearance="subtle" onClick={() => onChange(NO_FILTER)}>
          Clear filters
        </Button>
      )}
    </section>
  );
}

type FiltersProps = Omit<IncidentToolbarProps, "parameters"> &
  Pick<IncidentParameters, "days" | "severity" | "status" | "owner" | "subscription" | "vault">;

/** Everything but the search: a key typed there draws none of it again. */
const Filters = memo(function Filters(props: FiltersProps) {
  const { days, severity, status, owner, subscription, vault, choices, charts, onChange } = props;
  const nameOf = useSubscriptionNames(choices.subscriptions.length > 0);
  return (
    <>
      <Select
        className={s.range}
        aria-label="Time range"
        value={days}
        onChange={(_, data) => {
          const days = RANGES.find((range) => range === data.value);
          if (days) onChange({ days });
        }}
      >
        {RANGES.map((range) => (
          <option key={range} value={range}>
            {RANGE_WORDS[range]}
          </option>
        ))}
      </Select>
      <Choice
        name="Severity"
        all="All severities"
        chosen={severity}
        options={choices.severities.map(({ value, count }) => ({ value, count, text: SEVERITY_LOOK[value].word }))}
        onChoose={(chosen) =>
          onChange({ severity: choices.severities.flatMap(({ value }) => (chosen.includes(value) ? [value] : [])) })
        }
      />
      <Choice
        name="Status"
        all="All states"
        chosen={status}
        options={choices.statuses.map(({ value, count }) => ({ value, count, text: STATUS_LOOK[value].word }))}
        onChoose={(chosen) =>
          onChange({ status: choices.statuses.flatMap(({ value }) => (chosen.includes(value) ? [value] : [])) })
        }
      />
      <Choice
        name="Owner"
        all="All owners"
        chosen={owner}
        options={choices.owners.map(({ value, count }) => ({
          value,
          count,
          text: value === NOBODY ? "Nobody yet" : visibleText(value),
        }))}
        onChoose={(chosen) => onChange({ owner: chosen })}
      />
      <Choice
        name="Subscription"
        all="All subscriptions"
        chosen={subscription}
        options={choices.subscriptions.map(({ value, count }) => ({ value, count, text: nameOf(value) }))}
        onChoose={(chosen) => onChange({ subscription: chosen })}
      />
      <Choice
        name="Vault"
        all="All vaults"
        chosen={vault}
        options={choices.vaults.map(({ value, count, name }) => ({ value, count, text: name }))}
        onChoose={(chosen) => onChange({ vault: chosen })}
      />
      <Check label="Charts" checked={charts} onChange={(shown) => onChange({ charts: shown })} />
    </>
  );
});

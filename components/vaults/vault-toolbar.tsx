"use client";
import { Button, SearchBox, Select } from "@fluentui/react-components";
import { memo } from "react";
import { Check } from "@/components/ui/check";
import type { SubscriptionCounts } from "@/lib/coverage/select.pure";
import { type BoardParameters, hasFilter, NO_FILTER, type SetBoardParameters } from "./use-board-query";
import s from "./vault-toolbar.module.css";

interface VaultToolbarProps {
  parameters: BoardParameters;
  onChange: SetBoardParameters;
  subscriptions: readonly SubscriptionCounts[];
  reasons: readonly { reason: string; label: string; count: number }[];
}

/** Search, filters and grouping; all of it is in the address. */
export const VaultToolbar = memo(function VaultToolbar(props: VaultToolbarProps) {
  const { parameters, onChange, subscriptions, reasons } = props;
  return (
    <div className={s.toolbar}>
      <SearchBox
        className={s.search}
        aria-label="Search vaults"
        placeholder="Search name, group, location, reason"
        value={parameters.q}
        onChange={(_, data) => onChange({ q: data.value })}
      />
      <Choice
        name="Subscription"
        all="All subscriptions"
        chosen={parameters.subscription}
        options={subscriptions.map((one) => ({ value: one.subscriptionId, text: one.subscription, count: one.total }))}
        onChoose={(subscription) => onChange({ subscription })}
      />
      <Choice
        name="Reason"
        all="All reasons"
        chosen={parameters.reason}
        options={reasons.map((one) => ({ value: one.reason, text: one.label, count: one.count }))}
        onChoose={(reason) => onChange({ reason })}
      />
      <Check
        label="Mine"
        hint="Only vaults where you hold a role that may plant"
        checked={parameters.mine}
        onChange={(mine) => onChange({ mine })}
      />
      <Check label="Group by subscription" checked={parameters.grouped} onChange={(grouped) => onChange({ grouped })} />
      {hasFilter(parameters) && (
        <Button appearance="subtle" onClick={() => onChange(NO_FILTER)}>
          Clear filters
        </Button>
      )}
    </div>
  );
});

interface ChoiceProps {
  name: string;
  all: string;
  chosen: readonly string[];
  options: readonly { value: string; text: string; count: number }[];
  onChoose: (chosen: string[]) => void;
}

const SEVERAL = "several";

function Choice({ name, all, chosen, options, onChoose }: ChoiceProps) {
  const [only] = chosen;
  // A link may name several, or one that the board no longer has.
  const value = chosen.length > 1 ? SEVERAL : (only ?? "");
  const missing = only !== undefined && chosen.length === 1 && !options.some((option) => option.value === only);
  return (
    <Select
      className={s.choice}
      aria-label={name}
      value={value}
      onChange={(_, data) => onChoose(data.value === "" ? [] : [data.value])}
    >
      <option value="">{all}</option>
      {chosen.length > 1 && <option value={SEVERAL}>{chosen.length} chosen</option>}
      {missing && <option value={only}>{only} (none now)</option>}
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.text} ({option.count})
        </option>
      ))}
    </Select>
  );
}

"use client";
import { Button, SearchBox } from "@fluentui/react-components";
import { memo } from "react";
import { Check } from "@/components/ui/check";
import { Choice } from "@/components/ui/choice";
import type { SubscriptionCounts } from "@/lib/coverage/select.pure";
import { type BoardParameters, hasFilter, NO_FILTER, type SetBoardParameters } from "./use-board-query";
import s from "./vault-toolbar.module.css";

interface VaultToolbarProps {
  parameters: BoardParameters;
  onChange: SetBoardParameters;
  subscriptions: readonly SubscriptionCounts[];
  reasons: readonly { reason: string; label: string; count: number }[];
  reviews: boolean;
}

/** Search, filters and grouping; all of it is in the address. */
export const VaultToolbar = memo(function VaultToolbar(props: VaultToolbarProps) {
  const { parameters, onChange, subscriptions, reasons, reviews } = props;
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
      {reviews && (
        <>
          <Check
            label="Flagged"
            hint="Only vaults whose owners are asked for a review"
            checked={parameters.flagged}
            onChange={(flagged) => onChange({ flagged })}
          />
          <Check
            label="Flagged first"
            checked={parameters.sort === "flagged" && !parameters.descending}
            onChange={(first) => onChange({ sort: first ? "flagged" : "state", descending: false })}
          />
        </>
      )}
      <Check label="Group by subscription" checked={parameters.grouped} onChange={(grouped) => onChange({ grouped })} />
      {hasFilter(parameters) && (
        <Button appearance="subtle" onClick={() => onChange(NO_FILTER)}>
          Clear filters
        </Button>
      )}
    </div>
  );
});

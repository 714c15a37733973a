"use client";
import { Field, Select } from "@fluentui/react-components";
import { useMemo, useState } from "react";
import { useBoard } from "@/components/api/use-board";
import { FailureNotice } from "@/components/ui/failure-notice";
import { fieldProblem } from "@/components/ui/field-problem";
import { Wait } from "@/components/ui/wait";
import type { BoardRow } from "@/lib/coverage/board.pure";

interface ScopePickerProps {
  problem: string | undefined;
  /** The id of the scope; empty while none is chosen. */
  onChange: (scope: string) => void;
}

/** Chooses a subscription, one of its resource groups or one of its vaults, among those that the person sees. */
export function ScopePicker(props: ScopePickerProps) {
  const board = useBoard();
  if (board.data) return <Choices vaults={board.data.vaults} {...props} />;
  if (board.isError) return <FailureNotice error={board.error} onRetry={() => board.refetch()} />;
  return <Wait>Asking Azure for the vaults</Wait>;
}

interface Chosen {
  subscription: string;
  group: string;
  vault: string;
}

function Choices({ vaults, problem, onChange }: ScopePickerProps & { vaults: readonly BoardRow[] }) {
  const [chosen, setChosen] = useState<Chosen>({ subscription: "", group: "", vault: "" });
  const choose = (next: Chosen) => {
    setChosen(next);
    onChange(scopeOf(next));
  };
  const { subscription, group, vault } = chosen;
  const subscriptions = useMemo(() => options(vaults, (row) => [row.subscriptionId, row.subscription]), [vaults]);
  const inSubscription = vaults.filter((row) => row.subscriptionId === subscription);
  const groups = options(inSubscription, (row) => [row.resourceGroup.toLowerCase(), row.resourceGroup]);
  const inGroup = inSubscription.filter((row) => row.resourceGroup.toLowerCase() === group);
  const held = vault !== "" ? 1 : group !== "" ? inGroup.length : inSubscription.length;
  return (
    <>
      <Field label="Subscription" required {...fieldProblem(problem)}>
        <Select value={subscription} onChange={(_, data) => choose({ subscription: data.value, group: "", vault: "" })}>
          <option value="">Choose one</option>
          {subscriptions.map(asOption)}
        </Select>
      </Field>
      <Field label="Resource group">
        <Select
          value={group}
          disabled={subscription === ""}
          onChange={(_, data) => choose({ subscription, group: data.value, vault: "" })}
        >
          <option value="">All in the subscription</option>
          {groups.map(asOption)}
        </Select>
      </Field>
      <Field
        label="Vault"
        {...(subscription !== "" && { hint: `Holds for ${held} ${held === 1 ? "vault" : "vaults"} that you see now.` })}
      >
        <Select
          value={vault}
          disabled={group === ""}
          onChange={(_, data) => choose({ subscription, group, vault: data.value })}
        >
          <option value="">{group === "" ? "All in the subscription" : "All in the resource group"}</option>
          {options(inGroup, (row) => [row.id, row.name]).map(asOption)}
        </Select>
      </Field>
    </>
  );
}

/** Ids are put together and checked on the server, which refuses what is none. */
function scopeOf({ subscription, group, vault }: Chosen): string {
  if (vault !== "") return vault;
  if (group !== "") return `/subscriptions/${subscription}/resourcegroups/${group}`;
  return subscription === "" ? "" : `/subscriptions/${subscription}`;
}

function options(rows: readonly BoardRow[], of: (row: BoardRow) => [id: string, name: string]): [string, string][] {
  return [...new Map(rows.map(of))].sort(([, a], [, b]) => a.localeCompare(b));
}

function asOption([id, name]: [string, string]) {
  return (
    <option key={id} value={id}>
      {name}
    </option>
  );
}

"use client";
import { Button, SearchBox } from "@fluentui/react-components";
import { debounce, parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs";
import { useEffect, useMemo, useRef } from "react";
import { underWay } from "@/components/api/polling";
import { useDeploymentItems } from "@/components/api/use-deployments";
import { EmptyState } from "@/components/ui/empty-state";
import { FailureNotice } from "@/components/ui/failure-notice";
import { Card } from "@/components/ui/page";
import { formatNumber } from "@/components/ui/plural";
import { useSettled } from "@/components/ui/use-settled";
import { Wait } from "@/components/ui/wait";
import { type DeploymentState, type DeploymentView, ITEM_STATES } from "@/lib/deployments/views.pure";
import { ItemList } from "./item-list";
import s from "./item-table.module.css";
import { ITEM_WORDS } from "./words";

const TYPING_MS = 250;
const PARAMETERS = {
  state: parseAsStringLiteral(ITEM_STATES),
  q: parseAsString.withDefault("").withOptions({ limitUrlUpdates: debounce(TYPING_MS) }),
};

/** The vaults of a deployment: by state, searched, a page at a time. */
export function ItemTable({ deployment }: { deployment: DeploymentView }) {
  const { id, counts, total, leftOut } = deployment;
  const [parameters, setParameters] = useQueryStates(PARAMETERS);
  const { state } = parameters;
  const q = useSettled(parameters.q.trim(), TYPING_MS);
  const live = underWay(deployment.state) || counts.running > 0;
  const items = useDeploymentItems(id, { state, q }, live);
  useFreshAtChange(deployment.state, items.refetch);
  const change = (next: Parameters<typeof setParameters>[0]) => {
    // The address follows by itself; there is nothing to wait for.
    setParameters(next).catch(() => {});
  };
  const loaded = useMemo(() => items.data?.pages.flatMap((page) => page.items) ?? [], [items.data]);
  return (
    <Card title="Vaults">
      <div className={s.toolbar}>
        <fieldset className={s.states} aria-label="Show only vaults in a state">
          <StateButton word="All" count={total} chosen={state === null} onChoose={() => change({ state: null })} />
          {ITEM_WORDS.filter((one) => counts[one.state] > 0 || one.state === state).map((one) => (
            <StateButton
              key={one.state}
              word={one.word}
              count={counts[one.state]}
              chosen={state === one.state}
              onChoose={() => change({ state: one.state })}
            />
          ))}
        </fieldset>
        <SearchBox
          className={s.search}
          aria-label="Search the vaults of this deployment"
          placeholder="Search vault or group"
          maxLength={100}
          value={parameters.q}
          onChange={(_, data) => change({ q: data.value })}
        />
      </div>
      {items.isError && <FailureNotice error={items.error} onRetry={() => items.refetch()} />}
      {items.isPending && <Wait>Reading the vaults</Wait>}
      {items.isSuccess && loaded.length === 0 && (
        <EmptyState title="No vault matches">
          None of {leftOut > 0 ? "the vaults that you may read" : "this deployment's vaults"} is in this state or has
          this name.
        </EmptyState>
      )}
      <ItemList items={loaded} operation={deployment.operation} old={items.isPlaceholderData} />
      {items.hasNextPage && (
        <div className={s.more}>
          <Button
            disabled={items.isFetchingNextPage}
            onClick={() => {
              // A page that fails shows up in the query itself.
              items.fetchNextPage().catch(() => {});
            }}
          >
            {items.isFetchingNextPage ? "Loading…" : "Load more"}
          </Button>
        </div>
      )}
    </Card>
  );
}

/** Reads the vaults once more when the deployment as a whole has moved on; at its end nothing else would. */
function useFreshAtChange(state: DeploymentState, refetch: () => Promise<unknown>): void {
  const seen = useRef(state);
  useEffect(() => {
    if (seen.current === state) return;
    seen.current = state;
    // A read that fails shows up in the query itself.
    refetch().catch(() => {});
  }, [state, refetch]);
}

interface StateButtonProps {
  word: string;
  count: number;
  chosen: boolean;
  onChoose: () => void;
}

function StateButton({ word, count, chosen, onChoose }: StateButtonProps) {
  return (
    <button type="button" className={s.state} aria-pressed={chosen} onClick={onChoose}>
      {word} <span className={s.count}>{formatNumber(count)}</span>
    </button>
  );
}

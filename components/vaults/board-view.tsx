"use client";
import { Button } from "@fluentui/react-components";
import { type ReactNode, useCallback, useEffect, useMemo, useState } from "react";
import type { StartDrills } from "@/components/drills/use-drills";
import type { Plan } from "@/components/plan/plan-dialog";
import { usePlanDialog } from "@/components/plan/use-plan-dialog";
import { mayPlan } from "@/components/session/roles";
import { useSession } from "@/components/session/session-context";
import { EmptyState } from "@/components/ui/empty-state";
import { plural, shownOf } from "@/components/ui/plural";
import type { BoardRow } from "@/lib/coverage/board.pure";
import { countBySubscription, countReasons, type Sort } from "@/lib/coverage/select.pure";
import { BoardSummary } from "./board-summary";
import s from "./board-view.module.css";
import { PlanOffers } from "./plan-offers";
import { useSelection } from "./select-box";
import { VaultSelection } from "./selection";
import { SelectionBar } from "./selection-bar";
import { NO_FILTER, useBoardQuery } from "./use-board-query";
import { useVaultList } from "./use-vault-list";
import { VaultList } from "./vault-list";
import { VaultToolbar } from "./vault-toolbar";

interface BoardViewProps {
  vaults: readonly BoardRow[];
  /** Owners are asked for reviews. */
  reviews: boolean;
  plan: Plan;
  startDrills: StartDrills;
}

/** The vaults of a board: figures, filters, list, and what can be planned for those that are selected or shown. */
export function BoardView({ vaults, reviews, plan, startDrills }: BoardViewProps) {
  const [parameters, setParameters] = useBoardQuery();
  const { prepared, query, rows, items } = useVaultList(vaults, parameters);
  const shown = rows.length;
  const [selection] = useState(() => new VaultSelection());
  useEffect(() => selection.update(prepared), [selection, prepared]);
  const { dialog, onNear, onAsk } = usePlanDialog(plan);
  const subscriptions = useMemo(() => countBySubscription(vaults), [vaults]);
  const reasons = useMemo(() => countReasons(vaults), [vaults]);
  const someAreNot = useMemo(() => vaults.some((row) => !row.mine), [vaults]);
  const { roles } = useSession();
  const planning = useMemo(
    () =>
      mayPlan(
        roles,
        vaults.some((row) => row.mine),
      ),
    [roles, vaults],
  );
  const { folded } = parameters;

  const change = useCallback(
    (next: Parameters<typeof setParameters>[0]) => {
      // The address follows by itself; there is nothing to wait for.
      setParameters(next).catch(() => {});
    },
    [setParameters],
  );
  const onSort = useCallback((sort: Sort, descending: boolean) => change({ sort, descending }), [change]);
  const onToggleGroup = useCallback(
    (id: string) => change({ folded: folded.includes(id) ? folded.filter((one) => one !== id) : [...folded, id] }),
    [change, folded],
  );
  return (
    <>
      <BoardSummary
        vaults={vaults}
        subscriptions={subscriptions}
        chosen={parameters.state}
        onChoose={useCallback((state) => change({ state }), [change])}
      />
      <section aria-label="List of vaults" className={s.list}>
        <VaultToolbar
          parameters={parameters}
          onChange={change}
          subscriptions={subscriptions}
          reasons={reasons}
          reviews={reviews}
        />
        <div className={s.above}>
          <p className={s.shown} role="status">
            {shownOf(shown, vaults.length, "vault")}
          </p>
          <WhileNoneSelected selection={selection}>
            <PlanOffers
              query={query}
              shown={shown}
              mayPlan={planning}
              startDrills={startDrills}
              onNear={onNear}
              onAsk={onAsk}
            />
          </WhileNoneSelected>
        </div>
        <SelectionBar
          selection={selection}
          rows={rows}
          query={query}
          mayPlan={planning}
          startDrills={startDrills}
          onNear={onNear}
          onAsk={onAsk}
        />
        {shown === 0 ? (
          <EmptyState
            title="No vault matches"
            action={<Button onClick={() => change(NO_FILTER)}>Clear filters</Button>}
          >
            The search and the filters hide {plural(vaults.length, "vault")}.
          </EmptyState>
        ) : (
          <VaultList
            items={items}
            rows={rows}
            query={query}
            selection={selection}
            grouped={parameters.grouped}
            showMine={someAreNot && !parameters.mine}
            sort={parameters.sort}
            descending={parameters.descending}
            onSort={onSort}
            onToggleGroup={onToggleGroup}
          />
        )}
      </section>
      {dialog}
    </>
  );
}

function WhileNoneSelected({ selection, children }: { selection: VaultSelection; children: ReactNode }) {
  return useSelection(selection).ids.size === 0 && children;
}

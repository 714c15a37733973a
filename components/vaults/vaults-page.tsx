"use client";
import { Button } from "@fluentui/react-components";
import { useCallback, useMemo } from "react";
import { useBoard } from "@/components/api/use-reads";
import { Age } from "@/components/ui/age";
import { EmptyState } from "@/components/ui/empty-state";
import { FailureNotice } from "@/components/ui/failure-notice";
import { Page } from "@/components/ui/page";
import { Wait } from "@/components/ui/wait";
import type { Board, BoardRow } from "@/lib/coverage/board.pure";
import { countBySubscription, countReasons, type Sort } from "@/lib/coverage/select.pure";
import { BoardNotes } from "./board-notes";
import { BoardSummary } from "./board-summary";
import { NO_FILTER, useBoardQuery } from "./use-board-query";
import { useVaultList } from "./use-vault-list";
import { VaultList } from "./vault-list";
import { VaultToolbar } from "./vault-toolbar";
import s from "./vaults-page.module.css";

/** Every vault that the signed-in person may see, how it stands, and why. */
export function VaultsPage() {
  const board = useBoard();
  return (
    <Page title="Vaults" lead={board.data && <Lead board={board.data} />}>
      {board.isError && <FailureNotice error={board.error} onRetry={() => board.refetch()} />}
      {board.isPending && <Wait>Asking Azure for your vaults</Wait>}
      {board.data && <BoardNotes board={board.data} />}
      {board.data && (board.data.vaults.length === 0 ? <NoVaults /> : <BoardView vaults={board.data.vaults} />)}
    </Page>
  );
}

function Lead({ board }: { board: Board }) {
  const { vaults, readAt } = board;
  const subscriptions = useMemo(() => new Set(vaults.map((row) => row.subscriptionId)).size, [vaults]);
  if (vaults.length === 0) return null;
  return (
    <>
      {plural(vaults.length, "vault")} in {plural(subscriptions, "subscription")}, read <Age at={readAt} />
    </>
  );
}

const NUMBER = new Intl.NumberFormat();
const plural = (count: number, word: string): string => `${NUMBER.format(count)} ${word}${count === 1 ? "" : "s"}`;

function NoVaults() {
  return (
    <EmptyState title="Azure shows you no key vaults">
      You see the vaults that your account may read. If you expected some, ask the owner of the subscription for the
      Reader role on them, then reload this page.
    </EmptyState>
  );
}

function BoardView({ vaults }: { vaults: readonly BoardRow[] }) {
  const [parameters, setParameters] = useBoardQuery();
  const { items, shown } = useVaultList(vaults, parameters);
  const subscriptions = useMemo(() => countBySubscription(vaults), [vaults]);
  const reasons = useMemo(() => countReasons(vaults), [vaults]);
  const showMine = useMemo(() => vaults.some((row) => !row.mine), [vaults]);
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
      <section aria-label="List of vaults">
        <VaultToolbar parameters={parameters} onChange={change} subscriptions={subscriptions} reasons={reasons} />
        <p className={s.shown} role="status">
          {shown === vaults.length ? `All ${plural(shown, "vault")}` : `${plural(shown, "vault")} of ${vaults.length}`}
        </p>
        {shown === 0 ? (
          <EmptyState
            title="No vault matches"
            action={<Button onClick={() => change(NO_FILTER)}>Clear filters</Button>}
          >
            {plural(vaults.length, "vault")} are hidden by the search and the filters.
          </EmptyState>
        ) : (
          <VaultList
            items={items}
            grouped={parameters.grouped}
            showMine={showMine}
            sort={parameters.sort}
            descending={parameters.descending}
            onSort={onSort}
            onToggleGroup={onToggleGroup}
          />
        )}
      </section>
    </>
  );
}

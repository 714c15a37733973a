"use client";
import dynamic from "next/dynamic";
import { type ReactNode, useMemo } from "react";
import { useBoard } from "@/components/api/use-board";
import type { StartDrills } from "@/components/drills/use-drills";
import type { Plan } from "@/components/plan/plan-dialog";
import { Age } from "@/components/ui/age";
import { EmptyState } from "@/components/ui/empty-state";
import { FailureNotice } from "@/components/ui/failure-notice";
import { Page } from "@/components/ui/page";
import { plural } from "@/components/ui/plural";
import { usePreload } from "@/components/ui/use-preload";
import { Wait } from "@/components/ui/wait";
import type { Board } from "@/lib/coverage/board.pure";

/* Both outside the first load, which has a budget. */

const loadBoardView = () => import("./board-view").then((file) => file.BoardView);
const BoardView = dynamic(loadBoardView, { ssr: false, loading: () => <Asking /> });

/** Mounted before the board is there, so that it pushes nothing down later. */
const BoardNotes = dynamic(() => import("./board-notes").then((file) => file.BoardNotes), { ssr: false });

interface VaultsPageProps {
  plan: Plan;
  startDrills: StartDrills;
  /** What happened to vaults of the person's own. */
  notices?: ReactNode;
}

/** Every vault that the signed-in person may see, how it stands, and why. */
export function VaultsPage({ plan, startDrills, notices }: VaultsPageProps) {
  const board = useBoard();
  usePreload(loadBoardView);
  return (
    <Page title="Vaults" lead={board.data && <Lead board={board.data} />}>
      {notices}
      {board.isError && <FailureNotice error={board.error} onRetry={() => board.refetch()} />}
      {board.isPending && <Asking />}
      <BoardNotes board={board.data} />
      {board.data &&
        (board.data.vaults.length === 0 ? (
          <NoVaults />
        ) : (
          <BoardView vaults={board.data.vaults} reviews={board.data.reviews} plan={plan} startDrills={startDrills} />
        ))}
    </Page>
  );
}

function Asking() {
  return <Wait>Asking Azure for your vaults</Wait>;
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

function NoVaults() {
  return (
    <EmptyState title="Azure shows you no key vaults">
      You see the vaults that your account may read. If you expected some, ask the owner of the subscription for the
      Reader role on them, then reload this page.
    </EmptyState>
  );
}

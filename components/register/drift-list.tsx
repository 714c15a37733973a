"use client";
import { useQueryClient } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import { useRef, useState } from "react";
import { useAction } from "@/components/api/use-action";
import { EmptyState } from "@/components/ui/empty-state";
import { FailureNotice } from "@/components/ui/failure-notice";
import { LeftOut } from "@/components/ui/left-out";
import { Card } from "@/components/ui/page";
import type { DriftKind, Finding, RegisterView } from "@/lib/register/views.pure";
import { DriftGroup } from "./drift-group";
import { DRIFT_WORDS } from "./drift-words";
import type { RegisterActions } from "./register-page";
import { REGISTER_KEY } from "./use-register";

const ConfirmDialog = dynamic(() => import("@/components/ui/confirm-dialog").then((file) => file.ConfirmDialog), {
  ssr: false,
});
const LeaveDialog = dynamic(() => import("./leave-dialog").then((file) => file.LeaveDialog), { ssr: false });

interface DriftListProps extends Pick<RegisterActions, "repair" | "leave"> {
  view: RegisterView;
}

/** Everything in which our register, the published one and the vaults differ, by kind. */
export function DriftList({ view, repair, leave }: DriftListProps) {
  const client = useQueryClient();
  const refresh = () => client.invalidateQueries({ queryKey: REGISTER_KEY, exact: true });
  const repairing = useAction(repair, refresh);
  const leaving = useAction(leave, refresh);
  const all = useAsked<{ kind: DriftKind; open: number }>();
  const toLeave = useAsked<Finding>();
  return (
    <>
      {repairing.isError && <FailureNotice error={repairing.error} />}
      {leaving.isError && <FailureNotice error={leaving.error} />}
      {view.drift.length === 0 ? (
        <Card title="Differences">
          <NoDrift compared={view.comparedAt !== null} leftOut={view.vaultsLeftOut} />
        </Card>
      ) : (
        view.drift.map((group) => (
          <DriftGroup
            key={group.kind}
            group={group}
            mayRepair={view.mayRepair}
            busy={repairing.isPending}
            onRepair={(id) => repairing.mutate({ id })}
            onRepairAll={() => all.ask(group)}
            onLeave={toLeave.ask}
          />
        ))
      )}
      <LeftOut vaults={view.vaultsLeftOut} />
      {all.about && (
        <ConfirmDialog
          open={all.open}
          title={`Repair all ${all.about.open}: ${DRIFT_WORDS[all.about.kind].title.toLowerCase()}`}
          confirm="Repair all"
          onClose={all.close}
          onConfirm={() => {
            if (all.about) repairing.mutate({ kind: all.about.kind });
            all.close();
          }}
        >
          <p>{DRIFT_WORDS[all.about.kind].text}</p>
          <p>It is done in the background; each one is noted in the audit log.</p>
        </ConfirmDialog>
      )}
      {toLeave.about && (
        <LeaveDialog
          key={toLeave.about.id}
          open={toLeave.open}
          onClose={toLeave.close}
          onLeave={(note) => {
            if (toLeave.about) leaving.mutate({ id: toLeave.about.id, note });
            toLeave.close();
          }}
        />
      )}
    </>
  );
}

/**
 * What a dialog is about. It comes with the first question and stays mounted: one that vanishes while it is open would
 * leave the page behind it hidden to readers. Closed, it gives the focus back to where the question came from.
 */
function useAsked<T>() {
  const [about, setAbout] = useState<T | null>(null);
  const [open, setOpen] = useState(false);
  const opener = useRef<Element | null>(null);
  const ask = (what: T) => {
    opener.current = document.activeElement;
    setAbout(what);
    setOpen(true);
  };
  const close = () => {
    setOpen(false);
    if (opener.current instanceof HTMLElement) opener.current.focus();
  };
  return { about, open, ask, close };
}

function NoDrift({ compared, leftOut }: { compared: boolean; leftOut: number }) {
  if (!compared) {
    return (
      <EmptyState title="Not compared yet">
        The register is compared with the published one every hour. Compare it now to see differences at once.
      </EmptyState>
    );
  }
  return (
    <EmptyState title={leftOut > 0 ? "No difference in the vaults that you may read" : "No difference"}>
      Every honeytoken of the register is published and unchanged, and the audit log shows none that was taken away.
    </EmptyState>
  );
}

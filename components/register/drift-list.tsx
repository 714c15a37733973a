"use client";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useAction } from "@/components/api/use-action";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { EmptyState } from "@/components/ui/empty-state";
import { FailureNotice } from "@/components/ui/failure-notice";
import { Card } from "@/components/ui/page";
import type { DriftKind, Finding, RegisterView } from "@/lib/register/views.pure";
import { DriftGroup } from "./drift-group";
import { DRIFT_WORDS } from "./drift-words";
import { LeaveDialog } from "./leave-dialog";
import type { RegisterActions } from "./register-page";
import { REGISTER_KEY } from "./use-register";

interface DriftListProps extends Pick<RegisterActions, "repair" | "leave"> {
  view: RegisterView;
}

/** Everything in which our register, the published one and the vaults differ, by kind. */
export function DriftList({ view, repair, leave }: DriftListProps) {
  const client = useQueryClient();
  const refresh = () => client.invalidateQueries({ queryKey: REGISTER_KEY, exact: true });
  const repairing = useAction(repair, refresh);
  const leaving = useAction(leave, refresh);
  const [all, setAll] = useState<{ kind: DriftKind; open: number } | null>(null);
  const [toLeave, setToLeave] = useState<Finding | null>(null);
  return (
    <>
      {repairing.isError && <FailureNotice error={repairing.error} />}
      {leaving.isError && <FailureNotice error={leaving.error} />}
      {view.drift.length === 0 ? (
        <Card title="Differences">
          <NoDrift compared={view.comparedAt !== null} />
        </Card>
      ) : (
        view.drift.map((group) => (
          <DriftGroup
            key={group.kind}
            group={group}
            mayRepair={view.mayRepair}
            busy={repairing.isPending}
            onRepair={(id) => repairing.mutate({ id })}
            onRepairAll={() => setAll(group)}
            onLeave={setToLeave}
          />
        ))
      )}
      {/* The dialogs stay mounted: one that vanishes while it is open leaves the page behind it hidden to readers. */}
      <RepairAllDialog
        group={all}
        onClose={() => setAll(null)}
        onConfirm={(kind) => {
          repairing.mutate({ kind });
          setAll(null);
        }}
      />
      <LeaveDialog
        open={toLeave !== null}
        onClose={() => setToLeave(null)}
        onLeave={(note) => {
          if (toLeave) leaving.mutate({ id: toLeave.id, note });
          setToLeave(null);
        }}
      />
    </>
  );
}

interface RepairAllDialogProps {
  group: { kind: DriftKind; open: number } | null;
  onClose: () => void;
  onConfirm: (kind: DriftKind) => void;
}

function RepairAllDialog({ group, onClose, onConfirm }: RepairAllDialogProps) {
  const words = group && DRIFT_WORDS[group.kind];
  return (
    <ConfirmDialog
      open={group !== null}
      title={group && words ? `Repair all ${group.open}: ${words.title.toLowerCase()}` : "Repair all"}
      confirm="Repair all"
      onClose={onClose}
      onConfirm={() => group && onConfirm(group.kind)}
    >
      <p>{words?.text}</p>
      <p>It is done in the background; each one is noted in the audit log.</p>
    </ConfirmDialog>
  );
}

function NoDrift({ compared }: { compared: boolean }) {
  if (!compared) {
    return (
      <EmptyState title="Not compared yet">
        The register is compared with the published one every hour. Compare it now to see differences at once.
      </EmptyState>
    );
  }
  return (
    <EmptyState title="No difference">
      Every honeytoken of the register is published and unchanged, and the audit log shows none that was taken away.
    </EmptyState>
  );
}

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
      {all && (
        <ConfirmDialog
          open
          title={`Repair all ${all.open}: ${DRIFT_WORDS[all.kind].title.toLowerCase()}`}
          confirm="Repair all"
          onClose={() => setAll(null)}
          onConfirm={() => {
            repairing.mutate({ kind: all.kind });
            setAll(null);
          }}
        >
          <p>{DRIFT_WORDS[all.kind].text}</p>
          <p>It is done in the background; each one is noted in the audit log.</p>
        </ConfirmDialog>
      )}
      {toLeave && (
        <LeaveDialog
          onClose={() => setToLeave(null)}
          onLeave={(note) => {
            leaving.mutate({ id: toLeave.id, note });
            setToLeave(null);
          }}
        />
      )}
    </>
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
      Every honeytoken of the register is published, unchanged and, as far as the audit log tells, in its vault.
    </EmptyState>
  );
}

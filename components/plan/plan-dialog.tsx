"use client";
import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
} from "@fluentui/react-components";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import type { z } from "zod";
import { type Action, useAction } from "@/components/api/use-action";
import { FailureNotice } from "@/components/ui/failure-notice";
import { plural } from "@/components/ui/plural";
import { FleetRequest } from "@/lib/deployments/fleet.pure";
import type { PlannedOperation } from "@/lib/deployments/views.pure";
import s from "./plan-dialog.module.css";
import { DEFAULT_CHOICES, type PlanChoices, PlanFields } from "./plan-fields";

export type Plan = Action<FleetRequest, { id: string }>;

/** What a plan is asked for. */
export interface PlanSubject {
  operation: PlannedOperation;
  selection: z.input<typeof FleetRequest>["selection"];
  /** How many vaults the page counts there; null = all that there are. */
  vaults: number | null;
  /** Only these honeytokens of the one vault; left out = all that are live there. */
  decoyIds?: readonly string[];
}

interface PlanDialogProps {
  open: boolean;
  /** Null before the first time that it is opened. */
  subject: PlanSubject | null;
  plan: Plan;
  onClose: () => void;
}

/** Asks how, has the plan made, and leads to it. Loaded on demand. */
export function PlanDialog({ open, subject, plan, onClose }: PlanDialogProps) {
  return (
    <Dialog open={open} onOpenChange={(_, data) => !data.open && onClose()}>
      <DialogSurface className={s.surface}>
        {subject && <PlanForm subject={subject} plan={plan} onClose={onClose} />}
      </DialogSurface>
    </Dialog>
  );
}

function PlanForm({ subject, plan, onClose }: { subject: PlanSubject; plan: Plan; onClose: () => void }) {
  const { operation, selection, decoyIds } = subject;
  const router = useRouter();
  const [choices, setChoices] = useState(DEFAULT_CHOICES);
  const [problem, setProblem] = useState<{ field: string; message: string } | null>(null);
  const planning = useAction(plan, ({ id }) => {
    onClose();
    router.push(`/deployments/${id}`);
  });

  const change = (next: PlanChoices) => {
    setChoices(next);
    setProblem(null);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const { kind, count, addToExisting, spreadHours, acceptUnknownReaders, history } = choices;
    const typed = spreadHours.trim();
    const hours = /^\d+$/.test(typed) ? Number(typed) : Number.NaN;
    const accepted = acceptUnknownReaders && kind !== "key";
    const planting = { kind, ...(count !== null && { count }), acceptUnknownReaders: accepted, history };
    const request = FleetRequest.safeParse({
      operation,
      selection,
      ...(decoyIds && { decoyIds: [...decoyIds] }),
      ...(typed !== "" && { spreadHours: hours }),
      ...(operation !== "retire" && planting),
      ...(operation === "plant" && { addToExisting }),
    });
    if (request.success) {
      setProblem(null);
      planning.mutate(request.data);
      return;
    }
    const [issue] = request.error.issues;
    setProblem({ field: String(issue?.path[0] ?? ""), message: issue?.message ?? "" });
  };

  return (
    <form onSubmit={submit} noValidate>
      <DialogBody>
        <DialogTitle>{titleOf(subject)}</DialogTitle>
        <DialogContent className={s.content}>
          <p>{LEADS[operation]} Nothing is changed before you have seen the plan and started it.</p>
          <PlanFields operation={operation} choices={choices} problem={problem} onChange={change} />
          {(problem?.field === "selection" || problem?.field === "decoyIds") && (
            <p role="alert" className={s.problem}>
              This choice cannot be sent. {problem.message}
            </p>
          )}
          {planning.isError && (
            <div ref={intoView}>
              <FailureNotice error={planning.error} />
            </div>
          )}
        </DialogContent>
        <DialogActions>
          <Button onClick={onClose} disabled={planning.isPending}>
            Cancel
          </Button>
          <Button type="submit" appearance="primary" disabled={planning.isPending}>
            {planning.isPending ? "Asking…" : "Make the plan"}
          </Button>
        </DialogActions>
      </DialogBody>
    </form>
  );
}

// In a small window the fields fill the dialog, and what went wrong would stand below them, out of sight.
const intoView = (element: HTMLElement | null): void => element?.scrollIntoView({ block: "center" });

function titleOf({ operation, vaults, decoyIds }: PlanSubject): string {
  const where = vaults === null ? "every vault" : plural(vaults, "vault");
  if (decoyIds) {
    const these = plural(decoyIds.length, "honeytoken");
    return operation === "retire" ? `Plan the removal of ${these}` : `Plan the replacement of ${these}`;
  }
  if (operation === "retire") return `Plan the removal of honeytokens from ${where}`;
  return operation === "replace" ? `Plan new honeytokens for ${where}` : `Plan honeytokens for ${where}`;
}

const LEADS: Record<PlannedOperation, string> = {
  plant: "The plan says for each vault what would be registered and written, or why that cannot be done.",
  retire:
    "The plan says for each vault what would be deleted. Azure keeps what is deleted until its recovery time is over, and touches are noticed until then.",
  replace: "The plan says for each vault what would be written under a new name and what would be deleted after that.",
};

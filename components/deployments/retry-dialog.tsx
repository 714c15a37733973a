"use client";
import { Dialog, DialogSurface } from "@fluentui/react-components";
import type { FormEvent } from "react";
import { DialogForm } from "@/components/ui/dialog-form";
import { plural } from "@/components/ui/plural";
import type { DeploymentView } from "@/lib/deployments/views.pure";
import s from "./deployment.module.css";
import { TypedNumber, useTypedNumber } from "./typed-number";
import { retried } from "./words";

interface RetryDialogProps {
  open: boolean;
  deployment: DeploymentView;
  onConfirm: (typed: number | null) => void;
  onClose: () => void;
}

/** Asks before many vaults are done again, for their number too where the start asked for one. Loaded on demand. */
export function RetryDialog({ open, deployment, onConfirm, onClose }: RetryDialogProps) {
  return (
    <Dialog open={open} onOpenChange={(_, data) => !data.open && onClose()}>
      <DialogSurface>
        <RetryForm deployment={deployment} onConfirm={onConfirm} onClose={onClose} />
      </DialogSurface>
    </Dialog>
  );
}

const IDLE = { isPending: false, error: null };

function RetryForm({ deployment, onConfirm, onClose }: Omit<RetryDialogProps, "open">) {
  const { counts, confirmByTyping, spreadHours } = deployment;
  const number = useTypedNumber(confirmByTyping);
  const vaults = plural(counts.failed + counts.cancelled, "vault");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (number.isRight()) onConfirm(confirmByTyping);
  };
  return (
    <DialogForm
      title={`Retry in ${vaults}`}
      className={s.question}
      words={{ submit: `Retry in ${vaults}`, pending: "" }}
      action={IDLE}
      onSubmit={submit}
      onClose={onClose}
    >
      <p>{retried(counts)} are done again from the beginning. Vaults that are done are left alone.</p>
      {spreadHours > 0 && (
        <p>A vault whose moment of the spread is still to come waits for it; the others begin at once.</p>
      )}
      <TypedNumber number={number} />
    </DialogForm>
  );
}

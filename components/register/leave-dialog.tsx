"use client";
import { Field, Input } from "@fluentui/react-components";
import { useState } from "react";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { LeaveRequest } from "@/lib/register/views.pure";

interface LeaveDialogProps {
  open: boolean;
  onLeave: (note: string) => void;
  onClose: () => void;
}

/** Asks why a finding may stay as it is. */
export function LeaveDialog({ open, onLeave, onClose }: LeaveDialogProps) {
  const [note, setNote] = useState("");
  const [tried, setTried] = useState(false);
  const checked = LeaveRequest.shape.note.safeParse(note);
  const problem = tried ? checked.error?.issues[0]?.message : undefined;
  const leave = () => {
    setTried(!checked.success);
    if (!checked.success) return;
    setNote("");
    onLeave(checked.data);
  };
  const close = () => {
    setNote("");
    setTried(false);
    onClose();
  };
  return (
    <ConfirmDialog open={open} title="Leave this row as it is" confirm="Leave it" onClose={close} onConfirm={leave}>
      <p>The rules go on watching it; it stays in this list with your reason.</p>
      <Field label="Reason" required {...(problem !== undefined && { validationMessage: problem })}>
        <Input value={note} maxLength={300} onChange={(_, data) => setNote(data.value)} />
      </Field>
    </ConfirmDialog>
  );
}

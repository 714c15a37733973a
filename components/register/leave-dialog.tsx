"use client";
import { Field, Input } from "@fluentui/react-components";
import { useState } from "react";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { LeaveRequest } from "@/lib/register/views.pure";

/** Asks why a finding may stay as it is. */
export function LeaveDialog({ onLeave, onClose }: { onLeave: (note: string) => void; onClose: () => void }) {
  const [note, setNote] = useState("");
  const [tried, setTried] = useState(false);
  const checked = LeaveRequest.shape.note.safeParse(note);
  const problem = tried ? checked.error?.issues[0]?.message : undefined;
  return (
    <ConfirmDialog
      open
      title="Leave this row as it is"
      confirm="Leave it"
      onClose={onClose}
      onConfirm={() => (checked.success ? onLeave(checked.data) : setTried(true))}
    >
      <p>The rules go on watching it; it stays in this list with your reason.</p>
      <Field label="Reason" required {...(problem !== undefined && { validationMessage: problem })}>
        <Input value={note} maxLength={300} onChange={(_, data) => setNote(data.value)} />
      </Field>
    </ConfirmDialog>
  );
}

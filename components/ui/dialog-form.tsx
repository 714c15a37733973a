"use client";
import { Button, DialogActions, DialogBody, DialogContent, DialogTitle } from "@fluentui/react-components";
import type { FormEvent, ReactNode } from "react";
import { toFailure } from "@/components/api/api-error";
import { FailureNotice } from "./failure-notice";

interface DialogFormProps {
  title: string;
  /** Of what lies between title and buttons. */
  className: string | undefined;
  /** What the button says, and while the action is under way. */
  words: { submit: string; pending: string };
  /** A failure that belongs to a field is shown there, by the fields. */
  action: { isPending: boolean; error: Error | null };
  onSubmit: (event: FormEvent) => void;
  onClose: () => void;
  children: ReactNode;
}

/** What stands in a dialog that asks for something: fields, why the action failed, and its two buttons. */
export function DialogForm({ title, className, words, action, onSubmit, onClose, children }: DialogFormProps) {
  const { error, isPending } = action;
  return (
    <form onSubmit={onSubmit} noValidate>
      <DialogBody>
        <DialogTitle>{title}</DialogTitle>
        <DialogContent className={className}>
          {children}
          {error && toFailure(error).field === undefined && <FailureNotice error={error} />}
        </DialogContent>
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" appearance="primary" disabled={isPending}>
            {isPending ? words.pending : words.submit}
          </Button>
        </DialogActions>
      </DialogBody>
    </form>
  );
}

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
import type { ReactNode } from "react";
import s from "./confirm-dialog.module.css";

interface ConfirmDialogProps {
  open: boolean;
  title: string;
  /** What the button that goes on says: a verb. */
  confirm: string;
  /** What the other button says, where "Cancel" could be misread. */
  dismiss?: string;
  /** What will be written, in words. */
  children: ReactNode;
  onConfirm: () => void;
  onClose: () => void;
}

/** "Are you sure", with what exactly will happen. Loaded on demand. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { open, title, confirm, dismiss = "Cancel", children, onConfirm, onClose } = props;
  return (
    <Dialog open={open} onOpenChange={(_, data) => !data.open && onClose()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{title}</DialogTitle>
          <DialogContent className={s.content}>{children}</DialogContent>
          <DialogActions className={s.actions}>
            <Button onClick={onClose}>{dismiss}</Button>
            <Button appearance="primary" onClick={onConfirm}>
              {confirm}
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}

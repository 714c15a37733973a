"use client";
import { Button } from "@fluentui/react-components";
import dynamic from "next/dynamic";
import type { ReactNode } from "react";
import { useDialog } from "./use-dialog";

const ConfirmDialog = dynamic(() => import("./confirm-dialog").then((file) => file.ConfirmDialog), { ssr: false });

interface ConfirmedButtonProps {
  /** What stands on the button. */
  label: string;
  /** What it is called beside others of the same label. */
  name?: string;
  appearance?: "primary";
  size?: "small";
  disabled: boolean;
  /** The question. */
  title: string;
  /** What the dialog's button that goes on says: a verb. */
  confirm: string;
  /** What will be written, in words. */
  children: ReactNode;
  onConfirm: () => void;
}

/** A button that asks before it does anything. */
export function ConfirmedButton(props: ConfirmedButtonProps) {
  const { label, name, appearance, size, disabled, title, confirm, children, onConfirm } = props;
  const dialog = useDialog();
  const go = () => {
    dialog.close();
    onConfirm();
  };
  return (
    <>
      <Button
        disabled={disabled}
        onClick={dialog.ask}
        {...(name !== undefined && { "aria-label": name })}
        {...(appearance && { appearance })}
        {...(size && { size })}
      >
        {label}
      </Button>
      {dialog.asked && (
        <ConfirmDialog open={dialog.open} title={title} confirm={confirm} onClose={dialog.close} onConfirm={go}>
          {children}
        </ConfirmDialog>
      )}
    </>
  );
}

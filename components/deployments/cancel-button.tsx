"use client";
import dynamic from "next/dynamic";
import { useRef, useState } from "react";
import { PassingButton } from "@/components/ui/passing-button";
import { plural } from "@/components/ui/plural";

const ConfirmDialog = dynamic(() => import("@/components/ui/confirm-dialog").then((file) => file.ConfirmDialog), {
  ssr: false,
});

interface CancelButtonProps {
  disabled: boolean;
  /** Vaults in which something has been begun. */
  running: number;
  onConfirm: () => void;
}

/** Cancels after a question that says what becomes of what has been begun. */
export function CancelButton({ disabled, running, onConfirm }: CancelButtonProps) {
  const [near, setNear] = useState(false);
  const [open, setOpen] = useState(false);
  const opener = useRef<HTMLElement>(null);
  const close = () => {
    setOpen(false);
    opener.current?.focus();
  };
  return (
    <>
      <PassingButton
        disabled={disabled}
        onPointerEnter={() => setNear(true)}
        onFocus={() => setNear(true)}
        onClick={(event) => {
          opener.current = event.currentTarget;
          setNear(true);
          setOpen(true);
        }}
      >
        Cancel
      </PassingButton>
      {near && (
        <ConfirmDialog
          open={open}
          title="Cancel this deployment"
          confirm="Cancel the deployment"
          dismiss="Let it go on"
          onClose={close}
          onConfirm={() => {
            close();
            onConfirm();
          }}
        >
          <p>Nothing new is begun.</p>
          <p>
            {running > 0
              ? `In ${plural(running, "vault")} something has been begun. Where nothing is written or deleted yet, register entries and rights are taken back; else it is brought to its end.`
              : "Where something has been begun by then and nothing is written or deleted yet, it is taken back; else it is brought to its end."}{" "}
            Vaults that are done are left alone.
          </p>
          <p>The rest can be taken up again later with Retry.</p>
        </ConfirmDialog>
      )}
    </>
  );
}

"use client";
import { Button } from "@fluentui/react-components";
import { useQueryClient } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import { useRef, useState } from "react";
import { type Action, useAction } from "@/components/api/use-action";
import { refreshVaultReads, type VaultAddress } from "@/components/api/use-vault";
import { FailureNotice } from "@/components/ui/failure-notice";
import { Notice } from "@/components/ui/notice";
import type { VaultDetail } from "@/lib/coverage/board.pure";
import s from "./plant.module.css";

const ConfirmDialog = dynamic(() => import("@/components/ui/confirm-dialog").then((file) => file.ConfirmDialog), {
  ssr: false,
});

export type EnableAuditLog = Action<{ vaultId: string }, { setting: string }>;

interface AuditLogOfferProps {
  detail: VaultDetail;
  address: VaultAddress;
  enableAuditLog: EnableAuditLog;
}

/** A honeytoken in a vault without an audit log would notice nothing: the log comes first. */
export function AuditLogOffer({ detail, address, enableAuditLog }: AuditLogOfferProps) {
  const { changeLogging, changeLoggingReason } = detail.may;
  return (
    <div className={s.form}>
      <p>Nobody would notice a touch here yet, because the watched workspace gets no audit log of this vault.</p>
      {changeLogging ? (
        <EnableButton detail={detail} address={address} enableAuditLog={enableAuditLog} />
      ) : (
        <p>{changeLoggingReason ?? "You may not change the logging of this vault. Ask an administrator."}</p>
      )}
    </div>
  );
}

function EnableButton({ detail, address, enableAuditLog }: AuditLogOfferProps) {
  const client = useQueryClient();
  // The dialog's code is fetched at the first sign of intent and mounted closed, so that it opens at once.
  const [near, setNear] = useState(false);
  const [open, setOpen] = useState(false);
  const opener = useRef<HTMLElement>(null);
  const enabling = useAction(enableAuditLog, () => refreshVaultReads(client, address));
  const close = () => {
    setOpen(false);
    opener.current?.focus();
  };
  if (enabling.isSuccess) {
    return (
      <Notice intent="success" title="The audit log is on">
        The setting {enabling.data.setting} was added. Azure may take up to 90 minutes until the first row arrives.
      </Notice>
    );
  }
  return (
    <>
      {enabling.isError && <FailureNotice error={enabling.error} />}
      <Button
        appearance="primary"
        disabled={enabling.isPending}
        onPointerEnter={() => setNear(true)}
        onFocus={() => setNear(true)}
        onClick={(event) => {
          opener.current = event.currentTarget;
          setNear(true);
          setOpen(true);
        }}
      >
        {enabling.isPending ? "Switching on…" : "Switch on the audit log"}
      </Button>
      {near && (
        <ConfirmDialog
          open={open}
          title={`Switch on the audit log of ${detail.vault.name}`}
          confirm="Switch on"
          onClose={close}
          onConfirm={() => {
            close();
            enabling.mutate({ vaultId: detail.vault.id });
          }}
        >
          <p>
            One diagnostic setting is added to this vault. It sends the vault's audit events to the watched Log
            Analytics workspace. It is written in your name.
          </p>
          <p>
            Settings that are already there stay as they are, and the vault itself is not changed. Log Analytics charges
            for what it takes in.
          </p>
        </ConfirmDialog>
      )}
    </>
  );
}

"use client";
import { Button } from "@fluentui/react-components";
import { AddRegular } from "@fluentui/react-icons";
import dynamic from "next/dynamic";
import { type MouseEvent, useState } from "react";
import { Check } from "@/components/ui/check";
import { EmptyState } from "@/components/ui/empty-state";
import { FailureNotice } from "@/components/ui/failure-notice";
import { LeftOut } from "@/components/ui/left-out";
import { Notice } from "@/components/ui/notice";
import { Page } from "@/components/ui/page";
import { useDialog } from "@/components/ui/use-dialog";
import { Wait } from "@/components/ui/wait";
import type { AlertExceptionList, Proposal } from "@/lib/detection/alert-exceptions.pure";
import { AlertExceptionTable } from "./alert-exception-table";
import own from "./alert-exceptions.module.css";
import { ForeignCard } from "./foreign-card";
import { ProposalsCard } from "./proposals-card";
import { type AlertExceptionActions, useAlertExceptions } from "./use-alert-exceptions";

const AlertExceptionDialog = dynamic(
  () => import("./alert-exception-dialog").then((file) => file.AlertExceptionDialog),
  { ssr: false },
);

const TRAIL = [{ href: "/setup", name: "Set-up" }];

/** Callers whose expected touches raise a lower alert: who, doing what, where, why, until when, by whom. */
export function AlertExceptionsPage(actions: AlertExceptionActions) {
  const list = useAlertExceptions();
  const adding = useDialog();
  const [proposal, setProposal] = useState<Proposal>();
  const ask = (chosen: Proposal | undefined, event: MouseEvent<HTMLElement>) => {
    setProposal(chosen);
    adding.ask(event);
  };
  const mayChange = list.data?.mayChange ?? false;
  return (
    <Page
      title="Alert exceptions"
      lead="Callers that are expected to touch honeytokens: backups, copies, applications that load everything. Their touches raise a lower alert that says so. They are never hidden."
      trail={TRAIL}
      actions={
        mayChange && (
          <Button appearance="primary" icon={<AddRegular />} onClick={(event) => ask(undefined, event)}>
            Add an alert exception
          </Button>
        )
      }
    >
      {list.isError && <FailureNotice error={list.error} onRetry={() => list.refetch()} />}
      {list.isPending && <Wait>Reading the alert exceptions</Wait>}
      {list.data && <Exceptions list={list.data} {...actions} />}
      <ForeignCard takeOver={actions.takeOver} remove={actions.remove} />
      <ProposalsCard mayChange={mayChange} onConfirm={ask} dismiss={actions.dismiss} />
      {adding.asked && (
        <AlertExceptionDialog
          open={adding.open}
          add={actions.add}
          onClose={adding.close}
          {...(proposal && { proposal })}
        />
      )}
    </Page>
  );
}

function Exceptions({ list, renew, end }: { list: AlertExceptionList } & Pick<AlertExceptionActions, "renew" | "end">) {
  const [past, setPast] = useState(false);
  const review = list.current.filter((one) => one.review !== null);
  const entries = [
    ...list.current.map((one) => ({ ...one, endedAt: null, endedBy: null })),
    ...(past ? list.past : []),
  ];
  return (
    <>
      {review.length > 0 && (
        <Notice
          intent="warning"
          title={review.length === 1 ? "One needs a decision" : `${review.length} need a decision`}
        >
          <p>Renew it with the reason of today, or let it go. What is over lowers no alert any more.</p>
        </Notice>
      )}
      {entries.length > 0 ? (
        <AlertExceptionTable entries={entries} {...(list.mayChange && { renew, end })} />
      ) : (
        <EmptyState title="There is no alert exception">Every touch of a honeytoken counts in full.</EmptyState>
      )}
      <LeftOut vaults={list.vaultsLeftOut} />
      {list.past.length > 0 && (
        <div className={own.foot}>
          <Check label={`Also those that were ended (${list.past.length})`} checked={past} onChange={setPast} />
        </div>
      )}
    </>
  );
}

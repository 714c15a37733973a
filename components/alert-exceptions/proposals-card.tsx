"use client";
import { Button } from "@fluentui/react-components";
import Link from "next/link";
import type { MouseEvent } from "react";
import { useAction } from "@/components/api/use-action";
import { Age, LocalTime } from "@/components/ui/age";
import { FailureNotice } from "@/components/ui/failure-notice";
import { LeftOut } from "@/components/ui/left-out";
import { OutsideText } from "@/components/ui/outside-text";
import { Card } from "@/components/ui/page";
import { Wait } from "@/components/ui/wait";
import type { Proposal } from "@/lib/detection/alert-exceptions.pure";
import s from "./alert-exceptions.module.css";
import { type AlertExceptionActions, useProposals, useRefreshAlertExceptions } from "./use-alert-exceptions";
import { OPERATION_WORDS } from "./words";

interface ProposalsCardProps extends Pick<AlertExceptionActions, "dismiss"> {
  mayChange: boolean;
  onConfirm: (proposal: Proposal, event: MouseEvent<HTMLElement>) => void;
}

const VAULTS_SHOWN = 5;

/** Machines that the log shows reading everything in a vault: evidence for a person, who confirms or dismisses. */
export function ProposalsCard({ mayChange, onConfirm, dismiss }: ProposalsCardProps) {
  const list = useProposals();
  const dismissing = useAction(dismiss, useRefreshAlertExceptions());
  return (
    <Card title="Observed in the last 30 days">
      {list.isPending && <Wait>Looking through 30 days of the audit log</Wait>}
      {list.isError && <FailureNotice error={list.error} onRetry={() => list.refetch()} />}
      {dismissing.isError && <FailureNotice error={dismissing.error} />}
      {list.data && list.data.proposals.length === 0 && (
        <p className={s.none}>No application read whole vaults, their honeytokens included, on three days or more.</p>
      )}
      {list.data && list.data.proposals.length > 0 && (
        <>
          <p className={s.none}>
            These applications touched honeytokens again and again, always together with other objects of the vault and
            never refused. That looks like a machine, but a stolen identity looks the same: ask its owner. Touches are
            counted in the log, whether or not they raised an alert.
          </p>
          <ul>
            {list.data.proposals.map((proposal) => (
              <li key={proposal.callerOid} className={s.proposal}>
                <Evidence proposal={proposal} />
                {mayChange && (
                  <span className={s.buttons}>
                    <Button
                      size="small"
                      aria-label={`Confirm that ${proposal.callerName} is expected`}
                      onClick={(event) => onConfirm(proposal, event)}
                    >
                      Confirm…
                    </Button>
                    <Button
                      size="small"
                      appearance="subtle"
                      disabled={dismissing.isPending}
                      aria-label={`Dismiss the proposal for ${proposal.callerName}`}
                      onClick={() => dismissing.mutate({ callerOid: proposal.callerOid })}
                    >
                      Dismiss
                    </Button>
                  </span>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
      {list.data && (
        <div className={s.none}>
          <LeftOut vaults={list.data.vaultsLeftOut} />
          <p>
            Read <Age at={list.data.readAt} />.
          </p>
        </div>
      )}
    </Card>
  );
}

function Evidence({ proposal }: { proposal: Proposal }) {
  const { vaults, operations, days, touches, leastOthers, addresses, first, last } = proposal;
  const more = vaults.length - VAULTS_SHOWN;
  return (
    <div className={s.evidence}>
      <p className={s.who}>
        <OutsideText>{proposal.callerName}</OutsideText> <span className={s.kind}>{kindOf(proposal)}</span>
        <span className={s.second}>{proposal.callerOid}</span>
      </p>
      <p>
        {operations.map((one) => OPERATION_WORDS[one]).join(", ")}: {touches} touches on {days} days, from{" "}
        {addresses === 1 ? "one address" : `${addresses} addresses`}, each day with at least {leastOthers} other objects
        of the vault. First <LocalTime at={first} />, last <LocalTime at={last} />.
      </p>
      <p>
        In{" "}
        {vaults.slice(0, VAULTS_SHOWN).map(({ id, name, path }, place) => (
          <span key={id}>
            {place > 0 && ", "}
            <Link href={path} prefetch={false}>
              {name}
            </Link>
          </span>
        ))}
        {more > 0 && ` and ${more} more`}.
      </p>
    </div>
  );
}

function kindOf({ managedIdentity }: Proposal): string {
  return managedIdentity ? "Managed identity" : "Application";
}

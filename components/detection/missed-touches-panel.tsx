"use client";
import { CheckmarkCircleRegular, ErrorCircleRegular } from "@fluentui/react-icons";
import Link from "next/link";
import { Age, LocalTime } from "@/components/ui/age";
import { EmptyState } from "@/components/ui/empty-state";
import { FailureNotice } from "@/components/ui/failure-notice";
import { LeftOut } from "@/components/ui/left-out";
import s from "@/components/ui/list-table.module.css";
import { Notice } from "@/components/ui/notice";
import { OutsideText } from "@/components/ui/outside-text";
import { Card } from "@/components/ui/page";
import { Badge, type Look } from "@/components/ui/state-badge";
import { Wait } from "@/components/ui/wait";
import type { MissedTouch, MissedTouches } from "@/lib/detection/missed-touches.pure";
import own from "./missed-touches.module.css";
import { useMissedTouches } from "./use-missed-touches";

const NO_ALERT: Look = { word: "No alert", tone: "bad", icon: ErrorCircleRegular };
const LATE_ALERT: Look = { word: "Alert came late", tone: "good", icon: CheckmarkCircleRegular };

/** Touches of the last 30 days that no alert came of, and when that was last looked for. */
export function MissedTouchesPanel() {
  const found = useMissedTouches();
  return (
    <Card title="Missed touches">
      {found.isError && (
        <div className={own.padded}>
          <FailureNotice error={found.error} onRetry={() => found.refetch()} />
        </div>
      )}
      {found.isPending && (
        <div className={own.padded}>
          <Wait>Reading the missed touches</Wait>
        </div>
      )}
      {found.data && <Found found={found.data} />}
    </Card>
  );
}

function Found({ found }: { found: MissedTouches }) {
  const { comparedAt, comparedUntil, comparedSince, sinceBeginning, problem, missed, vaultsLeftOut } = found;
  return (
    <div className={own.found}>
      <p className={own.state}>
        {comparedAt === null || comparedUntil === null ? (
          "The log has not been compared with alerts yet. That is done every 15 minutes."
        ) : (
          <>
            The log was compared with alerts <Age at={comparedAt} />, for all rows that had arrived by{" "}
            <LocalTime at={comparedUntil} />. That is done every 15 minutes.
          </>
        )}
        {sinceBeginning && (
          <>
            {" "}
            Only touches since <LocalTime at={comparedSince} /> are compared, when this product began here. Older ones
            are in the log and may have raised no alert.
          </>
        )}
      </p>
      {problem !== null && (
        <div className={own.padded}>
          <Notice intent="warning" title="The last comparison failed">
            <p>{problem} What is shown may be older. It is tried again every 15 minutes.</p>
          </Notice>
        </div>
      )}
      {missed.length > 0 ? (
        <Table missed={missed} />
      ) : (
        comparedAt !== null && (
          <EmptyState
            title={vaultsLeftOut > 0 ? "No touch was missed in the vaults that you may read" : "No touch was missed"}
          >
            {sinceBeginning ? (
              <>
                Every touch since <LocalTime at={comparedSince} /> that was compared had its alert.
              </>
            ) : (
              "Every touch of the last 30 days that was compared had its alert."
            )}
          </EmptyState>
        )
      )}
      {vaultsLeftOut > 0 && (
        <div className={own.padded}>
          <LeftOut vaults={vaultsLeftOut} />
        </div>
      )}
    </div>
  );
}

function Table({ missed }: { missed: readonly MissedTouch[] }) {
  return (
    <table className={`${s.table} ${own.table}`}>
      <thead>
        <tr>
          <th scope="col">Honeytoken</th>
          <th scope="col">State</th>
          <th scope="col">Who</th>
          <th scope="col">What</th>
          <th scope="col">When</th>
        </tr>
      </thead>
      <tbody>
        {missed.map((one) => (
          <Row key={`${one.vaultId}/${one.decoy}/${one.caller}/${one.resolvedAt}`} missed={one} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ missed }: { missed: MissedTouch }) {
  const { path, vaultName, decoy, caller, callerName, operations, touches, firstTouch, lastTouch, resolvedAt } = missed;
  return (
    <tr>
      <th scope="row">
        {decoy}
        <span className={own.second}>
          <Link href={path} prefetch={false}>
            {vaultName}
          </Link>
        </span>
      </th>
      <td data-label="State">
        <Badge look={resolvedAt === null ? NO_ALERT : LATE_ALERT} />
      </td>
      <td data-label="Who">
        {/* Names are the caller's own choice: a mark in one must not turn the text around it. */}
        <OutsideText>{callerName}</OutsideText>
        {callerName !== caller && <span className={`${own.second} ${s.code}`}>{caller}</span>}
      </td>
      <td data-label="What">
        {operations.join(", ")}
        <span className={own.second}>{touches === 1 ? "once" : `${touches} times`}</span>
      </td>
      <td data-label="When">
        <LocalTime at={lastTouch} />
        {firstTouch !== lastTouch && (
          <span className={own.second}>
            first <LocalTime at={firstTouch} />
          </span>
        )}
      </td>
    </tr>
  );
}

"use client";
import { Button } from "@fluentui/react-components";
import { useAction } from "@/components/api/use-action";
import { Age } from "@/components/ui/age";
import { FailureNotice } from "@/components/ui/failure-notice";
import table from "@/components/ui/list-table.module.css";
import { formatNumber } from "@/components/ui/plural";
import { ScanRequest, type ScopeView, type SubscriptionCompliance } from "@/lib/distribution/deploy.pure";
import s from "./recommendation.module.css";
import { type Evaluate, useRefreshScope } from "./use-recommendation";

interface ComplianceTableProps {
  view: ScopeView;
  mayChange: boolean;
  evaluate: Evaluate;
}

const AT_ONCE_MAX = 50;

/** How many vaults are flagged, by subscription, as Azure Policy last saw them. */
export function ComplianceTable({ view, mayChange, evaluate }: ComplianceTableProps) {
  const { compliance, complianceProblem } = view;
  const refresh = useRefreshScope();
  const evaluating = useAction(evaluate, refresh);
  const free = compliance.filter(({ scan }) => scan === null).map(({ subscriptionId }) => subscriptionId);
  const request = ScanRequest.safeParse({ subscriptionIds: free.slice(0, AT_ONCE_MAX) });
  return (
    <section aria-label="How the vaults stand" className={s.part}>
      <h3 className={s.partTitle}>How the vaults stand</h3>
      {complianceProblem !== null && <p className={s.note}>{complianceProblem}</p>}
      {compliance.length > 0 && (
        <table className={table.table}>
          <thead>
            <tr>
              <th scope="col">Subscription</th>
              <th scope="col">Flagged</th>
              <th scope="col">Reviewed</th>
              <th scope="col">Seen by Azure</th>
            </tr>
          </thead>
          <tbody>
            {compliance.map((one) => (
              <Line key={one.subscriptionId} one={one} />
            ))}
          </tbody>
        </table>
      )}
      {evaluating.isError && <FailureNotice error={evaluating.error} />}
      {mayChange && compliance.length > 0 && (
        <div className={s.buttons}>
          <Button
            disabled={!request.success || evaluating.isPending}
            onClick={() => request.success && evaluating.mutate(request.data)}
          >
            {evaluating.isPending ? "Asking…" : "Evaluate now"}
          </Button>
          <span className={s.note}>Azure takes minutes to hours; the figures follow by themselves.</span>
        </div>
      )}
    </section>
  );
}

function Line({ one }: { one: SubscriptionCompliance }) {
  return (
    <tr>
      <th scope="row">{one.subscription}</th>
      <td data-label="Flagged">
        {formatNumber(one.flagged)} of {formatNumber(one.vaults)}
      </td>
      <td data-label="Reviewed">
        {formatNumber(one.compliant)}
        {one.others > 0 && <span className={s.detail}>{formatNumber(one.others)} exempt or not evaluated</span>}
      </td>
      <td data-label="Seen by Azure">
        <Age at={one.oldest} />
        {one.scan && (
          <span className={s.detail}>
            Evaluating, asked for by {one.scan.by} <Age at={one.scan.askedAt} />
          </span>
        )}
      </td>
    </tr>
  );
}

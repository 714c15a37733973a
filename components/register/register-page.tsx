"use client";
import { Button } from "@fluentui/react-components";
import { ArrowClockwiseRegular } from "@fluentui/react-icons";
import { useQueryClient } from "@tanstack/react-query";
import { type Action, useAction } from "@/components/api/use-action";
import { Age } from "@/components/ui/age";
import { FailureNotice } from "@/components/ui/failure-notice";
import { Notice } from "@/components/ui/notice";
import { Page } from "@/components/ui/page";
import { Wait } from "@/components/ui/wait";
import type { ImportResult, LeaveRequest, RegisterView, RepairRequest } from "@/lib/register/views.pure";
import { DecoyCounts } from "./decoy-counts";
import { DriftList } from "./drift-list";
import { ImportCard } from "./import-card";
import { QuotaGauge } from "./quota-gauge";
import s from "./register-page.module.css";
import { REGISTER_KEY, useRegister } from "./use-register";

export interface RegisterActions {
  compare: Action<Record<string, never>, unknown>;
  repair: Action<RepairRequest, { requested: number }>;
  leave: Action<LeaveRequest, unknown>;
  importPublished: Action<Record<string, never>, ImportResult>;
}

const TRAIL = [{ href: "/setup", name: "Set-up" }];

/** The register of honeytokens beside the published one: what differs, and what may still be changed this month. */
export function RegisterPage(actions: RegisterActions) {
  const register = useRegister();
  return (
    <Page
      title="Register"
      trail={TRAIL}
      lead="The honeytokens that this product knows, beside the watchlist that the rules read."
      {...(register.data && { actions: <Compare view={register.data} compare={actions.compare} /> })}
    >
      {register.isError && <FailureNotice error={register.error} onRetry={() => register.refetch()} />}
      {register.isPending && <Wait>Reading the register</Wait>}
      {register.data && (
        <>
          {register.data.problem !== null && (
            <Notice intent="warning" title="The last comparison could not be made">
              <p>{register.data.problem} What was found before is still shown.</p>
            </Notice>
          )}
          <div className={s.summary}>
            <QuotaGauge quota={register.data.quota} />
            <DecoyCounts counts={register.data.counts} />
          </div>
          <DriftList view={register.data} repair={actions.repair} leave={actions.leave} />
          <ImportCard mayImport={register.data.mayRepair} importPublished={actions.importPublished} />
        </>
      )}
    </Page>
  );
}

function Compare({ view, compare }: { view: RegisterView; compare: RegisterActions["compare"] }) {
  const client = useQueryClient();
  const asking = useAction(compare, () => client.invalidateQueries({ queryKey: REGISTER_KEY, exact: true }));
  const busy = asking.isPending || view.comparing;
  return (
    <div className={s.compare}>
      <span role="status" className={s.compared}>
        {busy ? "Comparing…" : view.comparedAt === null ? "Not compared yet" : "Compared "}
        {!busy && view.comparedAt !== null && <Age at={view.comparedAt} />}
      </span>
      <Button icon={<ArrowClockwiseRegular />} disabled={busy} onClick={() => asking.mutate({})}>
        Compare now
      </Button>
      {asking.isError && <FailureNotice error={asking.error} />}
    </div>
  );
}

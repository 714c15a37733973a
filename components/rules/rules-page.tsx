"use client";
import { Button } from "@fluentui/react-components";
import { ArrowDownloadRegular, ArrowSyncRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { toFailure } from "@/components/api/api-error";
import { Age } from "@/components/ui/age";
import { FailureNotice } from "@/components/ui/failure-notice";
import { Notice, Sentences } from "@/components/ui/notice";
import { Page } from "@/components/ui/page";
import { Wait } from "@/components/ui/wait";
import { EXPORT_FORMATS, hasWork, type RulePack } from "@/lib/rules/pack.pure";
import { DeployBar } from "./deploy-bar";
import { RuleTable } from "./rule-table";
import { FORMAT_WORDS } from "./rule-words";
import s from "./rules.module.css";
import { type DeployAction, useExport, useRules } from "./use-rules";

const TRAIL = [{ href: "/setup", name: "Set-up" }];

/** The analytics rules of this product: what the workspace has of them, and deploying them. */
export function RulesPage({ deploy }: { deploy: DeployAction }) {
  const pack = useRules();
  return (
    <Page
      title="Rules"
      lead="The analytics rules that turn a touch, or tampering with the watch, into an incident."
      trail={TRAIL}
      actions={<ExportButtons />}
    >
      {pack.isError && <FailureNotice error={pack.error} onRetry={() => pack.refetch()} />}
      {pack.isPending && <Wait>Asking the workspace for its rules</Wait>}
      {pack.data && (
        <>
          <p className={s.read}>
            <span>
              Workspace {pack.data.workspace}, read <Age at={pack.data.readAt} />
            </span>
            <Button
              size="small"
              icon={<ArrowSyncRegular />}
              disabled={pack.isFetching}
              onClick={() => void pack.refetch()}
            >
              Read again
            </Button>
          </p>
          {pack.data.warnings.length > 0 && (
            <Notice intent="warning" title="Not everything could be read">
              <Sentences all={pack.data.warnings} />
            </Notice>
          )}
          <Rules pack={pack.data} deploy={deploy} />
        </>
      )}
    </Page>
  );
}

/** What is missing is ticked from the start; replacing what somebody has changed never is. */
function Rules({ pack: { rules, mayDeploy }, deploy }: { pack: RulePack; deploy: DeployAction }) {
  const [ticks, setTicks] = useState<ReadonlyMap<string, boolean>>(new Map());
  if (!mayDeploy) return <RuleTable rules={rules} />;
  const chosen = rules.filter((rule) => hasWork(rule) && (ticks.get(rule.id) ?? rule.state === "missing"));
  const change = (id: string, on: boolean) => setTicks((before) => new Map([...before, [id, on]]));
  return (
    <>
      <DeployBar work={rules.some(hasWork)} chosen={chosen} deploy={deploy} onDone={() => setTicks(new Map())} />
      <RuleTable rules={rules} choice={{ chosen: new Set(chosen.map(({ id }) => id)), onChange: change }} />
    </>
  );
}

function ExportButtons() {
  const exporting = useExport();
  return (
    <div className={s.exports}>
      {EXPORT_FORMATS.map((format) => (
        <Button
          key={format}
          icon={<ArrowDownloadRegular />}
          disabled={exporting.isPending}
          onClick={() => exporting.mutate(format)}
        >
          {`Export ${FORMAT_WORDS[format]}`}
        </Button>
      ))}
      {exporting.isError && (
        <p role="alert" className={s.problem}>
          Not exported. {toFailure(exporting.error).message}
        </p>
      )}
    </div>
  );
}

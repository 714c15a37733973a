"use client";
import { FailureNotice } from "@/components/ui/failure-notice";
import { Page } from "@/components/ui/page";
import { Wait } from "@/components/ui/wait";
import { DecoyForm } from "./decoy-form";
import { DeploymentForm } from "./deployment-form";
import { NewVaultForm } from "./new-vault-form";
import s from "./settings.module.css";
import { type ChangeSettings, useSettings } from "./use-settings";
import { type SendTest, WebhookForm } from "./webhook-form";

const TRAIL = [{ href: "/setup", name: "Set-up" }];

/** What administrators decide for all vaults; analysts may read it. */
export function SettingsPage({ change, sendTest }: { change: ChangeSettings; sendTest: SendTest }) {
  const query = useSettings();
  const reload = async () => (await query.refetch()).data;
  const { data } = query;
  const common = { mayChange: data?.mayChange ?? false, change, reload };
  const lead = data?.mayChange === false ? "Only administrators may change them." : "They hold for every vault.";
  return (
    <Page title="Settings" lead={lead} trail={TRAIL}>
      {query.isError && <FailureNotice error={query.error} onRetry={() => query.refetch()} />}
      {query.isPending && <Wait>Reading the settings</Wait>}
      {data && (
        <div className={s.groups}>
          <DecoyForm {...common} saved={data.settings.decoys} changed={data.changed.decoys} />
          <DeploymentForm {...common} saved={data.settings.deployments} changed={data.changed.deployments} />
          <NewVaultForm {...common} saved={data.settings.newVaults} changed={data.changed.newVaults} />
          <WebhookForm {...common} saved={data.settings.webhook} changed={data.changed.webhook} sendTest={sendTest} />
        </div>
      )}
    </Page>
  );
}

import Link from "next/link";
import { DeploymentBadge } from "@/components/ui/deployment-badge";
import { Notice, Sentences } from "@/components/ui/notice";
import { parseVaultId, vaultPath } from "@/lib/azure/resource-id.pure";
import type { DeploymentView } from "@/lib/deployments/views.pure";
import { hasSteps, type Item, progressSentence, StepList } from "./step-list";
import s from "./vault-item.module.css";

/** One vault of a deployment with all its steps. */
export function VaultItem({ item, deployment }: { item: Item; deployment: DeploymentView }) {
  const id = parseVaultId(item.vaultId);
  const { reasons = [], warnings = [] } = item.plan ?? {};
  return (
    <section className={s.item} aria-label={item.vaultName}>
      <div className={s.head}>
        <h2 className={s.name}>{id ? <Link href={vaultPath(id)}>{item.vaultName}</Link> : item.vaultName}</h2>
        <DeploymentBadge state={item.state} />
      </div>
      {item.problem && (
        <Notice intent="error" title={item.state === "needs_person" ? "A person has to decide" : "What went wrong"}>
          {item.problem}
        </Notice>
      )}
      {reasons.length > 0 && (
        <Notice intent="warning" title={item.state === "skipped" ? "Nothing to do here" : "Why this cannot be done"}>
          <Sentences all={reasons} />
        </Notice>
      )}
      {warnings.length > 0 && (
        <Notice intent="warning" title="Before you go on">
          <Sentences all={warnings} />
        </Notice>
      )}
      <p aria-live="polite" className={s.progress}>
        {progressSentence(item, deployment)}
      </p>
      {hasSteps(item) && <StepList steps={item.steps} />}
    </section>
  );
}

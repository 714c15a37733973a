import { Card } from "@/components/ui/page";
import { formatNumber } from "@/components/ui/plural";
import type { DeploymentView } from "@/lib/deployments/views.pure";
import s from "./deployment.module.css";

/** How far the plan is. Nothing has been written. */
export function PlanningProgress({ deployment }: { deployment: DeploymentView }) {
  const { total, counts } = deployment;
  const looked = counts.planned + counts.blocked + counts.skipped;
  return (
    <Card title="The plan is being made">
      <div className={s.body}>
        <p id="planning">
          {total === 0
            ? "The vaults are being looked up."
            : `${formatNumber(looked)} of ${formatNumber(total)} vaults looked at.`}
        </p>
        <progress
          className={s.bar}
          aria-labelledby="planning"
          {...(total > 0 && { max: total, value: Math.min(looked, total) })}
        />
        <p className={s.aside}>
          Nothing is written while a plan is made. You may leave this page; the plan waits for you in the list of
          deployments.
        </p>
      </div>
    </Card>
  );
}

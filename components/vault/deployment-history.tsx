import Link from "next/link";
import { LocalTime } from "@/components/ui/age";
import { DeploymentBadge } from "@/components/ui/deployment-badge";
import { Card } from "@/components/ui/page";
import type { VaultDetail } from "@/lib/coverage/board.pure";
import s from "./deployment-history.module.css";
import table from "./plain-table.module.css";

/** What this product has done in the vault, newest first. */
export function DeploymentHistory({ deployments }: { deployments: VaultDetail["deployments"] }) {
  return (
    <Card title="Deployments">
      {deployments.length === 0 ? (
        <p className={table.none}>Nothing has been planted here by this product yet.</p>
      ) : (
        <ul>
          {deployments.map((deployment) => (
            <li key={deployment.id} className={s.entry}>
              {deployment.opens ? (
                <Link href={`/deployments/${deployment.id}`}>
                  <LocalTime at={deployment.createdAt} />
                </Link>
              ) : (
                <LocalTime at={deployment.createdAt} />
              )}
              <DeploymentBadge state={deployment.state} />
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

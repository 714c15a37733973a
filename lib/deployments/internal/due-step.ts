import "server-only";
import { auditLogReaches } from "./audit-log";
import { stillMayPlant } from "./check-step";
import type { Renewal } from "./ledger";
import { done, failed, honeytokens, needsPerson, type Outcome, type StepJob } from "./outcome";
import { unreachable } from "./reach";
import { doubtOf } from "./select-step";
import { vaultOfRun } from "./vaults-now";

/**
 * Asks again what was asked when the schedule was: the right of whoever began it, the vault, its log. And whether each
 * decoy is ours: a version is only ever written of what this product planted and nobody else has written since.
 */
export async function dueStep({ service, run }: StepJob): Promise<Outcome> {
  const vault = await vaultOfRun(service, run);
  const open = run.renewals.filter(({ row }) => row.version === null);
  for (const kind of new Set(open.map(({ decoy }) => decoy.kind))) {
    if (!(await stillMayPlant(service, run, vault, kind))) {
      return failed(
        "Whoever began the schedule may no longer write into this vault. Ask an administrator of the vault, or stop the schedule.",
      );
    }
  }
  const blocked = unreachable(vault);
  if (blocked) return failed(blocked);
  if (!(await auditLogReaches(service, run.vaultId))) {
    return failed("The vault's audit log does not reach the watched workspace. Switch it on first, then try again.");
  }
  const planter = service.config.identities.planter.objectId.toLowerCase();
  if (open.some((renewal) => !isOurs(renewal, planter))) {
    return failed("A honeytoken is no longer live, or was not planted by this product. Nothing was written.");
  }
  const doubt = await doubtOf(
    service,
    open.map(({ decoy }) => decoy),
  );
  if (doubt !== undefined) return needsPerson(doubt);
  return done(`${honeytokens(open.length)} due; the audit log knows nobody else who wrote there.`);
}

/** Planted by a deployment of ours under the identity that writes now, proven written, and not on its way out. */
function isOurs({ decoy }: Renewal, planter: string): boolean {
  return (
    decoy.state === "live" &&
    decoy.retire_item_id === null &&
    decoy.item_id !== null &&
    decoy.version !== null &&
    decoy.sent_at !== null &&
    decoy.planter_oid === planter
  );
}

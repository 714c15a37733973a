import "server-only";
import type { Kysely } from "kysely";
import type { ServiceContext } from "@/lib/context";
import { announce } from "@/lib/notices/announce";
import { isToldToOwners, tell } from "@/lib/notices/notices";
import type { Database } from "@/lib/store/schema";
import { severityOf } from "../severity";

/** Vaults that one message lists; the rest is a number. */
const LISTED = 20;

interface Missed {
  vaultId: string;
  caller: string;
  touches: number;
  operations: readonly string[];
}

/**
 * Tells the webhook of touches that were found to have no alert, in one message, and the owners of their vaults as an alert
 * would have. A drill's own touch is news for the security team only, since it shows that alerts fail. `db` is the
 * transaction that keeps the touches; wake the sender after it. No honeytoken and no caller is named.
 */
export async function announceMissed(
  service: Pick<ServiceContext, "now" | "config">,
  db: Kysely<Database>,
  fresh: readonly Missed[],
): Promise<void> {
  if (fresh.length === 0) return;
  const { config } = service;
  const at = service.now();
  const vaults = vaultsOf(fresh);
  await announce(service, db, `missed:${at.toISOString()}`, {
    event: "touch.missed",
    vaults: vaults.slice(0, LISTED),
    total: vaults.length,
    touches: fresh.reduce((sum, { touches }) => sum + touches, 0),
    url: `${config.origin}/setup/detection`,
  });
  const drill = config.identities.drill.objectId.toLowerCase();
  const told = fresh.filter((one) => one.caller.toLowerCase() !== drill && one.operations.some(isTouchForOwners));
  // When it was found: whoever has dismissed an earlier touch hears of this one.
  await tell(db, "touched", vaultsOf(told), at);
}

/** The answer's status is not kept here, so each counts as one that succeeded. */
function isTouchForOwners(operation: string): boolean {
  const severity = severityOf(operation, undefined);
  return severity !== undefined && isToldToOwners(severity);
}

function vaultsOf(missed: readonly Missed[]): string[] {
  return [...new Set(missed.map(({ vaultId }) => vaultId))];
}

import "server-only";
import type { VaultId } from "@/lib/azure/resource-id.pure";
import { getVault } from "@/lib/azure/vaults";
import type { ServiceContext } from "@/lib/context";
import { readVaultFacts, saveVaultFacts } from "@/lib/store/facts";
import { type Collected, CollectedHeartbeat, collectedBy } from "./collected";

/*
 * Nothing happens in many vaults for days, so a quiet log says nothing. A read of the vault through Azure Resource Manager
 * is an operation that the vault's own audit log has to show (`VaultGet`); where it does not, the log has stopped.
 */

/** How far Azure's clock and ours may differ, milliseconds. */
const CLOCK_SKEW_MS = 5 * 60_000;

/**
 * Reads the vault once, and keeps since when such reads are missing in its log.
 *
 * @param newest the vault's newest row in the workspace; undefined when it has none
 * @throws AppError when the vault could not be read; nothing is kept then
 */
export async function sendHeartbeat(
  service: ServiceContext,
  vaultId: VaultId,
  newest: Date | undefined,
): Promise<void> {
  const { db, azure, now } = service;
  const before = collectedBy(await readVaultFacts(db, "heartbeat", [vaultId]), CollectedHeartbeat).get(vaultId);
  const since = before && unansweredSince(before, newest, service.config.timing.heartbeatEvery);
  await getVault(azure.collector, vaultId);
  const data: CollectedHeartbeat = { unansweredSince: since?.toISOString() ?? null };
  await saveVaultFacts(db, [{ vaultId, fact: "heartbeat", data, collectedAt: now() }]);
}

/** The oldest of our reads that the log, whose newest row is `newest`, does not show; undefined when it shows all. */
export function unansweredSince(
  { data, at }: Collected<CollectedHeartbeat>,
  newest: Date | undefined,
  every: number,
): Date | undefined {
  const reads = [...(data.unansweredSince === null ? [] : [new Date(data.unansweredSince)]), at];
  const skew = Math.min(CLOCK_SKEW_MS, every / 4);
  return reads.find((read) => newest === undefined || newest.getTime() < read.getTime() - skew);
}

import "server-only";
import type { VaultId } from "@/lib/azure/resource-id.pure";
import type { ServiceContext } from "@/lib/context";
import { bulkFacts, newestRowOf } from "./internal/bulk-facts";

/**
 * When the newest row of a vault's own audit log was written, as the workspace shows it; undefined when it shows none or
 * does not answer. From the bulk facts, so up to `timing.bulkFactsMaxAge` old and no call of its own while those are fresh.
 */
export async function newestAuditRow(service: ServiceContext, vaultId: VaultId): Promise<Date | undefined> {
  const { arrivals } = await bulkFacts(service);
  return arrivals.ok ? newestRowOf(arrivals.data, vaultId) : undefined;
}

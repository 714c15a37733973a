import "server-only";
import type { VaultId } from "@/lib/azure/resource-id.pure";
import type { ServiceContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import type { Fact, SafetyFacts } from "./facts.pure";
import { readLogFacts } from "./internal/log-facts";
import { objectionsBy } from "./internal/objections";
import { readPolicyRows } from "./internal/policy-rows";
import { readVaultRows } from "./internal/vault-facts";

/**
 * What the safety check rests on, for all these vaults at once, read with the collector's identity: two Resource Graph
 * queries (a page per 1,000 rows) and one call with three log queries, however many vaults there are. What a source did not
 * say is unknown for the vaults that it concerns; nothing is taken for safe because it was not seen.
 */
export async function gatherSafety(
  service: Pick<ServiceContext, "azure" | "config" | "now">,
  vaultIds: readonly VaultId[],
): Promise<ReadonlyMap<VaultId, SafetyFacts>> {
  if (vaultIds.length === 0) return new Map();
  const { collector } = service.azure;
  const { planter } = service.config.identities;
  const [vaults, policies, readers] = await Promise.all([
    asFact(() => readVaultRows(collector, vaultIds, planter.objectId)),
    asFact(async () => objectionsBy(await readPolicyRows(collector), service.now())),
    readLogFacts(service, vaultIds),
  ]);
  return new Map(
    vaultIds.map((vaultId): [VaultId, SafetyFacts] => {
      const row = vaults.known ? vaults.value.get(vaultId) : undefined;
      const vault: SafetyFacts["vault"] = row
        ? { known: true, value: row }
        : { known: false, why: vaults.known ? "Azure Resource Graph does not show this vault." : vaults.why };
      const objections: SafetyFacts["objections"] = policies.known
        ? { known: true, value: policies.value(row ?? { id: vaultId, location: "", groups: undefined }) }
        : policies;
      return [vaultId, { vaultId, vault, readers: readers(vaultId), objections }];
    }),
  );
}

/** Asks; a failure becomes part of the answer. */
async function asFact<T>(ask: () => Promise<T>): Promise<Fact<T>> {
  try {
    return { known: true, value: await ask() };
  } catch (error) {
    if (error instanceof AppError) return { known: false, why: error.failure.message };
    throw error;
  }
}

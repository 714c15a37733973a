import "server-only";
import { parseVaultId } from "@/lib/azure/resource-id.pure";
import type { ServiceContext } from "@/lib/context";
import type { CoverageState } from "./facts.pure";
import { gatherKnowledge } from "./internal/knowledge";
import { coverageOf, shownState } from "./state.pure";

/** How a vault stands, and whether work on many vaults leaves it out. */
export interface VaultStanding {
  state: CoverageState;
  excluded: boolean;
}

/** How these vaults stand, for work of the product's own: the shared bulk calls and what was collected. */
export async function readStates(
  service: ServiceContext,
  vaultIds: readonly string[],
): Promise<Map<string, VaultStanding>> {
  const knowledge = await gatherKnowledge(service);
  const found = new Map<string, VaultStanding>();
  for (const text of vaultIds) {
    const id = parseVaultId(text);
    if (!id) continue;
    const { exclusion, exemption } = knowledge.exceptionsOf(id);
    const decision = coverageOf(knowledge.factsOf(id), knowledge.now.getTime());
    const { state } = shownState(decision, exemption !== undefined);
    found.set(id, { state, excluded: exclusion !== undefined });
  }
  return found;
}

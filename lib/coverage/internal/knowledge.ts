import "server-only";
import type { VaultId } from "@/lib/azure/resource-id.pure";
import type { ServiceContext } from "@/lib/context";
import type { CoveredKind } from "@/lib/detection/header";
import { type RuleState, ruleState } from "@/lib/detection/rule-state";
import { activeExceptions } from "@/lib/exceptions/exceptions";
import { type ExceptionsOfVault, exceptionIndex } from "@/lib/exceptions/exceptions.pure";
import { type Decoy, listDecoys } from "@/lib/store/decoys";
import { readVaultFacts } from "@/lib/store/facts";
import type { Fact } from "../facts.pure";
import { type BulkFacts, bulkFacts, type Source } from "./bulk-facts";
import { type Collected, CollectedListing, CollectedSettings, collectedBy } from "./collected";
import { groupBy } from "./shared";
import { decoyEvidence, type KnownDecoy, type VaultInputs, vaultFacts } from "./vault-facts";

/** What is known about all vaults at one moment, however many are then asked about. */
export interface Knowledge {
  bulk: BulkFacts;
  settings: ReadonlyMap<string, Collected<CollectedSettings>>;
  now: Date;
  factsOf(vaultId: string): Fact[];
  /** What is known of each live decoy of a vault. */
  evidenceOf(vaultId: string): KnownDecoy[];
  /** Live rows of the published register. */
  decoyCount(vaultId: string): number;
  /** The exclusion and the exemption that hold for a vault. */
  exceptionsOf(vaultId: VaultId): ExceptionsOfVault;
}

/** Gathers bulk facts and collected facts; `vaultIds` narrows what is read from the store. */
export async function gatherKnowledge(service: ServiceContext, vaultIds?: readonly string[]): Promise<Knowledge> {
  const now = service.now();
  const [bulk, settingFacts, listingFacts, decoys, exceptions] = await Promise.all([
    bulkFacts(service),
    readVaultFacts(service.db, "diagnostics", vaultIds),
    readVaultFacts(service.db, "listing", vaultIds),
    listDecoys(service.db, vaultIds?.length === 1 ? vaultIds[0] : undefined),
    activeExceptions(service.db, now),
  ]);
  const settings = collectedBy(settingFacts, CollectedSettings);
  const listings = collectedBy(listingFacts, CollectedListing);
  const decoysByVault = groupBy(decoys, (decoy: Decoy) => decoy.vault_id);
  const ruleStateFor = ruleStates(bulk, service.config.watchlistAlias);
  const { timing, workspace } = service.config;
  const inputsOf = (vaultId: string): VaultInputs => ({
    vaultId,
    now,
    workspaceId: workspace.resourceId,
    timing,
    bulk,
    settings: settings.get(vaultId),
    listing: listings.get(vaultId),
    decoys: decoysByVault.get(vaultId) ?? [],
    ruleStateFor,
  });
  return {
    bulk,
    settings,
    now,
    exceptionsOf: exceptionIndex(exceptions),
    factsOf: (vaultId) => vaultFacts(inputsOf(vaultId)),
    evidenceOf: (vaultId) => decoyEvidence(inputsOf(vaultId)),
    decoyCount: (vaultId) => {
      if (!bulk.register.ok) return 0;
      return (bulk.register.data.get(vaultId) ?? []).filter(({ state }) => state === "live").length;
    },
  };
}

/** Judges the rules once per kind and tables, not once per vault. */
function ruleStates(bulk: BulkFacts, alias: string) {
  const judged = new Map<string, Source<RuleState>>();
  return (kind: CoveredKind, tables: readonly string[]): Source<RuleState> => {
    const { rules, tables: plans } = bulk;
    if (!rules.ok) return rules;
    if (!plans.ok) return plans;
    const key = `${kind} ${tables.join(" ")}`;
    const known = judged.get(key);
    if (known) return known;
    const readAt = new Date(Math.min(rules.readAt.getTime(), plans.readAt.getTime()));
    const state: Source<RuleState> = {
      ok: true,
      data: ruleState(rules.data, plans.data, { kind, tables, alias }),
      readAt,
    };
    judged.set(key, state);
    return state;
  };
}

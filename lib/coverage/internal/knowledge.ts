import "server-only";
import { sql } from "kysely";
import type { VaultId } from "@/lib/azure/resource-id.pure";
import type { ServiceContext } from "@/lib/context";
import type { CoveredKind } from "@/lib/detection/header";
import { type RuleParameters, ruleParameters } from "@/lib/detection/parameters";
import { type RuleState, ruleState } from "@/lib/detection/rule-state";
import { activeExceptions } from "@/lib/exceptions/exceptions";
import { type ExceptionsOfVault, exceptionIndex } from "@/lib/exceptions/exceptions.pure";
import { groupBy } from "@/lib/group-by.pure";
import { readRecommendation } from "@/lib/settings/settings";
import type { RecommendationSettings } from "@/lib/settings/settings.pure";
import { isAmong } from "@/lib/store/among";
import { type Decoy, listDecoys } from "@/lib/store/decoys";
import { readProofs } from "@/lib/store/drills";
import { readVaultFacts } from "@/lib/store/facts";
import type { Fact } from "../facts.pure";
import { justWritten } from "../written-tags";
import { type BulkFacts, bulkFacts, type Source } from "./bulk-facts";
import { type Collected, CollectedHeartbeat, CollectedListing, CollectedSettings, collectedBy } from "./collected";
import { logReach } from "./log-reach";
import { decoyEvidence, type KnownDecoy, liveRows, type VaultInputs, vaultFacts } from "./vault-facts";
import type { ListedVault } from "./vault-list";

/** What is known about all vaults at one moment, however many are then asked about. */
export interface Knowledge {
  bulk: BulkFacts;
  /** Milliseconds of the vaults' past that can be asked about in the log. */
  logReach: number;
  settings: ReadonlyMap<string, Collected<CollectedSettings>>;
  now: Date;
  factsOf(vaultId: string): Fact[];
  /** What is known of each live decoy of a vault. */
  evidenceOf(vaultId: string): KnownDecoy[];
  /** Live rows of the published register. */
  decoyCount(vaultId: string): number;
  /** Whether a deployment has it in hand, or will. */
  isDeploying(vaultId: string): boolean;
  /** The exclusion and the exemption that hold for a vault. */
  exceptionsOf(vaultId: VaultId): ExceptionsOfVault;
  /** Whether owners are asked for reviews, and by which tag. */
  recommendation: RecommendationSettings;
  /** Value of a vault's review tag, as Resource Graph or this process knows it; undefined = it does not have it. */
  reviewTagOf(vault: Pick<ListedVault, "id" | "reviewTag">): string | undefined;
}

/** Gathers bulk facts and collected facts; `vaultIds` narrows what is read from the store. */
export async function gatherKnowledge(service: ServiceContext, vaultIds?: readonly string[]): Promise<Knowledge> {
  const now = service.now();
  const [bulk, settingFacts, listingFacts, heartbeatFacts, decoys, exceptions, proofs, recommendation, deploying] =
    await Promise.all([
      bulkFacts(service),
      readVaultFacts(service.db, "diagnostics", vaultIds),
      readVaultFacts(service.db, "listing", vaultIds),
      readVaultFacts(service.db, "heartbeat", vaultIds),
      listDecoys(service.db, vaultIds?.length === 1 ? vaultIds[0] : undefined),
      activeExceptions(service.db, now),
      readProofs(service.db, vaultIds),
      readRecommendation(service.db),
      deployingVaults(service, vaultIds),
    ]);
  const settings = collectedBy(settingFacts, CollectedSettings);
  const listings = collectedBy(listingFacts, CollectedListing);
  const heartbeats = collectedBy(heartbeatFacts, CollectedHeartbeat);
  const decoysByVault = groupBy(decoys, (decoy: Decoy) => decoy.vault_id);
  const ruleStateFor = ruleStates(bulk, ruleParameters(service.config));
  const { timing, workspace } = service.config;
  // Workspaces have hundreds of tables: looked through once, not once per vault.
  const reach = logReach(bulk.tables);
  const inputsOf = (vaultId: string): VaultInputs => ({
    vaultId,
    now,
    workspaceId: workspace.resourceId,
    timing,
    bulk,
    settings: settings.get(vaultId),
    listing: listings.get(vaultId),
    heartbeat: heartbeats.get(vaultId),
    decoys: decoysByVault.get(vaultId) ?? [],
    proof: proofs.get(vaultId),
    logReach: reach,
    ruleStateFor,
  });
  return {
    bulk,
    logReach: reach,
    settings,
    now,
    recommendation,
    reviewTagOf: ({ id, reviewTag }) => justWritten(service.db, now, id) ?? reviewTag,
    isDeploying: (vaultId) => deploying.has(vaultId),
    exceptionsOf: exceptionIndex(exceptions),
    factsOf: (vaultId) => vaultFacts(inputsOf(vaultId)),
    evidenceOf: (vaultId) => decoyEvidence(inputsOf(vaultId)),
    decoyCount: (vaultId) => {
      if (!bulk.register.ok) return 0;
      return liveRows(bulk.register.data.get(vaultId) ?? [], decoysByVault.get(vaultId) ?? []).length;
    },
  };
}

/** Vaults that are queued or running in a deployment; a partial index holds exactly these, however long the history is. */
async function deployingVaults({ db }: ServiceContext, vaultIds?: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom("deployment_item")
    .select("vault_id")
    // As the index says it, word for word: with parameters it may not be taken.
    .where(sql<boolean>`state in ('queued', 'running')`)
    .$if(vaultIds !== undefined, (query) => query.where(isAmong("vault_id", vaultIds ?? [])))
    .execute();
  return new Set(rows.map((row) => row.vault_id));
}

/** Judges the rules once per kind and tables, not once per vault. */
function ruleStates(bulk: BulkFacts, parameters: RuleParameters) {
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
      data: ruleState(rules.data, plans.data, { kind, tables, parameters }),
      readAt,
    };
    judged.set(key, state);
    return state;
  };
}

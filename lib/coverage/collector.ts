import "server-only";
import { type VaultId, vaultIdParts } from "@/lib/azure/resource-id.pure";
import type { ServiceContext } from "@/lib/context";
import { log } from "@/lib/log";
import { followPublished } from "@/lib/register/import";
import { readVaultFacts } from "@/lib/store/facts";
import { bulkFacts } from "./internal/bulk-facts";
import { collectListing, collectSettings } from "./internal/collect";
import { type Collected, CollectedListing, CollectedSettings, collectedBy } from "./internal/collected";
import { extendConfirmations } from "./internal/confirmations";
import { pause, runLanes } from "./internal/lanes";
import { groupBy, sharedValue } from "./internal/shared";
import {
  type ListedVault,
  listAssignments,
  listVaults,
  mayListByRole,
  permissionsAtVault,
} from "./internal/vault-list";

/** Reads under way at once in one subscription; together with the rate it hides the answers' latency. */
const IN_FLIGHT = 8;

export interface CollectorState {
  running: boolean;
  /** Vaults that are wanted first. */
  wanted: Set<VaultId>;
  /** When a vault was last wanted, milliseconds: a board that polls asks once, not at every poll. */
  asked: Map<VaultId, number>;
  /** Ends the pause between two rounds. */
  wake(): void;
}

/** What the collector of this process is doing; the board shows it. */
export function collectorState(service: ServiceContext): CollectorState {
  return sharedValue(service.db, "collector", () => ({
    running: false,
    wanted: new Set<VaultId>(),
    asked: new Map<VaultId, number>(),
    wake: () => {},
  }));
}

/**
 * Asks the collector to read these vaults before all others, now rather than at its next round. Vaults asked for within
 * the time of a round are left out: they have been tried, or are about to be.
 */
export function collectSoon(service: ServiceContext, vaultIds: readonly VaultId[]): void {
  const state = collectorState(service);
  const now = service.now().getTime();
  const due = vaultIds.filter((id) => now - (state.asked.get(id) ?? 0) >= service.config.timing.collectEvery);
  for (const id of due) {
    state.asked.set(id, now);
    state.wanted.add(id);
  }
  if (due.length > 0) state.wake();
}

/**
 * Starts the background collection of this process: a round at once, then one every `timing.collectEvery` or when asked.
 * `stop` ends it at a safe point and resolves when nothing is under way any more.
 */
export function startCollector(service: ServiceContext): { stop(): Promise<void> } {
  const ending = new AbortController();
  const state = collectorState(service);
  const loop = async () => {
    while (!ending.signal.aborted) {
      state.running = true;
      try {
        await collectRound(service, ending.signal);
        await extendConfirmations(service);
      } catch (error) {
        log.warn({ err: error }, "background collection failed; it is tried again");
      } finally {
        state.running = false;
      }
      const rest = new AbortController();
      state.wake = () => rest.abort();
      // Somebody may have asked while the round was ending.
      if (state.wanted.size === 0) {
        await pause(service.config.timing.collectEvery, AbortSignal.any([ending.signal, rest.signal]));
      }
    }
  };
  const done = loop();
  return {
    stop: async () => {
      ending.abort();
      await done;
    },
  };
}

/** One round: whatever is wanted, missing, changed or half a day old, in that order, each subscription by itself. */
async function collectRound(service: ServiceContext, signal: AbortSignal): Promise<void> {
  const state = collectorState(service);
  const wanted = new Set(state.wanted);
  state.wanted.clear();
  const collector = service.azure.collector;
  const [vaults, assignments, bulk] = await Promise.all([
    listVaults(collector),
    listAssignments(collector, service.config.identities.collector.objectId),
    bulkFacts(service),
  ]);
  if (bulk.register.ok) await followPublished(service, [...bulk.register.data.values()].flat());
  const settings = collectedBy(await readVaultFacts(service.db, "diagnostics"), CollectedSettings);
  const listings = collectedBy(await readVaultFacts(service.db, "listing"), CollectedListing);
  const changes = bulk.settingChanges.ok ? bulk.settingChanges.data : new Map<string, Date>();
  const registered = bulk.register.ok ? bulk.register.data : new Map<string, unknown>();
  const now = service.now().getTime();
  const refreshAge = service.config.timing.factMaxAge / 2;
  const urgent = (vault: ListedVault, collected: Collected<unknown> | undefined) =>
    urgency(collected?.at, { wanted: wanted.has(vault.id), changed: changes.get(vault.id), now, refreshAge });
  const tasks = vaults.flatMap((vault): Task[] => {
    const first = {
      vault,
      work: () => collectSettings(service, vault.id),
      urgency: urgent(vault, settings.get(vault.id)),
    };
    const listable =
      registered.has(vault.id) && mayListByRole(permissionsAtVault(assignments, vault.id), vault.permissionModel);
    if (!listable) return [first];
    return [
      first,
      { vault, work: () => collectListing(service, vault.id), urgency: urgent(vault, listings.get(vault.id)) },
    ];
  });
  // A vault that a person sees and the collector does not: asking for it directly says why.
  const seen = new Set(vaults.map(({ id }) => id));
  for (const id of wanted) {
    if (!seen.has(id))
      tasks.push({ vault: { id, ...vaultIdParts(id) }, work: () => collectSettings(service, id), urgency: 4 });
  }
  const due = tasks.filter(({ urgency: level }) => level > 0).toSorted((a, b) => b.urgency - a.urgency);
  const lanes = [...groupBy(due, ({ vault }) => vault.subscriptionId).values()];
  await runLanes(lanes, ({ work }) => work(), {
    perSecond: service.config.collectorReadsPerSecond,
    inFlight: IN_FLIGHT,
    signal,
    onFailure: ({ vault }, error) => log.warn({ err: error, vaultId: vault.id }, "a vault could not be collected"),
  });
}

interface Task {
  vault: Pick<ListedVault, "id" | "subscriptionId">;
  work(): Promise<void>;
  urgency: number;
}

/** 0 = not due. A person's wish first, then what was never read, then what changed since, then what is getting old. */
function urgency(
  collectedAt: Date | undefined,
  { wanted, changed, now, refreshAge }: { wanted: boolean; changed: Date | undefined; now: number; refreshAge: number },
): number {
  if (wanted) return 4;
  if (!collectedAt) return 3;
  if (changed && changed > collectedAt) return 2;
  return now - collectedAt.getTime() > refreshAge ? 1 : 0;
}

/** Reads one vault right now, for a person who waits for it; the listing only where a standing right allows one. */
export async function collectVault(service: ServiceContext, vault: ListedVault, changedByUs?: Date): Promise<void> {
  const { collector } = service.azure;
  const [assignments] = await Promise.all([
    listAssignments(collector, service.config.identities.collector.objectId),
    collectSettings(service, vault.id, changedByUs),
  ]);
  if (mayListByRole(permissionsAtVault(assignments, vault.id), vault.permissionModel)) {
    await collectListing(service, vault.id);
  }
}

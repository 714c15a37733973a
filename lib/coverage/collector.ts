import "server-only";
import { type VaultId, vaultIdParts } from "@/lib/azure/resource-id.pure";
import type { ServiceContext } from "@/lib/context";
import { groupBy } from "@/lib/group-by.pure";
import { log } from "@/lib/log";
import { pause } from "@/lib/pause";
import { followPublished } from "@/lib/register/import";
import { readRecommendation } from "@/lib/settings/settings";
import { readVaultFacts } from "@/lib/store/facts";
import type { JobSpec } from "@/lib/store/jobs";
import { dropWishes, listWishes, saveWishes } from "@/lib/store/wishes";
import { listAssignments, permissionsAtVault } from "./assignments";
import { type BulkFacts, bulkFacts } from "./internal/bulk-facts";
import { collectListing, collectSettings } from "./internal/collect";
import {
  type Collected,
  CollectedHeartbeat,
  CollectedListing,
  CollectedSettings,
  collectedBy,
} from "./internal/collected";
import { keepEvidence } from "./internal/confirmations";
import { sendHeartbeat } from "./internal/heartbeat";
import { runLanes } from "./internal/lanes";
import { sharedValue } from "./internal/shared";
import { type ListedVault, listVaults, mayListByRole } from "./internal/vault-list";

/** Reads under way at once in one subscription; together with the rate it hides the answers' latency. */
const IN_FLIGHT = 8;

/** Queue of the collector. One key in it, so one collector at a time, however many processes there are. */
const COLLECT_QUEUE = "collect";
/** The key that the queue's own schedule sends. */
const COLLECT_KEY = "schedule";
/** A job ends before the queue takes it for dead after an hour; the next one goes on at once. */
const JOB_MAX_MS = 50 * 60_000;
/** Half a minute in a real tenant: a round that failed is tried again long before the next is due. */
const AFTER_FAILURE_POLLS = 6;

/**
 * Asks the collector, which may be in another process, to read these vaults before all others, now rather than at its
 * next round. Vaults asked for within the time of a round are left out: they have been tried, or are about to be.
 */
export async function collectSoon(service: ServiceContext, vaultIds: readonly VaultId[]): Promise<void> {
  const asked = sharedValue(service.db, "collector asked", () => new Map<VaultId, number>());
  const at = service.now();
  const now = at.getTime();
  const due = vaultIds.filter((id) => now - (asked.get(id) ?? 0) >= service.config.timing.collectEvery);
  await saveWishes(service.db, due, at);
  for (const id of due) asked.set(id, now);
}

/**
 * The collector as a job, for `startJobs`: exactly one of all processes does it at a time, and another one goes on when
 * that one ends or dies. Begins at once, not at the next minute of the schedule.
 */
export async function collectorJobs(service: ServiceContext): Promise<Record<string, JobSpec>> {
  await service.jobs.enqueue(COLLECT_QUEUE, COLLECT_KEY, {});
  return {
    [COLLECT_QUEUE]: {
      concurrency: 1,
      cron: "* * * * *",
      run: (_, signal) => collect(service, AbortSignal.any([signal, AbortSignal.timeout(JOB_MAX_MS)])),
    },
  };
}

/**
 * Collects in the background until `signal` ends it at a safe point: a round at once, then one every
 * `timing.collectEvery` or when a vault is wanted. A round that fails is tried again.
 */
export async function collect(service: ServiceContext, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await collectRound(service, signal);
      if (!signal.aborted) await keepEvidence(service);
    } catch (error) {
      log.warn({ err: error }, "background collection failed; it is tried again");
      await pause(AFTER_FAILURE_POLLS * service.config.timing.poll, signal);
      continue;
    }
    await untilDue(service, signal);
  }
}

/** Waits for the next round, or until somebody wants a vault. */
async function untilDue({ db, config }: ServiceContext, signal: AbortSignal): Promise<void> {
  const { collectEvery, poll } = config.timing;
  const due = Date.now() + collectEvery;
  for (let left = collectEvery; left > 0 && !signal.aborted; left = due - Date.now()) {
    await pause(Math.min(poll, left), signal);
    // A store that is away says so in the round.
    const wishes = await listWishes(db).catch(() => []);
    if (wishes.length > 0) return;
  }
}

/** One round: whatever is wanted, missing, changed or half a day old, in that order, each subscription by itself. */
async function collectRound(service: ServiceContext, signal: AbortSignal): Promise<void> {
  const wishes = await listWishes(service.db);
  const wanted = new Map(wishes.map((wish) => [wish.vaultId, wish.askedAt]));
  const collector = service.azure.collector;
  const { names } = await readRecommendation(service.db);
  const [{ vaults, unnamed }, assignments, bulk] = await Promise.all([
    listVaults(collector, names.tagName),
    listAssignments(collector, service.config.identities.collector.objectId),
    bulkFacts(service),
  ]);
  if (unnamed > 0) log.warn({ unnamed }, "vaults are left out: their resource ids are not understood");
  if (bulk.register.ok) await followPublished(service, [...bulk.register.data.values()].flat());
  const settings = collectedBy(await readVaultFacts(service.db, "diagnostics"), CollectedSettings);
  const listings = collectedBy(await readVaultFacts(service.db, "listing"), CollectedListing);
  const heartbeats = collectedBy(await readVaultFacts(service.db, "heartbeat"), CollectedHeartbeat);
  const changes = bulk.settingChanges.ok ? bulk.settingChanges.data : new Map<string, readonly Date[]>();
  const registered = bulk.register.ok ? bulk.register.data : new Map<string, unknown>();
  const now = service.now().getTime();
  const refreshAge = service.config.timing.factMaxAge / 2;
  const urgent = (vault: ListedVault, collected: Collected<unknown> | undefined) =>
    urgency(collected?.at, { wanted: wanted.get(vault.id), changed: changes.get(vault.id)?.at(-1), now, refreshAge });
  const tasks = vaults.flatMap((vault): Task[] => {
    const first = {
      vault,
      work: () => collectSettings(service, vault.id, { logged: changes.get(vault.id) }),
      urgency: urgent(vault, settings.get(vault.id)),
    };
    if (!registered.has(vault.id)) return [first];
    const watched = [first, ...heartbeatOf(service, bulk, vault, heartbeats.get(vault.id)?.at)];
    const listable = mayListByRole(permissionsAtVault(assignments, vault.id), vault.permissionModel);
    if (!listable) return watched;
    return [
      ...watched,
      { vault, work: () => collectListing(service, vault.id), urgency: urgent(vault, listings.get(vault.id)) },
    ];
  });
  // A vault that a person sees and the collector does not: asking for it directly says why.
  const seen = new Set(vaults.map(({ id }) => id));
  for (const { vaultId: id, askedAt } of wishes) {
    if (!seen.has(id) && urgency(settings.get(id)?.at, { wanted: askedAt, changed: undefined, now, refreshAge }) > 0)
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
  // What a stopping process left undone stays wanted.
  if (!signal.aborted) await dropWishes(service.db, wishes);
}

interface Task {
  vault: Pick<ListedVault, "id" | "subscriptionId">;
  work(): Promise<void>;
  urgency: number;
}

/** The read that a watched vault's log has to show, when one is due and it is known what the log shows. */
function heartbeatOf(
  service: ServiceContext,
  { arrivals, settingChanges }: Pick<BulkFacts, "arrivals" | "settingChanges">,
  vault: ListedVault,
  sentAt: Date | undefined,
): Task[] {
  if (!arrivals.ok) return [];
  // Whether rows still come after a change of the settings has to show soon.
  const changedAt = settingChanges.ok ? settingChanges.data.get(vault.id)?.at(-1) : undefined;
  const isCurrent = sentAt !== undefined && !(changedAt !== undefined && changedAt > sentAt);
  if (isCurrent && service.now().getTime() - sentAt.getTime() < service.config.timing.heartbeatEvery) return [];
  const rows = (arrivals.data.get(vault.id) ?? []).map(({ generated }) => generated.getTime());
  const newest = rows.length > 0 ? new Date(Math.max(...rows)) : undefined;
  // The first one soon: until it is in the log, the rule about silent vaults can only say that nothing is known.
  return [{ vault, work: () => sendHeartbeat(service, vault.id, newest), urgency: isCurrent ? 1 : 3 }];
}

/** 0 = not due. A person's wish first, then what was never read, then what changed since, then what is getting old. */
function urgency(
  collectedAt: Date | undefined,
  times: { wanted: Date | undefined; changed: Date | undefined; now: number; refreshAge: number },
): number {
  const { wanted, changed, now, refreshAge } = times;
  if (wanted && !(collectedAt && collectedAt > wanted)) return 4;
  if (!collectedAt) return 3;
  if (changed && changed > collectedAt) return 2;
  return now - collectedAt.getTime() > refreshAge ? 1 : 0;
}

/** Reads one vault right now, for a person who waits for it; the listing only where a standing right allows one. */
export async function collectVault(service: ServiceContext, vault: ListedVault, changedByUs?: Date): Promise<void> {
  const { collector } = service.azure;
  const [assignments] = await Promise.all([
    listAssignments(collector, service.config.identities.collector.objectId),
    collectSettings(service, vault.id, { changedByUs }),
  ]);
  if (mayListByRole(permissionsAtVault(assignments, vault.id), vault.permissionModel)) {
    await collectListing(service, vault.id);
  }
}

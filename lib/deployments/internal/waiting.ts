import "server-only";
import { z } from "zod";
import { parseVaultId, type VaultId } from "@/lib/azure/resource-id.pure";
import type { ServiceContext } from "@/lib/context";
import { atSeenHours, type PlannedMoment } from "@/lib/decoys/moment";
import type { VaultPicture } from "@/lib/decoys/picture";
import { type Random, secureRandom } from "@/lib/decoys/random";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import { isAmong } from "@/lib/store/among";
import { sendChunk } from "./chunks";
import { ownKeys } from "./rounds";
import { type VersionLog, versionsMade } from "./version-log";

/*
 * Vaults of a spread deployment that wait for their moment. What people add meanwhile says at which hours they do, and may
 * be what the honeytoken is to follow.
 */

const Waiting = z.object({
  /** Token keys that are no addition: what the vault held, and what was seen to be added since. */
  known: z.array(z.string()),
  /** When objects were added since, milliseconds since 1970. */
  added: z.array(z.number()),
  /** What is added from `from` on is followed after `lagMs`. */
  join: z.object({ from: z.number(), lagMs: z.number() }).nullable(),
});
export type Waiting = z.infer<typeof Waiting>;

/** What is recorded of a vault when its moment is drawn. */
export function waitingFrom(vaultId: VaultId, picture: VaultPicture, join: PlannedMoment["join"]): Waiting {
  return {
    known: picture.objects.map(({ kind, name }) => `${vaultId}/${kind}s/${name.toLowerCase()}`),
    added: [],
    join: join ? { from: join.from.getTime(), lagMs: join.lagMs } : null,
  };
}

/**
 * The moment and the record after the log was read: what of this vault's `versions` it did not hold was added. The first addition
 * that is to be followed sets the moment; any other moves it to the hours of those seen.
 */
export function afterAdditions(
  { moment, waiting }: { moment: Date; waiting: Waiting },
  versions: VersionLog,
  { now, random }: { now: Date; random: Random },
): { moment: Date; waiting: Waiting } | undefined {
  const known = new Set(waiting.known);
  const fresh = [...versions]
    .filter(([key]) => !known.has(key))
    .flatMap(([key, [first]]) => (first === undefined ? [] : [{ key, at: first.getTime() }]))
    .sort((a, b) => a.at - b.at);
  if (fresh.length === 0) return undefined;
  const { join } = waiting;
  const added = [...waiting.added, ...fresh.map(({ at }) => at)];
  const next = { ...waiting, known: [...waiting.known, ...fresh.map(({ key }) => key)], added };
  const followed = join && fresh.find(({ at }) => at >= join.from);
  if (join && followed) {
    const at = Math.max(now.getTime(), followed.at + join.lagMs);
    return { moment: new Date(Math.min(at, moment.getTime())), waiting: { ...next, join: null } };
  }
  // On its day the moment stays: else it might have passed.
  const dates = added.map((at) => new Date(at));
  const later = atSeenHours(moment, dates, random);
  return { moment: later > now && daysAhead(moment, now) > 1 ? later : moment, waiting: next };
}

function daysAhead(moment: Date, now: Date): number {
  return (moment.getTime() - now.getTime()) / 86_400_000;
}

/** A look comes every few minutes, and rows some minutes late. */
const LOG_BACK_MS = 6 * 3_600_000;

/**
 * Looks at what was added to vaults whose moment has not come, with one log query for all of them. A log that does not
 * answer is asked at the next look.
 *
 * @returns how many of them have a new moment or know more
 */
export async function watchAdditions(service: ServiceContext): Promise<number> {
  const vaultIds = await waitingVaults(service);
  if (vaultIds.length === 0) return 0;
  try {
    const since = new Date(service.now().getTime() - LOG_BACK_MS);
    const ours = await ownKeys(service, vaultIds);
    const written = byVault(await versionsMade(service, vaultIds, since), ours);
    let changed = 0;
    for (const item of await waitingItems(service, [...written.keys()])) {
      const { id, vault_id: vaultId, moment, deployment_id: deploymentId, chunk } = item;
      const waiting = Waiting.safeParse(item.waiting).data;
      const versions = written.get(vaultId);
      if (moment === null || waiting === undefined || versions === undefined) continue;
      const after = afterAdditions({ moment, waiting }, versions, { now: service.now(), random: secureRandom });
      if (!after || !(await keep(service, id, after))) continue;
      changed++;
      await sendChunk(service.jobs, { deploymentId, chunk }, after.moment);
    }
    return changed;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    log.warn({ err: error }, "the log did not say what was added to vaults that wait for their moment");
    return 0;
  }
}

/** Not begun, in nobody's hands, and with a moment to come. */
function itemsWaiting({ db, now }: Pick<ServiceContext, "db" | "now">) {
  return db
    .selectFrom("deployment_item")
    .innerJoin("deployment", "deployment.id", "deployment_item.deployment_id")
    .where("deployment_item.state", "=", "queued")
    .where("deployment_item.claim", "is", null)
    .where("deployment_item.waiting", "is not", null)
    .where("deployment_item.moment", ">", now())
    .where("deployment.state", "in", ["queued", "running"]);
}

async function waitingVaults(service: ServiceContext): Promise<VaultId[]> {
  const rows = await itemsWaiting(service).select("deployment_item.vault_id").distinct().execute();
  return rows.flatMap((row) => parseVaultId(row.vault_id) ?? []);
}

/** Only those of vaults in which something was written: the record of a vault may be long. */
async function waitingItems(service: ServiceContext, vaultIds: readonly string[]) {
  if (vaultIds.length === 0) return [];
  return itemsWaiting(service)
    .select([
      "deployment_item.id",
      "deployment_item.deployment_id",
      "deployment_item.chunk",
      "deployment_item.vault_id",
      "deployment_item.moment",
      "deployment_item.waiting",
    ])
    .where(isAmong("deployment_item.vault_id", vaultIds))
    .execute();
}

/** What others wrote, by vault. */
function byVault(versions: VersionLog, ours: ReadonlySet<string>): ReadonlyMap<string, VersionLog> {
  const vaults = new Map<string, Map<string, readonly Date[]>>();
  for (const [key, times] of versions) {
    if (ours.has(key)) continue;
    const vaultId = key.split("/").slice(0, -2).join("/");
    const there = vaults.get(vaultId) ?? new Map<string, readonly Date[]>();
    vaults.set(vaultId, there.set(key, times));
  }
  return vaults;
}

/** Only while nobody works on it: whoever does has the moment in hand. */
async function keep(
  { db, now }: Pick<ServiceContext, "db" | "now">,
  id: string,
  { moment, waiting }: { moment: Date; waiting: Waiting },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable("deployment_item")
    .set({ moment, not_before: moment, waiting: JSON.stringify(waiting), updated_at: now() })
    .where("id", "=", id)
    .where("state", "=", "queued")
    .where("claim", "is", null)
    .executeTakeFirstOrThrow();
  return numUpdatedRows > 0n;
}

import "server-only";
import { sql } from "kysely";
import { z } from "zod";
import { parseVaultId, type VaultId } from "@/lib/azure/resource-id.pure";
import type { ServiceContext } from "@/lib/context";
import { type Remembered, remember } from "@/lib/decoys/memory";
import { planNext } from "@/lib/decoys/next-version";
import { LOG_DAYS } from "@/lib/decoys/propose";
import { secureRandom } from "@/lib/decoys/random";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import { nextDue, PlannedHistory, plannedAnew, termOf } from "./decoy-plan";
import { ownKeys } from "./rounds";
import { listVault, pictureOf } from "./vault-picture";
import { type VersionLog, versionsMade } from "./version-log";

/*
 * Looks into the vaults of scheduled decoys, two lists each through Azure Resource Manager, which name no object. What
 * they say of the neighbours is remembered, and the decoy's next version planned anew.
 */

/** Days between two looks at a vault: nobody renews oftener than that by habit. */
const LOOK_DAYS = 7;
/** Vaults that are looked at in one run of the job, which comes every two minutes: 40,000 a week at most. */
const LOOKS_AT_ONCE = 8;
const DAY_MS = 86_400_000;

interface Due {
  decoyId: string;
  vaultId: VaultId;
  history: PlannedHistory;
  validDays: number | undefined;
  memory: readonly Remembered[];
}

/**
 * Looks at the neighbours whose turn it is. What the audit log knows of earlier versions is asked once for each decoy, at
 * its first look. A log that does not answer is asked again at the next run, a vault with its next turn.
 *
 * @returns how many decoys were planned anew
 */
export async function lookAtNeighbours(service: ServiceContext): Promise<number> {
  const due = await dueForLook(service);
  if (due.length === 0) return 0;
  try {
    const vaultIds = [...new Set(due.map(({ vaultId }) => vaultId))];
    const fresh = new Set(due.filter(({ memory }) => memory.length === 0).map(({ vaultId }) => vaultId));
    const since = new Date(service.now().getTime() - LOG_DAYS * DAY_MS);
    const versions = fresh.size > 0 ? await versionsMade(service, [...fresh], since) : new Map();
    const ours = await ownKeys(service, vaultIds);
    const list = oncePerVault((vaultId) => listVault(service, vaultId));
    const looked = await Promise.all(due.map((one) => lookFor(service, one, { list, versions, ours })));
    return looked.filter(Boolean).length;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    log.warn({ err: error }, "the neighbours of scheduled honeytokens could not be looked at");
    return 0;
  }
}

type Listing = ReturnType<typeof listVault>;

/** Several decoys of one vault are looked at with one listing. */
function oncePerVault(list: (vaultId: VaultId) => Listing): (vaultId: VaultId) => Listing {
  const listings = new Map<VaultId, Listing>();
  return (vaultId) => {
    const listing = listings.get(vaultId) ?? list(vaultId);
    listings.set(vaultId, listing);
    return listing;
  };
}

interface Seen {
  list: (vaultId: VaultId) => Listing;
  versions: VersionLog;
  /** Token keys of decoys. */
  ours: ReadonlySet<string>;
}

async function lookFor(
  service: ServiceContext,
  { decoyId, vaultId, history, validDays, memory }: Due,
  { list, versions, ours }: Seen,
): Promise<boolean> {
  const now = service.now();
  let listed: Awaited<Listing>;
  try {
    listed = await list(vaultId);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    log.warn({ err: error, vaultId }, "a vault could not be looked into for its rhythm");
    // Else vaults that never answer would take every turn.
    await rememberLook(service.db, decoyId, now, memory);
    return false;
  }
  const others = listed.filter(({ kind, name }) => !ours.has(`${vaultId}/${kind}s/${name.toLowerCase()}`));
  const picture = pictureOf(vaultId, others, { families: [], versions, now });
  const known = remember(memory, picture.objects, now, LOG_DAYS);
  const asked = {
    alike: new Set(history.alike),
    last: new Date(history.last),
    validDays,
    luck: history.luck,
  };
  const next = plannedAnew(upToNow(history, others, now), planNext(known, asked, now, secureRandom));
  await keep(service, { decoyId, before: history, next, known, now });
  return true;
}

/** What has not followed rounds until now follows none that came before. */
function upToNow(
  history: PlannedHistory,
  others: readonly { created?: Date | undefined }[],
  now: Date,
): PlannedHistory {
  if (history.withRounds) return history;
  return {
    ...history,
    looked: now.getTime(),
    neighbours: others.filter(({ created }) => created !== undefined).length,
  };
}

/** Records both together. A version that was begun meanwhile has moved the history on: then only the memory is kept. */
async function keep(
  { db }: Pick<ServiceContext, "db">,
  {
    decoyId,
    before,
    next,
    known,
    now,
  }: { decoyId: string; before: PlannedHistory; next: PlannedHistory; known: readonly Remembered[]; now: Date },
): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    await rememberLook(transaction, decoyId, now, known);
    await transaction
      .updateTable("decoy")
      .set({ history: JSON.stringify(next), renew_at: nextDue(next) })
      .where("id", "=", decoyId)
      .where("history", "is not", null)
      .where(sql<boolean>`(history->>'last')::float8 = ${before.last}`)
      .execute();
  });
}

async function rememberLook(
  db: ServiceContext["db"],
  decoyId: string,
  now: Date,
  known: readonly Remembered[],
): Promise<void> {
  const neighbours = JSON.stringify(known);
  await db
    .insertInto("neighbour_memory")
    .values({ decoy_id: decoyId, looked_at: now, neighbours })
    .onConflict((conflict) => conflict.column("decoy_id").doUpdateSet({ looked_at: now, neighbours }))
    .execute();
}

const Memory = z.array(
  z.object({
    name: z.string(),
    kind: z.enum(["secret", "key"]),
    managed: z.boolean(),
    made: z.array(z.coerce.date()),
    knownSince: z.coerce.date(),
    seen: z.coerce.date(),
  }),
);

async function dueForLook({ db, now }: Pick<ServiceContext, "db" | "now">): Promise<Due[]> {
  const before = new Date(now().getTime() - LOOK_DAYS * DAY_MS);
  const rows = await db
    .selectFrom("decoy")
    .leftJoin("neighbour_memory", "neighbour_memory.decoy_id", "decoy.id")
    .select(["decoy.id", "decoy.vault_id", "decoy.history", "decoy.attributes", "neighbour_memory.neighbours"])
    .where("decoy.state", "=", "live")
    .where("decoy.retire_item_id", "is", null)
    .where("decoy.version", "is not", null)
    .where("decoy.history", "is not", null)
    .where((eb) =>
      eb.or([eb("neighbour_memory.looked_at", "is", null), eb("neighbour_memory.looked_at", "<=", before)]),
    )
    .orderBy(sql`neighbour_memory.looked_at nulls first`)
    .limit(LOOKS_AT_ONCE)
    .execute();
  return rows.flatMap((row) => {
    const vaultId = parseVaultId(row.vault_id);
    const history = PlannedHistory.safeParse(row.history).data;
    if (!vaultId || !history) return [];
    const memory = Memory.safeParse(row.neighbours ?? []).data ?? [];
    return [{ decoyId: row.id, vaultId, history, validDays: termOf(row), memory }];
  });
}

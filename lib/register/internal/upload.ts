import "server-only";
import { isAmbiguous } from "@/lib/azure/parse-error";
import { normaliseId } from "@/lib/azure/resource-id.pure";
import {
  getWatchlist,
  listWatchlistItems,
  uploadWatchlistRows,
  type Watchlist,
  type WatchlistItem,
} from "@/lib/azure/watchlists";
import type { ServiceContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { pause } from "@/lib/pause";
import { giveChangesBack, takeChanges } from "../quota";
import { isException } from "../rows";
import { csvUploads } from "./csv";
import { type Fields, ownColumns, sameFields } from "./fields";
import { noteSending, noteSettled, type Settled } from "./ledger";
import type { Put } from "./plan";
import { type UploadLock, withUploadLock } from "./upload-lock";

/** After a lost answer what is missing goes up once more; then somebody else has to try. */
const ROUNDS = 2;

/** A decoy whose row is looked for in the listing. */
type Sought = Pick<Put, "decoyId" | "itemId" | "tokenKey"> & { fields?: Fields };

/**
 * Adds rows in as few uploads as their size allows, one at a time over all processes, and takes over the ids that the
 * service gave them. After an answer that got lost it looks first and sends only what is missing.
 */
export async function uploadRows(service: ServiceContext, additions: readonly Put[]): Promise<void> {
  await withUploadLock(service, async (lock) => {
    let left = additions;
    for (let round = 1; left.length > 0; round++) {
      if (round > ROUNDS) throw notAllThere(left.length);
      const list = await requireWatchlist(service);
      let lostAt: number | undefined;
      for (const { csv, rows } of csvUploads(left)) {
        if ((await sendUpload(service, list, { csv, rows }, lock)) === "no answer") lostAt = service.now().getTime();
      }
      const missing = await lookUp(service, left, lock, lostAt);
      left = left.filter(({ decoyId }) => missing.has(decoyId));
    }
  });
}

/** Looks up what an upload of an ended process has left: which of these decoys have a row, and under which id. */
export async function settleUploads(
  service: ServiceContext,
  sought: readonly Sought[],
  lastSentAt: Date | undefined,
): Promise<void> {
  await withUploadLock(service, (lock) => lookUp(service, sought, lock, lastSentAt?.getTime() ?? 0));
}

async function sendUpload(
  service: ServiceContext,
  list: Watchlist,
  { csv, rows }: { csv: string; rows: readonly Put[] },
  lock: UploadLock,
): Promise<"answered" | "no answer"> {
  const { db, azure, config } = service;
  const ids = rows.map(({ decoyId }) => decoyId);
  const plantings = rows.filter(({ fields }) => fields.State === "planting").length;
  await db.transaction().execute(async (transaction) => {
    await takeChanges(transaction, service, { changes: rows.length, plantings, urgent: false });
    await noteSending(transaction, ids, "upload", service.now());
  });
  try {
    // Whoever was stopped for so long that another has taken over sends nothing.
    await lock.renew();
    await uploadWatchlistRows(azure.registrar, config.workspace.resourceId, list, csv);
    return "answered";
  } catch (error) {
    if (isAmbiguous(error)) return "no answer";
    await db.transaction().execute(async (transaction) => {
      await giveChangesBack(transaction, service, rows.length);
      await noteSettled(
        transaction,
        rows.map(({ decoyId, itemId }) => ({ decoyId, itemId, fields: null })),
      );
    });
    throw error;
  }
}

/**
 * Finds the rows by their TokenKey and notes ids and columns. Answered uploads are waited for; after a lost answer the
 * request gets its time to arrive, then what is absent counts as not made.
 *
 * @returns the decoys without a row, by id
 */
async function lookUp(
  service: ServiceContext,
  sought: readonly Sought[],
  lock: UploadLock,
  lostAt: number | undefined,
): Promise<Set<string>> {
  const { db, azure, config, now } = service;
  const { timing, workspace, watchlistAlias } = config;
  if (lostAt !== undefined) await pause(lostAt + timing.ambiguousWriteSettle - now().getTime());
  const giveUpAt = now().getTime() + timing.registerVisibleWithin;
  for (;;) {
    await lock.renew();
    const { settled: takenIn } = await requireWatchlist(service);
    const items = takenIn ? await listWatchlistItems(azure.registrar, workspace.resourceId, watchlistAlias) : [];
    const found = takenIn ? match(items, sought) : [];
    const complete = found.length === sought.length;
    const absentCounts = takenIn && lostAt !== undefined;
    if (complete || absentCounts) {
      const there = new Set(found.map(({ decoyId }) => decoyId));
      const absent = sought.filter(({ decoyId }) => !there.has(decoyId));
      await noteSettled(db, [...found, ...absent.map(({ decoyId, itemId }) => ({ decoyId, itemId, fields: null }))]);
      return new Set(absent.map(({ decoyId }) => decoyId));
    }
    if (now().getTime() > giveUpAt) throw notAllThere(sought.length - found.length);
    await pause(timing.poll);
  }
}

/** The row of each decoy: the one with its very columns before another one of the same object. */
function match(items: readonly WatchlistItem[], sought: readonly Sought[]): Settled[] {
  const byKey = new Map<string, WatchlistItem[]>();
  for (const item of items) {
    // The exception of a caller for this very decoy has its key too.
    if (isException(item.fields)) continue;
    const key = normaliseId(item.fields.TokenKey ?? "");
    byKey.set(key, [...(byKey.get(key) ?? []), item]);
  }
  return sought.flatMap(({ decoyId, tokenKey, fields }) => {
    const candidates = byKey.get(tokenKey) ?? [];
    const item = candidates.find((one) => fields && sameFields(one.fields, fields)) ?? candidates[0];
    return item ? [{ decoyId, itemId: item.id, fields: ownColumns(item.fields) }] : [];
  });
}

async function requireWatchlist({ azure, config }: ServiceContext): Promise<Watchlist> {
  const list = await getWatchlist(azure.registrar, config.workspace.resourceId, config.watchlistAlias);
  if (list) return list;
  throw new AppError("not_found", "The register's watchlist is not there.", {
    fix: "Somebody may have deleted it. Plant in one vault: that makes it anew; then look at the register's page.",
  });
}

function notAllThere(missing: number): AppError {
  return new AppError("unavailable", `Sentinel took an upload of the register, but ${missing} rows do not show yet.`, {
    fix: "It is looked up again before anything is sent.",
  });
}

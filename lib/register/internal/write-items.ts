import "server-only";
import type { Kysely } from "kysely";
import { isAmbiguous } from "@/lib/azure/parse-error";
import { deleteWatchlistItem, putWatchlistItem } from "@/lib/azure/watchlists";
import type { ServiceContext } from "@/lib/context";
import type { Database } from "@/lib/store/schema";
import { giveChangesBack, takeChanges } from "../quota";
import { noteSending, noteSettled, type Settled } from "./ledger";
import type { Put, Removal } from "./plan";

/** Requests under way at once; with the latency of ARM enough for its ten writes a second. */
const IN_FLIGHT = 8;
/** Changes that are counted and noted together: what a kill leaves in doubt is sent once more. */
const NOTED_TOGETHER = 64;

/** Where is noted what was sent and what was acknowledged. */
export interface RowLedger {
  noteSending(db: Kysely<Database>, ids: readonly string[], at: Date): Promise<void>;
  noteSettled(db: Kysely<Database>, settled: readonly Settled[], at: Date): Promise<void>;
}

const OF_DECOYS: RowLedger = {
  noteSending: (db, ids, at) => noteSending(db, ids, "item", at),
  noteSettled,
};

/**
 * Writes rows one by one under their own ids. Each is counted and noted before it is sent, and noted again when it is
 * acknowledged; on the first failure nothing more is sent.
 */
export async function writeItems(
  service: ServiceContext,
  writes: readonly (Put | Removal)[],
  urgent: boolean,
  ledger: RowLedger = OF_DECOYS,
): Promise<void> {
  for (let at = 0; at < writes.length; at += NOTED_TOGETHER) {
    await writeSome(service, writes.slice(at, at + NOTED_TOGETHER), urgent, ledger);
  }
}

async function writeSome(
  service: ServiceContext,
  writes: readonly (Put | Removal)[],
  urgent: boolean,
  ledger: RowLedger,
): Promise<void> {
  const { db } = service;
  const plantings = writes.filter((write) => write.is === "put" && write.fields.State === "planting").length;
  const ids = writes.map(({ decoyId }) => decoyId);
  await db.transaction().execute(async (transaction) => {
    await takeChanges(transaction, service, { changes: writes.length, plantings, urgent });
    await ledger.noteSending(transaction, ids, service.now());
  });
  const settled: Settled[] = [];
  const failures: unknown[] = [];
  const waiting = [...writes];
  let unchanged = 0;
  const lane = async (): Promise<void> => {
    for (let write = waiting.shift(); write; write = waiting.shift()) {
      try {
        if ((await send(service, write)) === "absent") unchanged++;
        const fields = write.is === "put" ? write.fields : null;
        settled.push({ decoyId: write.decoyId, itemId: write.itemId, fields });
      } catch (error) {
        failures.push(error);
        if (!isAmbiguous(error)) unchanged++;
        // What is not sent yet stays unsent.
        unchanged += waiting.splice(0).length;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(IN_FLIGHT, writes.length) }, lane));
  await db.transaction().execute(async (transaction) => {
    await ledger.noteSettled(transaction, settled, service.now());
    await giveChangesBack(transaction, service, unchanged);
  });
  if (failures.length > 0) throw failures[0];
}

async function send(
  { azure, config }: ServiceContext,
  write: Put | Removal,
): Promise<"written" | "deleted" | "absent"> {
  const { workspace, watchlistAlias } = config;
  if (write.is === "remove") {
    return deleteWatchlistItem(azure.registrar, workspace.resourceId, watchlistAlias, write.itemId);
  }
  await putWatchlistItem(azure.registrar, workspace.resourceId, watchlistAlias, write.itemId, write.fields);
  return "written";
}

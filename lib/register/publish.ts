import "server-only";
import { ensureWatchlist } from "@/lib/azure/watchlists";
import type { ServiceContext } from "@/lib/context";
import { COLUMNS } from "./internal/fields";
import { countPublished, knownRows } from "./internal/ledger";
import { planWrites, type RegisterChange, type WritePlan, worthUploading } from "./internal/plan";
import { settleUploads, uploadRows } from "./internal/upload";
import { writeItems } from "./internal/write-items";
import { type ChangeDemand, requireRoom } from "./quota";

export type { RegisterChange } from "./internal/plan";

/** Creates the watchlist when there is none; never changes an existing one. */
export async function ensureRegister({ azure, config }: ServiceContext): Promise<void> {
  await ensureWatchlist(azure.registrar, config.workspace.resourceId, config.watchlistAlias, COLUMNS);
}

/**
 * Brings the published rows of these decoys, one or thousands, to what is wanted, with the fewest changes: what the
 * watchlist holds already is not sent. Large additions go as CSV and get the service's ids; everything else is written
 * row by row. Each change is counted and noted before it is sent, so that the same call after a kill or a lost answer
 * changes nothing more and leaves no duplicate. The watchlist must be there (`ensureRegister`), and the decoys in the store.
 *
 * @throws AppError `throttled` when the month's changes do not suffice (nothing is sent then; it says when it goes on) or
 *   Azure asks to wait; `unavailable` when Azure does not answer: call again
 */
export async function publishRows(service: ServiceContext, wanted: readonly RegisterChange[]): Promise<void> {
  if (wanted.length === 0) return;
  let plan = await planned(service, wanted);
  if (plan.doubtful.length > 0) {
    await settle(service, wanted, plan.doubtful);
    plan = await planned(service, wanted);
  }
  await requireRoom(service, demandOf(plan));
  if (worthUploading(plan.additions.length, await countPublished(service.db))) {
    await uploadRows(service, plan.additions);
    // A row that was there under another's hand is now known, and brought to what is wanted.
    plan = await planned(service, wanted);
  }
  await writeItems(service, [...plan.additions, ...plan.changes], demandOf(plan).urgent);
}

/** Publishes one row. Writing the same row again changes nothing. */
export function putRegisterRow(
  service: ServiceContext,
  decoy: Extract<RegisterChange, { state: string }>["decoy"],
  state: Extract<RegisterChange, { state: string }>["state"],
  window: { start: Date; end: Date },
): Promise<void> {
  return publishRows(service, [{ decoy, state, window }]);
}

/** Removes one row; none to remove is no error. */
export function deleteRegisterRow(
  service: ServiceContext,
  decoy: Extract<RegisterChange, { remove: object }>["remove"],
): Promise<void> {
  return publishRows(service, [{ remove: decoy }]);
}

async function planned(service: ServiceContext, wanted: readonly RegisterChange[]): Promise<WritePlan> {
  const ids = [...new Set(wanted.map((change) => ("remove" in change ? change.remove.id : change.decoy.id)))];
  return planWrites(wanted, await knownRows(service.db, ids));
}

function demandOf({ additions, changes }: WritePlan): ChangeDemand {
  const writes = [...additions, ...changes];
  return {
    changes: writes.length,
    plantings: writes.filter((write) => write.is === "put" && write.fields.State === "planting").length,
    urgent: additions.length === 0 && new Set(writes.map(({ vaultId }) => vaultId)).size <= 1,
  };
}

async function settle(
  service: ServiceContext,
  wanted: readonly RegisterChange[],
  doubtful: readonly string[],
): Promise<void> {
  const inDoubt = new Set(doubtful);
  const decoys = new Map(
    wanted.map((change) => {
      const decoy = "remove" in change ? change.remove : change.decoy;
      return [decoy.id, { decoyId: decoy.id, itemId: decoy.watchlist_item_id, tokenKey: decoy.token_key }];
    }),
  );
  const newest = await service.db
    .selectFrom("decoy")
    .select("publishing_at")
    .where("publishing", "=", "upload")
    .orderBy("publishing_at", "desc")
    .limit(1)
    .executeTakeFirst();
  const sought = [...decoys.values()].filter(({ decoyId }) => inDoubt.has(decoyId));
  await settleUploads(service, sought, newest?.publishing_at ?? undefined);
}

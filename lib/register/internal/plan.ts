import "server-only";
import { type Fields, fieldsOf, type RegisterDecoy, sameFields } from "./fields";

/** What a decoy's row shall be. */
export type RegisterChange =
  | {
      decoy: RegisterDecoy;
      state: "planting" | "live" | "retiring";
      /** When the planter may touch it; left out for a decoy that we did not plant. */
      window: { start: Date; end: Date } | undefined;
    }
  | { remove: RegisterDecoy };

/** What is known of a decoy's row in the watchlist. */
export interface KnownRow {
  itemId: string;
  /** As last acknowledged; null = no row, or not known. */
  published: Readonly<Record<string, string>> | null;
  /** A change was sent and not acknowledged. */
  publishing: "item" | "upload" | null;
}

export interface Put {
  is: "put";
  decoyId: string;
  vaultId: string;
  itemId: string;
  tokenKey: string;
  fields: Fields;
}

export interface Removal {
  is: "remove";
  decoyId: string;
  vaultId: string;
  itemId: string;
}

/** The fewest writes that bring the watchlist to what is wanted. */
export interface WritePlan {
  /** There is no row yet. */
  additions: Put[];
  /** There is, or may be, another one under the same id. */
  changes: (Put | Removal)[];
  /** Decoys that were in an upload without an answer: whether they have a row must be looked up first. */
  doubtful: string[];
}

/** Compares what is wanted (the last word on each decoy counts) with what is known, by decoy id. Data in, data out. */
export function planWrites(wanted: readonly RegisterChange[], known: ReadonlyMap<string, KnownRow>): WritePlan {
  const plan: WritePlan = { additions: [], changes: [], doubtful: [] };
  const last = new Map(wanted.map((change) => [decoyOf(change).id, change]));
  for (const [decoyId, change] of last) {
    const decoy = decoyOf(change);
    const row = known.get(decoyId) ?? { itemId: decoy.watchlist_item_id, published: null, publishing: null };
    if (row.publishing === "upload") plan.doubtful.push(decoyId);
    else add(plan, change, decoy, row);
  }
  return plan;
}

function decoyOf(change: RegisterChange): RegisterDecoy {
  return "remove" in change ? change.remove : change.decoy;
}

function add(plan: WritePlan, change: RegisterChange, decoy: RegisterDecoy, row: KnownRow): void {
  const { itemId, published, publishing } = row;
  const place = { decoyId: decoy.id, vaultId: decoy.vault_id, itemId };
  const absent = published === null && publishing === null;
  if ("remove" in change) {
    if (!absent) plan.changes.push({ is: "remove", ...place });
    return;
  }
  const fields = fieldsOf(decoy, change.state, change.window);
  const put: Put = { is: "put", ...place, tokenKey: decoy.token_key, fields };
  if (absent) plan.additions.push(put);
  // Sent under its own id and not acknowledged: sending it again is harmless, and settles it.
  else if (publishing === "item" || !published || !sameFields(published, fields)) plan.changes.push(put);
}

/** Items of one page of a listing. The service does not say; the simulated tenant's is the smaller guess. */
const LISTED_PER_PAGE = 100;
/** Fewer rows are not worth holding up whoever else wants to upload. */
const UPLOAD_FROM = 50;

/**
 * Whether `additions` rows go as CSV rather than one by one. An upload costs one ARM write and the pages of the listing
 * that gives their ids; single rows cost a write each, and after the first 200 Azure takes ten writes a second
 * (azure-resource-manager/management/request-limits-and-throttling).
 */
export function worthUploading(additions: number, rowsThere: number): boolean {
  return additions >= UPLOAD_FROM && additions > 1 + Math.ceil((rowsThere + additions) / LISTED_PER_PAGE);
}

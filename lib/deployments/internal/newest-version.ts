import "server-only";
import type { ListedObject } from "@/lib/azure/key-vault";
import type { Decoy } from "@/lib/store/decoys";
import { CLOCK_SKEW_MS } from "./evidence";

/** A write is answered within minutes of being sent; the clocks may differ beside that. */
const MADE_WITHIN_MS = 5 * 60_000 + CLOCK_SKEW_MS;

type Newest = Pick<ListedObject, "created">;
type Sent = Pick<Decoy, "sent_at">;

/** Whether the newest version that the vault lists is, by its time, the one that this product wrote last. */
export function isNewestOurs({ created }: Newest, { sent_at: sentAt }: Sent): boolean {
  return created !== undefined && sentAt !== null && Math.abs(created.getTime() - sentAt.getTime()) <= MADE_WITHIN_MS;
}

/**
 * Whether the newest version may be somebody else's, however long ago they wrote it: the log forgets. Of what was taken over
 * from a published register it is not known when it was written; what the log has shown by `since` speaks for it.
 */
export function mayBeAnothers(newest: Newest, decoy: Sent, since: Date): boolean {
  if (decoy.sent_at !== null) return !isNewestOurs(newest, decoy);
  return newest.created === undefined || newest.created > since;
}

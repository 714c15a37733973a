import type { Call } from "../context";
import { AzureError } from "../http";

/** Created, updated and deleted items, rows of uploads with them, per workspace and calendar month (UTC). Source: Sentinel service limits. */
const CHANGES_PER_MONTH = 100_000;

/**
 * Notes changes of watchlist items before they are made.
 * @throws AzureError 429 when the month's changes are used up; nothing is then noted. How the service words this refusal
 * is not documented: status and code are a guess, the figure is not. It has no `Retry-After`: none is documented, and
 * clients would sleep until the month ends.
 */
export function takeChanges(call: Call, workspaceId: string, count: number): void {
  if (count === 0) return;
  const month = new Date(call.now()).toISOString().slice(0, 7);
  const key = `${workspaceId}/${month}`;
  const changes = (call.model.watchlistChanges.get(key)?.changes ?? 0) + count;
  if (call.settings.throttle && changes > CHANGES_PER_MONTH)
    throw new AzureError(
      429,
      "TooManyRequests",
      `The workspace would exceed ${CHANGES_PER_MONTH} watchlist item changes in ${month}.`,
    );
  call.model.watchlistChanges.put(key, { workspaceId, month, changes });
}

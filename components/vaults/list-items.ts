import type { BoardRow } from "@/lib/coverage/board.pure";
import { countBySubscription, type SubscriptionCounts } from "@/lib/coverage/select.pure";

/** One line of the list: the heading of a subscription, or a vault. */
export type ListItem =
  | { type: "group"; key: string; group: SubscriptionCounts; rows: readonly BoardRow[]; folded: boolean }
  | { type: "vault"; key: string; row: BoardRow };

const vaultItem = (row: BoardRow): ListItem => ({ type: "vault", key: row.id, row });

/**
 * The lines to show for `rows`, which keep their order; grouped by subscription (by name) when `folded` is given.
 * A folded subscription shows its heading only.
 */
export function listItems(rows: readonly BoardRow[], folded: ReadonlySet<string> | null): ListItem[] {
  if (!folded) return rows.map(vaultItem);
  const bySubscription = new Map<string, BoardRow[]>();
  for (const row of rows) {
    const others = bySubscription.get(row.subscriptionId);
    if (others) others.push(row);
    else bySubscription.set(row.subscriptionId, [row]);
  }
  return countBySubscription(rows).flatMap((group): ListItem[] => {
    const isFolded = folded.has(group.subscriptionId);
    const own = bySubscription.get(group.subscriptionId) ?? [];
    const key = `group ${group.subscriptionId}`;
    const heading: ListItem = { type: "group", key, group, rows: own, folded: isFolded };
    return isFolded ? [heading] : [heading, ...own.map(vaultItem)];
  });
}

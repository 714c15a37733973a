import type { Collection } from "./state";

/** What `ofVault` groups by. */
export const vaultOf = (document: { vaultId: string }): string => document.vaultId.toLowerCase();

/** The documents of one vault, found without going through those of all the others. */
export function ofVault<T extends { vaultId: string }>(collection: Collection<T>, vaultId: string): readonly T[] {
  return collection.groupedBy(vaultOf).get(vaultId.toLowerCase()) ?? [];
}

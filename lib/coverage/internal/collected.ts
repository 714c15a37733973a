import "server-only";
import { z } from "zod";
import type { VaultFact } from "@/lib/store/facts";

/** What the collector keeps of a vault's diagnostic settings. */
export const CollectedSettings = z.object({
  settings: z.array(
    z.object({
      name: z.string(),
      workspaceId: z.string().optional(),
      table: z.enum(["AzureDiagnostics", "AZKVAuditLogs"]),
      audit: z.boolean(),
    }),
  ),
  /** When this vault's settings were first collected, ISO. */
  firstSeenAt: z.string(),
  /** When a later collection first saw them changed, or we changed them, ISO; null = never yet. */
  changedAt: z.string().nullable(),
  /** The last times at which the settings said where audit rows go as they say now, ISO, oldest first. */
  checks: z.array(z.string()).default([]),
  /** Logged changes, ISO, that changed nothing about that. */
  harmless: z.array(z.string()).default([]),
  /** Set when Azure refused the read: the settings are then those of an earlier collection. */
  refused: z.string().optional(),
});
export type CollectedSettings = z.infer<typeof CollectedSettings>;

/** What a collection list said of our decoys in a vault. By decoy id: no name is kept here. */
export const CollectedListing = z.object({
  decoys: z.record(
    z.string(),
    z.object({ present: z.boolean(), enabled: z.boolean(), expires: z.string().nullable() }),
  ),
  /** Set when the vault did not let us list. */
  refused: z.string().optional(),
});
export type CollectedListing = z.infer<typeof CollectedListing>;

/** When a vault was last read only so that its log has a row to show. */
export const CollectedHeartbeat = z.object({
  /** The oldest of our reads, ISO, that the log did not show yet when the next one was due; null = none. */
  unansweredSince: z.string().nullable(),
});
export type CollectedHeartbeat = z.infer<typeof CollectedHeartbeat>;

/** A collected fact, read back from the store. */
export interface Collected<T> {
  data: T;
  at: Date;
}

/** Reads facts back, by vault id. One that an older version wrote in another form counts as never collected. */
export function collectedBy<T>(facts: readonly VaultFact[], schema: z.ZodType<T>): Map<string, Collected<T>> {
  const byVault = new Map<string, Collected<T>>();
  for (const fact of facts) {
    const parsed = schema.safeParse(fact.data);
    if (parsed.success) byVault.set(fact.vaultId, { data: parsed.data, at: fact.collectedAt });
  }
  return byVault;
}

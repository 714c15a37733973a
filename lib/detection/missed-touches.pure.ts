import { z } from "zod";

/** Touches of one caller on one decoy that no alert came of. */
export const MissedTouch = z.object({
  vaultId: z.string(),
  vaultName: z.string(),
  /** Where the vault's page is. */
  path: z.string(),
  decoy: z.string(),
  caller: z.string(),
  callerName: z.string(),
  operations: z.array(z.string()),
  touches: z.number(),
  firstTouch: z.iso.datetime(),
  lastTouch: z.iso.datetime(),
  foundAt: z.iso.datetime(),
  /** When an alert was found after all; null = there is none. */
  resolvedAt: z.iso.datetime().nullable(),
});
export type MissedTouch = z.infer<typeof MissedTouch>;

/** What the comparison of touches with alerts has found in the last 30 days. */
export const MissedTouches = z.object({
  /** Since when touches are compared: the beginning of this store, or the last 30 days where that is longer ago. */
  comparedSince: z.iso.datetime(),
  /** That is the beginning: older touches were never compared. */
  sinceBeginning: z.boolean(),
  /** When touches were last compared with alerts; null = not yet. */
  comparedAt: z.iso.datetime().nullable(),
  /** Rows that arrived until then were compared. */
  comparedUntil: z.iso.datetime().nullable(),
  /** Why the comparison has failed since, in a sentence; null = it did not. */
  problem: z.string().nullable(),
  /** Without an alert first, then the newest. */
  missed: z.array(MissedTouch),
  /** Vaults with such touches that the person may not read: theirs are not in the list. */
  vaultsLeftOut: z.number().int(),
});
export type MissedTouches = z.infer<typeof MissedTouches>;

import { z } from "zod";

export const EXCEPTION_KINDS = ["exclusion", "exemption"] as const;
/**
 * exclusion: the nightly plan and work on all vaults leave these vaults out; their state stays what it is.
 * exemption: these vaults need no honeytoken; that is left out as well, and it is their state.
 */
export type ExceptionKind = (typeof EXCEPTION_KINDS)[number];

/** One exception as every page shows it; apart from the requests, which only some pages send. */
export const VaultException = z.object({
  id: z.string(),
  kind: z.enum(EXCEPTION_KINDS),
  /** Normalised id of a vault, a resource group or a subscription. */
  scope: z.string(),
  reason: z.string(),
  by: z.string(),
  createdAt: z.string(),
  /** ISO; it is over by then without anybody's doing. */
  until: z.string(),
});
export type VaultException = z.infer<typeof VaultException>;

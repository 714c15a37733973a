import { z } from "zod";

/** The values that differ between a real and the simulated tenant in the browser. */
export const PublicAuthConfig = z.object({
  clientId: z.string(),
  authority: z.string(),
  knownAuthorities: z.array(z.string()),
  /** JSON for MSAL's `authorityMetadata`; null = let MSAL discover it. */
  authorityMetadata: z.string().nullable(),
  /** The only scope that the browser asks for. */
  scope: z.string(),
  tenantId: z.string(),
  simulated: z.boolean(),
  /** Shown on every page; null in a real tenant. */
  banner: z.string().nullable(),
});
export type PublicAuthConfig = z.infer<typeof PublicAuthConfig>;

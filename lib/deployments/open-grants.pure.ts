import { z } from "zod";

/** One right that the planting identity, or that which makes drills, holds because of us, or may hold. */
export const OpenGrant = z.object({
  id: z.string(),
  /** Vault or resource group, normalised ARM id. */
  scope: z.string(),
  at: z.enum(["vault", "group"]),
  model: z.enum(["rbac", "policies"]),
  /** To read: the identity that makes drills. Else the planting identity. */
  purpose: z.enum(["plant", "retire", "read"]),
  /** What was given, in words. */
  what: z.string(),
  /** intended: perhaps given, by a process that was ended; revoking: just being taken back. */
  state: z.enum(["intended", "given", "revoking"]),
  since: z.string(),
  /** When the sweeper takes it back unless its deployment gives a sign of life. */
  leaseUntil: z.string(),
  /** When Azure ends it by itself; null = only when it is taken back. */
  endsAt: z.string().nullable(),
  deploymentId: z.string().nullable(),
  /** It is the right of a drill. */
  drill: z.boolean(),
  requestedBy: z.string().nullable(),
});
export type OpenGrant = z.infer<typeof OpenGrant>;

/** GET /api/grants */
export const OpenGrants = z.object({
  grants: z.array(OpenGrant),
  /** Open rights that are not among them, since the person may read no vault that they are about. */
  leftOut: z.number().int(),
  readAt: z.string(),
});
export type OpenGrants = z.infer<typeof OpenGrants>;

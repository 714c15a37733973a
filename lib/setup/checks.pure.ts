import { z } from "zod";

/** What the prerequisites are about, in the order in which a set-up goes. */
export const AREAS = [
  "sign_in",
  "identities",
  "workspace",
  "data",
  "sentinel",
  "rules",
  "register",
  "roles",
  "recommendation",
  "defender",
] as const;
export const Area = z.enum(AREAS);
export type Area = z.infer<typeof Area>;

/** right; wrong = something of the product cannot work; warning = it works, and something is weaker than it could be. */
export const CheckState = z.enum(["right", "wrong", "warning", "unknown"]);
export type CheckState = z.infer<typeof CheckState>;

/** Where a person puts it right: an address in this product (`/setup/rules`), or one of a portal. */
export const CheckLink = z.object({ href: z.string(), text: z.string() });
export type CheckLink = z.infer<typeof CheckLink>;

/** One prerequisite as it was found. No text names a honeytoken or holds a secret. */
export const Check = z.object({
  id: z.string(),
  area: Area,
  title: z.string(),
  state: CheckState,
  /** What was seen. */
  evidence: z.string(),
  /** What to do; empty where nothing is. */
  fix: z.string(),
  /** A command that does it, where there is one. */
  command: z.string().optional(),
  /** The page of the product or of a portal on which it is done, where there is one. */
  link: CheckLink.optional(),
  /** From when the evidence is: the moment of the look, or that of the older thing which was seen. ISO, UTC. */
  at: z.iso.datetime(),
});
export type Check = z.infer<typeof Check>;

export const ChecksView = z.object({ checks: z.array(Check), checkedAt: z.iso.datetime() });
export type ChecksView = z.infer<typeof ChecksView>;

/** How many there are of each state. */
export function countStates(checks: readonly Pick<Check, "state">[]): Record<CheckState, number> {
  const counts: Record<CheckState, number> = { right: 0, wrong: 0, warning: 0, unknown: 0 };
  for (const { state } of checks) counts[state]++;
  return counts;
}

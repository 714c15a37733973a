import { z } from "zod";

/** What the role of administrators is called on pages. */
export const ADMINISTRATOR = "Administrator";
/** And that of analysts. */
export const ANALYST = "SOC analyst";
/** And that of owners, who need none: whoever has no role at all is one. */
const OWNER = "Key Vault owner";

const LABELS = new Map([
  ["Platform.Admin", ADMINISTRATOR],
  ["Soc.Analyst", ANALYST],
  ["KeyVault.Owner", OWNER],
]);

const Claims = z.object({ roles: z.array(z.string()).default([]) });

/**
 * The app roles in an access token, in words, for display only: what a person may do is decided on the server.
 * A token that cannot be read has no roles.
 */
export function roleLabels(token: string): string[] {
  const roles = new Set(rolesIn(token));
  return [...LABELS].filter(([role]) => roles.has(role)).map(([, label]) => label);
}

/**
 * Whether planting, replacing and removing is offered to somebody. Azure decides what they may write, whatever their
 * role; but who is an analyst and nothing else has such a right only as an exception, so it must be known.
 *
 * @param writes Azure is known to let them write where it would be done
 */
export function mayPlan(roles: readonly string[], writes: boolean): boolean {
  return writes || !roles.includes(ANALYST) || roles.includes(ADMINISTRATOR) || roles.includes(OWNER);
}

function rolesIn(token: string): string[] {
  try {
    const payload = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    return Claims.parse(JSON.parse(atob(payload))).roles;
  } catch {
    return [];
  }
}

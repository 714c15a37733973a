import { z } from "zod";

/** What the role of administrators is called on pages. */
export const ADMINISTRATOR = "Administrator";
/** And that of analysts. */
export const ANALYST = "SOC analyst";

const LABELS = new Map([
  ["Platform.Admin", ADMINISTRATOR],
  ["Soc.Analyst", ANALYST],
  ["KeyVault.Owner", "Key Vault owner"],
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

function rolesIn(token: string): string[] {
  try {
    const payload = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    return Claims.parse(JSON.parse(atob(payload))).roles;
  } catch {
    return [];
  }
}

import { z } from "zod";

export const RolePurpose = z.enum(["plant", "retire"]);
export type RolePurpose = z.infer<typeof RolePurpose>;

/** One of the two custom roles, as it should be and as it stands. */
export const CustomRoleView = z.object({
  purpose: RolePurpose,
  /** right: as it should be; different: it gives something else; not_configured: the settings name no GUID for it. */
  state: z.enum(["right", "missing", "different", "not_configured", "unknown"]),
  name: z.string().nullable(),
  /** What it is to give on a vault as a resource, and on what is in it; and nothing else. */
  actions: z.array(z.string()),
  dataActions: z.array(z.string()),
  /** What it gives beyond that, and what it lacks. */
  tooMuch: z.array(z.string()),
  tooLittle: z.array(z.string()),
  /** Why it is not known, a sentence. */
  problem: z.string().nullable(),
});
export type CustomRoleView = z.infer<typeof CustomRoleView>;

/** GET /api/roles */
export const CustomRoles = z.object({ roles: z.array(CustomRoleView) });
export type CustomRoles = z.infer<typeof CustomRoles>;

import "server-only";
import { z } from "zod";
import type { AzureAccess } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { azureErrorOf } from "./azure-error";
import { listGraph } from "./graph";
import { toAppError } from "./parse-error";

/* Applications of the directory, through Microsoft Graph v1.0 with the rights of the person who asks. */

const maybe = z
  .string()
  .nullish()
  .transform((text) => text || undefined);
const Registration = z.object({
  appId: z.string().toLowerCase(),
  displayName: maybe,
  description: maybe,
  notes: maybe,
});
const ServicePrincipal = z.object({
  id: z.string(),
  appId: z.string().toLowerCase(),
  displayName: maybe,
  servicePrincipalType: maybe,
  appRoles: z.array(z.object({ id: z.string(), value: maybe, isEnabled: z.boolean() })).nullish(),
});
const Holder = z.object({ appRoleId: z.string(), principalDisplayName: maybe, principalType: maybe });

/** An app registration. */
export type Registration = z.infer<typeof Registration>;
/** What stands for an application or a managed identity in this tenant. */
export type ServicePrincipal = z.infer<typeof ServicePrincipal>;
/** A person, group or application that holds an app role. */
export type AppRoleHolder = z.infer<typeof Holder>;

/** The registrations with these client ids; those of other tenants and managed identities have none. Few ids only. */
export function listRegistrations(azure: AzureAccess, appIds: readonly string[]): Promise<Registration[]> {
  const select = "appId,displayName,description,notes";
  return reading("list the app registrations", () =>
    listGraph(azure, `/v1.0/applications?${query(appIds, select)}`, Registration),
  );
}

/** The service principals with these client ids. Few ids only. */
export function listServicePrincipals(azure: AzureAccess, appIds: readonly string[]): Promise<ServicePrincipal[]> {
  const select = "id,appId,displayName,servicePrincipalType,appRoles";
  return reading("list the service principals", () =>
    listGraph(azure, `/v1.0/servicePrincipals?${query(appIds, select)}`, ServicePrincipal),
  );
}

/** Who holds app roles of the application with this service principal (object id). */
export function listAppRoleHolders(azure: AzureAccess, id: string): Promise<AppRoleHolder[]> {
  return reading("list who holds the app roles", () =>
    listGraph(azure, `/v1.0/servicePrincipals/${encodeURIComponent(id)}/appRoleAssignedTo`, Holder),
  );
}

function query(appIds: readonly string[], select: string): string {
  const filter = [...new Set(appIds)].map((id) => `appId eq '${id.replaceAll("'", "''")}'`).join(" or ");
  return `$filter=${encodeURIComponent(filter)}&$select=${select}`;
}

/** Graph does not name the right that is missing in a form to rely on; what it takes is known. */
async function reading<T>(doing: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const failure = toAppError(error, doing);
    if (azureErrorOf(error)?.status !== 403) throw failure;
    const fix =
      "It takes Microsoft Graph's delegated permission Application.Read.All with an administrator's consent and, for who holds app roles, the directory role Directory Readers.";
    throw new AppError("forbidden", failure.failure.message, { fix }, failure.cause);
  }
}

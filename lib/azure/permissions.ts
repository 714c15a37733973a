import "server-only";
import type { AzureAccess } from "@/lib/context";
import type { Permission } from "./permits.pure";

/** What the caller of `azure` may do at `scope` (an ARM id): role assignments, groups and inheritance included. */
export async function permissionsAt(_azure: AzureAccess, _scope: string): Promise<Permission[]> {
  throw new Error("being written");
}

/**
 * What another principal may do at `scope`, from its role assignments there and above (groups included).
 * For the run that starts when the person's token is gone. Deny assignments are not seen here; the real call stays the judge.
 */
export async function permissionsOf(_azure: AzureAccess, _scope: string, _principalId: string): Promise<Permission[]> {
  throw new Error("being written");
}

import { createHash } from "node:crypto";
import type { TenantIdentity } from "./context";

/** What the whole simulated tenant is a function of. */
export interface TenantSeed {
  seed: number;
  /** Number of vaults. */
  vaults: number;
  /** Milliseconds since 1970. */
  firstStart: number;
}

/**
 * A GUID that is always the same for the same tenant and label, and different in every other tenant: a database that
 * was filled from one tenant can then tell that it meets another.
 */
export function tenantGuid(tenant: TenantSeed, label: string): string {
  const hex = createHash("sha256")
    .update(`${tenant.seed}|${tenant.vaults}|${tenant.firstStart}|${label}`)
    .digest("hex");
  const variant = "89ab"[Number.parseInt(hex.charAt(16), 16) % 4];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** The fixed ids of a tenant, from what it is made of. */
export function tenantIdentity(tenant: TenantSeed): TenantIdentity {
  return {
    tenantId: tenantGuid(tenant, "tenant"),
    spaClientId: tenantGuid(tenant, "application/browser"),
    apiClientId: tenantGuid(tenant, "application/api"),
    firstStart: tenant.firstStart,
  };
}

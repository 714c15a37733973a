import "server-only";
import type { Config } from "@/lib/config";
import type { PublicAuthConfig } from "./public-config.pure";

/** What the browser's MSAL needs, as plain JSON. Read per request, so that one build serves both tenants. */
export function publicAuthConfig(config: Config): PublicAuthConfig {
  const { spaClientId, apiClientId, authority, knownAuthorities, browserMetadata } = config.auth;
  return {
    clientId: spaClientId,
    authority,
    knownAuthorities,
    authorityMetadata: browserMetadata ?? null,
    scope: `api://${apiClientId}/access_as_user`,
    tenantId: config.tenantId,
    simulated: config.mode === "simulated",
    banner:
      config.mode === "simulated" ? "Simulated tenant: nothing here is real, and nothing leaves this machine." : null,
  };
}

import "server-only";
import type { TokenCredential } from "@azure/core-auth";
import { ManagedIdentityCredential } from "@azure/identity";
import type { Config, ServiceIdentity } from "@/lib/config";
import { AppError } from "@/lib/errors";

/**
 * The credential of one of the product's own identities: a user-assigned managed identity. The SDK finds its endpoint
 * by itself (IDENTITY_ENDPOINT or the instance metadata service), in the simulated tenant too.
 */
export function identityCredential(config: Config, name: ServiceIdentity): TokenCredential {
  return managedIdentity(config.identities[name].clientId, name);
}

/** A managed identity by client id; `what` names it in a failure. */
export function managedIdentity(clientId: string, what: string): TokenCredential {
  const credential = new ManagedIdentityCredential({ clientId });
  return {
    async getToken(scopes, options) {
      try {
        return await credential.getToken(scopes, options);
      } catch (error) {
        throw new AppError(
          "unavailable",
          `The product's ${what} identity got no token.`,
          { fix: "An administrator checks that this managed identity is assigned to the server." },
          error,
        );
      }
    },
  };
}

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
  return managedIdentity(config.identities[name].clientId, name, config.timing.requestTimeout);
}

/**
 * Gives a token of the database's managed identity as the password of each new connection; undefined when none is
 * configured. The SDK keeps a token until shortly before its end, so most connections cost no call.
 */
export function databasePassword(config: Config): (() => Promise<string>) | undefined {
  const { databaseIdentityClientId, cloud, timing } = config;
  if (databaseIdentityClientId === undefined) return undefined;
  const credential = managedIdentity(databaseIdentityClientId, "database", timing.requestTimeout);
  return async () => {
    const token = await credential.getToken(cloud.databaseScope);
    if (!token) throw new Error("No token for the database.");
    return token.token;
  };
}

/**
 * A managed identity by client id; `what` names it in a failure. Its endpoint gets `withinMs` milliseconds: the SDK would
 * wait for ever, and so would everything that needs the token.
 */
export function managedIdentity(clientId: string, what: string, withinMs: number): TokenCredential {
  const credential = new ManagedIdentityCredential({ clientId });
  return {
    async getToken(scopes, options) {
      try {
        return await inTime(credential.getToken(scopes, options), withinMs);
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

async function inTime<T>(answer: Promise<T>, withinMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("The identity endpoint did not answer in time.")), withinMs);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

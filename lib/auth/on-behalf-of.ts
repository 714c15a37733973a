import "server-only";
import type { TokenCredential } from "@azure/core-auth";
import { AuthError, ConfidentialClientApplication, InteractionRequiredAuthError } from "@azure/msal-node";
import { httpClientFor } from "@/lib/azure/transport";
import type { Config } from "@/lib/config";
import { AppError } from "@/lib/errors";
import { managedIdentity } from "./identities";
import { networkFor } from "./network";

/** One client per tenant: its cache holds one token per person and scope, bound to the assertion that it came from. */
const clients = new WeakMap<Config, ConfidentialClientApplication>();

/**
 * A credential that acts as the person whose validated token this is (on-behalf-of).
 * Its getToken throws AppError `step_up` with the claims when Entra wants more from the person, `signed_out` when the
 * person's token no longer serves, `forbidden` when consent is missing, `unavailable` otherwise.
 */
export function asUser(config: Config, token: string): TokenCredential {
  return {
    async getToken(scopes, options) {
      try {
        const result = await clientOf(config).acquireTokenOnBehalfOf({
          oboAssertion: token,
          scopes: [scopes].flat(),
          // A resource asked for more (continuous access evaluation): a cached token would be refused again.
          ...(options?.claims !== undefined && { claims: options.claims, skipCache: true }),
        });
        if (!result?.accessToken || !result.expiresOn) throw new Error("No token in the answer.");
        return { token: result.accessToken, expiresOnTimestamp: result.expiresOn.getTime() };
      } catch (error) {
        throw toSignInError(error);
      }
    },
  };
}

/** What Entra ID says of the product's own credential, by its code. Source: Microsoft Learn, Entra error codes. */
const CREDENTIAL_FAULTS: readonly [code: RegExp, message: string, fix: string][] = [
  [
    /AADSTS7000222/,
    "The client secret of the API registration has expired.",
    "Make a new one and set AUTH_API_CLIENT_SECRET to it, or use a federated credential, which does not expire.",
  ],
  [
    /AADSTS7000215/,
    "The client secret of the API registration is wrong.",
    "Set AUTH_API_CLIENT_SECRET to the secret's value; its id is something else.",
  ],
  [
    /AADSTS700016/,
    "The tenant has no such API registration.",
    "Check AUTH_API_CLIENT_ID, and that AZURE_TENANT_ID is the tenant in which it was registered.",
  ],
  [/AADSTS90002/, "There is no such tenant.", "Check AZURE_TENANT_ID and AZURE_CLOUD."],
  [
    /AADSTS7000(21|22|23|24|25)\b|AADSTS50027/,
    "The federated credential of the API registration does not fit the managed identity.",
    "Compare its issuer, subject and audience with the identity of AUTH_API_FEDERATED_CLIENT_ID.",
  ],
];

const faultIn = (text: string) => CREDENTIAL_FAULTS.find(([code]) => code.test(text));

/**
 * Proves the product's own credential, which every sign-in of a person rests on, without a person.
 *
 * @throws AppError `forbidden` with the way out when Entra ID does not accept it, `unavailable` when it does not answer
 */
export async function checkApiCredential(config: Config): Promise<void> {
  try {
    await clientOf(config).acquireTokenByClientCredential({
      scopes: [`${config.cloud.arm}/.default`],
      skipCache: true,
    });
  } catch (error) {
    if (!(error instanceof AuthError)) throw toSignInError(error);
    const text = `${error.errorCode} ${error.errorMessage}`;
    const [, message, fix] = faultIn(text) ?? [];
    if (message === undefined || fix === undefined) throw toSignInError(error);
    throw new AppError("forbidden", message, { fix }, error);
  }
}

function clientOf(config: Config): ConfidentialClientApplication {
  const known = clients.get(config);
  if (known) return known;
  const { authority, apiClientId, apiSecret, federatedIdentityClientId, knownAuthorities, serverMetadata } =
    config.auth;
  const client = new ConfidentialClientApplication({
    auth: {
      clientId: apiClientId,
      authority,
      knownAuthorities,
      ...(serverMetadata !== undefined && { authorityMetadata: serverMetadata }),
      ...(apiSecret !== undefined && { clientSecret: apiSecret }),
      ...(apiSecret === undefined &&
        federatedIdentityClientId !== undefined && {
          clientAssertion: federatedAssertion(
            federatedIdentityClientId,
            config.cloud.tokenExchangeScope,
            config.timing.requestTimeout,
          ),
        }),
    },
    system: { networkClient: networkFor(httpClientFor(config)) },
  });
  clients.set(config, client);
  return client;
}

/** A managed identity's token in place of a client secret, so that there is no secret to keep or to renew. */
function federatedAssertion(clientId: string, scope: string, withinMs: number): () => Promise<string> {
  const credential = managedIdentity(clientId, "federated", withinMs);
  return async () => {
    const token = await credential.getToken(scope);
    if (!token) throw new Error("No token for the client assertion.");
    return token.token;
  };
}

/** AADSTS50013 and 500131-500139: the assertion, which is the person's token, is not valid any more. */
const ASSERTION_EXPIRED = /AADSTS50013\d?\b/;
const CONSENT_MISSING = /AADSTS65001|consent_required/;

/** What a failed on-behalf-of exchange means for the person. MSAL's own text stays in the cause. */
export function toSignInError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (!(error instanceof AuthError)) {
    return new AppError("unavailable", "The sign-in service did not answer.", { fix: "Try again in a minute." }, error);
  }
  const text = `${error.errorCode} ${error.subError} ${error.errorMessage}`;
  if (CONSENT_MISSING.test(text)) {
    return new AppError(
      "forbidden",
      "This product has no consent yet to act for you in Azure.",
      { fix: "An administrator grants consent to the API registration's delegated permissions." },
      error,
    );
  }
  if (error instanceof InteractionRequiredAuthError && error.claims) {
    return new AppError(
      "step_up",
      "Azure wants you to confirm your sign-in.",
      { fix: "Confirm it, then try again.", claims: error.claims },
      error,
    );
  }
  if (
    error instanceof InteractionRequiredAuthError ||
    ASSERTION_EXPIRED.test(text) ||
    error.errorCode === "invalid_grant"
  ) {
    return new AppError("signed_out", "Your sign-in has expired.", { fix: "Sign in again." }, error);
  }
  if (error.errorCode === "invalid_client" || error.errorCode === "unauthorized_client") {
    const [, what = "", fix = "Renew the API registration's secret or federated credential."] = faultIn(text) ?? [];
    return new AppError(
      "unavailable",
      "The sign-in service does not accept this product's own credential.",
      { fix: ["This is for an administrator.", what, fix].filter(Boolean).join(" ") },
      error,
    );
  }
  return new AppError(
    "unavailable",
    "The sign-in service refused the request.",
    { fix: "Try again in a minute." },
    error,
  );
}

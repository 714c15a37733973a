import {
  type AuthenticationResult,
  type Configuration,
  InteractionRequiredAuthError,
  ProtocolMode,
  PublicClientApplication,
} from "@azure/msal-browser";
import { ApiError } from "@/components/api/api-error";
import type { PublicAuthConfig } from "@/lib/auth/public-config.pure";

const BRIDGE = "/auth/redirect";

/** One MSAL client for a page load; only the values of `settings` differ between a real and the simulated tenant. */
export function createMsalClient(settings: PublicAuthConfig): PublicClientApplication {
  const configuration: Configuration = {
    auth: {
      clientId: settings.clientId,
      authority: settings.authority,
      knownAuthorities: settings.knownAuthorities,
      ...(settings.authorityMetadata !== null && { authorityMetadata: settings.authorityMetadata }),
      redirectUri: BRIDGE,
      postLogoutRedirectUri: BRIDGE,
    },
    cache: { cacheLocation: "sessionStorage" },
    system: { protocolMode: ProtocolMode.AAD },
  };
  return new PublicClientApplication(configuration);
}

// The hidden frame did not come back, or there is nothing to renew from: only the person can help.
const NEEDS_SIGN_IN = new Set(["timed_out", "no_account_error", "no_tokens_found", "redirect_bridge_empty_response"]);

/** Runs one silent token request; throws ApiError signed_out when the person has to sign in again. */
export async function silentToken(request: () => Promise<AuthenticationResult>): Promise<string> {
  try {
    return (await request()).accessToken;
  } catch (error) {
    throw needsSignIn(error) ? sessionEnded(error) : signInUnreachable(error);
  }
}

function needsSignIn(error: unknown): boolean {
  return error instanceof InteractionRequiredAuthError || NEEDS_SIGN_IN.has(errorCodeOf(error));
}

/** MSAL's error code, or "" for anything that is not one of its errors. */
export function errorCodeOf(error: unknown): string {
  return error instanceof Error && "errorCode" in error && typeof error.errorCode === "string" ? error.errorCode : "";
}

function sessionEnded(cause: unknown): ApiError {
  return new ApiError(
    { code: "signed_out", message: "Your session has ended.", fix: "Sign in again; you come back to this page." },
    cause,
  );
}

function signInUnreachable(cause: unknown): ApiError {
  return new ApiError(
    {
      code: "unavailable",
      message: "Your session could not be renewed, because the sign-in service did not answer.",
      fix: "Check that you are online. The page keeps trying.",
    },
    cause,
  );
}

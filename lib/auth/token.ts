import "server-only";
import { createRemoteJWKSet, errors, jwtVerify } from "jose";
import { z } from "zod";
import type { Config } from "@/lib/config";
import { ROLES, type User } from "@/lib/context";
import { AppError } from "@/lib/errors";

/** Node's own limit for a header; a longer token is refused before anything looks into it. */
const TOKEN_BYTES_MAX = 16_384;
const CLOCK_TOLERANCE_SECONDS = 60;
const SCOPE = "access_as_user";

/**
 * Failures that are about the token itself, listed one by one: an endpoint for the keys that answers with an error, or with
 * the page of a proxy in between, is told by the base class of these and says nothing about who somebody is.
 */
const ABOUT_THE_TOKEN = [
  errors.JWTExpired,
  errors.JWTClaimValidationFailed,
  errors.JWTInvalid,
  errors.JWSInvalid,
  errors.JWSSignatureVerificationFailed,
  errors.JWKSNoMatchingKey,
  errors.JWKSMultipleMatchingKeys,
  errors.JOSEAlgNotAllowed,
  errors.JOSENotSupported,
] as const;

type Keys = ReturnType<typeof createRemoteJWKSet>;
const keysOfTenant = new WeakMap<Config, Keys>();

const Claims = z.object({
  tid: z.string(),
  oid: z.string().min(1),
  ver: z.literal("2.0"),
  azp: z.string(),
  idtyp: z.string().optional(),
  scp: z.string().default(""),
  name: z.string().optional(),
  preferred_username: z.string().optional(),
  roles: z.array(z.string()).default([]),
});

/**
 * Validates an access token for our own API and says whose it is: signature by the tenant's own keys, our audience,
 * our tenant, issued to our browser application for our scope, to a person. Roles come from nowhere else.
 *
 * @throws AppError `signed_out` for a token that proves nothing, `forbidden` for one that is not a person's token for
 *   this product, `unavailable` when the tenant's keys cannot be read. The reason stays in the cause.
 */
export async function authenticate(config: Config, token: unknown): Promise<User> {
  if (typeof token !== "string" || token.length === 0 || token.length > TOKEN_BYTES_MAX) throw signedOut();
  const claims = Claims.safeParse(await verified(config, token));
  if (!claims.success) throw signedOut(claims.error);
  const { tid, oid, azp, idtyp, scp, name, preferred_username, roles } = claims.data;
  if (tid !== config.tenantId || azp !== config.auth.spaClientId) throw signedOut();
  if (idtyp === "app" || !scp.split(" ").includes(SCOPE)) {
    throw new AppError("forbidden", "This token does not act for a person in this product.", {
      fix: "Sign in to this product and try again.",
    });
  }
  return {
    tid,
    oid,
    name: name ?? preferred_username ?? oid,
    upn: preferred_username,
    roles: ROLES.filter((role) => roles.includes(role)),
  };
}

async function verified(config: Config, token: string): Promise<unknown> {
  const { issuer, apiClientId } = config.auth;
  try {
    const { payload } = await jwtVerify(token, keysOf(config), {
      algorithms: ["RS256"],
      issuer,
      audience: [apiClientId, `api://${apiClientId}`],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      requiredClaims: ["exp", "nbf", "iat", "oid", "tid", "sub", "ver", "azp"],
    });
    return payload;
  } catch (error) {
    // Whoever is told to sign in again for anything else does so in a circle.
    if (ABOUT_THE_TOKEN.some((kind) => error instanceof kind)) throw signedOut(error);
    throw new AppError(
      "unavailable",
      "The keys of the sign-in service could not be read to check who you are.",
      { fix: "Try again in a minute." },
      error,
    );
  }
}

/** Fetched on first use and again for an unknown key, at most every 30 seconds. */
function keysOf(config: Config): Keys {
  const known = keysOfTenant.get(config);
  if (known) return known;
  const keys = createRemoteJWKSet(new URL(config.auth.jwksUrl), {
    cooldownDuration: 30_000,
    cacheMaxAge: 600_000,
    timeoutDuration: 15_000,
  });
  keysOfTenant.set(config, keys);
  return keys;
}

function signedOut(cause?: unknown): AppError {
  return new AppError("signed_out", "You are not signed in, or your sign-in has expired.", { fix: "Sign in." }, cause);
}

import { createHash, randomBytes } from "node:crypto";
import { errors, type JWTPayload, jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import type { Caller, Context } from "../context";
import { AzureError, type SimRequest } from "../http";
import type { Principal } from "../model";
import { entraOf, issuerOf } from "./runtime";
import { AUDIENCES } from "./scopes";

/** Seconds that an access token for a person lives; Entra draws 60 to 90 minutes. */
export const ACCESS_TOKEN_SECONDS = 3600;
/** Managed identities get tokens of a day. */
export const IDENTITY_TOKEN_SECONDS = 86_400;

type Audience = keyof typeof AUDIENCES;

const CallerClaims = z.object({
  tid: z.string(),
  oid: z.string(),
  azp: z.string(),
  scp: z.string().optional(),
  roles: z.array(z.string()).optional(),
});

/** Signs a v2.0 token of this tenant; times come from the tenant's clock, `seconds` is its life. */
export async function signToken(
  context: Context,
  claims: JWTPayload,
  audience: string,
  seconds: number,
): Promise<string> {
  const { privateKey, jwk } = await entraOf(context);
  const now = Math.floor(context.now() / 1000);
  return new SignJWT({ ver: "2.0", tid: context.identity.tenantId, uti: shortId(), ...claims })
    .setProtectedHeader({ alg: "RS256", typ: "JWT", kid: jwk.kid })
    .setIssuer(issuerOf(context))
    .setAudience(audience)
    .setIssuedAt(now)
    .setNotBefore(now)
    .setExpirationTime(now + seconds)
    .sign(privateKey);
}

/** Claims that both an id token and a delegated access token carry about a person. */
export function personClaims(person: Principal, clientId: string): JWTPayload {
  return {
    oid: person.oid,
    // Pairwise: the same person has another subject in another application.
    sub: createHash("sha256").update(`${person.oid}|${clientId}`).digest("base64url"),
    name: person.name,
    ...(person.upn && { preferred_username: person.upn }),
  };
}

/** An access token of an application or managed identity, without any person behind it. */
export function signAppToken(
  context: Context,
  principal: Principal,
  audience: string,
  seconds: number,
): Promise<string> {
  const appId = principal.appId ?? principal.oid;
  return signToken(
    context,
    {
      oid: principal.oid,
      sub: principal.oid,
      azp: appId,
      appid: appId,
      azpacr: principal.managedIdentityId ? "2" : "1",
      idtyp: "app",
      ...(principal.managedIdentityId && { xms_mirid: principal.managedIdentityId }),
      ...(audience === context.identity.apiClientId && { roles: principal.appRoles }),
      ...(audience === AUDIENCES.graph && { roles: principal.graphPermissions ?? [] }),
    },
    audience,
    seconds,
  );
}

/** A delegated access token for a person, as on-behalf-of gives it out. */
export function signPersonToken(
  context: Context,
  person: Principal,
  grant: { clientId: string; confidential: boolean; audience: string; scopes: string[]; sid: string; acrs: string[] },
): Promise<string> {
  const forProduct = grant.audience === context.identity.apiClientId;
  return signToken(
    context,
    {
      ...personClaims(person, grant.clientId),
      azp: grant.clientId,
      ...(!forProduct && { appid: grant.clientId, ...(person.upn && { upn: person.upn }) }),
      azpacr: grant.confidential ? "1" : "0",
      scp: grant.scopes.join(" "),
      sid: grant.sid,
      ...(forProduct && { roles: person.appRoles }),
      ...(grant.acrs.length > 0 && { acrs: grant.acrs }),
    },
    grant.audience,
    ACCESS_TOKEN_SECONDS,
  );
}

/**
 * The identity behind a request to an Azure service of this tenant. Throws `AzureError` 401 in the form of that
 * service when the bearer token is missing, forged, expired, for another audience, or of a deleted principal.
 */
export async function readCaller(request: SimRequest, context: Context, audience: Audience): Promise<Caller> {
  const token = /^Bearer +([A-Za-z0-9._~+/=-]+)$/i.exec(request.headers.authorization ?? "")?.[1];
  if (!token) throw unauthenticated(context, audience, "missing");
  const claims = CallerClaims.safeParse(await verify(context, token, audience));
  const principal = claims.success ? context.model.principals.get(claims.data.oid) : undefined;
  if (!claims.success || !principal) throw unauthenticated(context, audience, "invalid");
  return {
    oid: principal.oid,
    appId: claims.data.azp,
    kind: principal.kind,
    name: principal.name,
    ...(principal.upn && { upn: principal.upn }),
    ...(principal.managedIdentityId && { managedIdentityId: principal.managedIdentityId }),
    ...(audience === "graph" && { permissions: claims.data.scp?.split(" ") ?? claims.data.roles ?? [] }),
  };
}

/** Signatures that were found good, by token, until it ends: a caller sends the same token with thousands of calls. */
const verified = new WeakMap<Context["model"], Map<string, { audience: Audience; payload: JWTPayload }>>();
const VERIFIED_MAX = 200;

async function verify(context: Context, token: string, audience: Audience): Promise<JWTPayload> {
  const known = verified.get(context.model) ?? new Map<string, { audience: Audience; payload: JWTPayload }>();
  verified.set(context.model, known);
  const found = known.get(token);
  const now = context.now() / 1_000;
  if (found?.audience === audience && now < (found.payload.exp ?? 0) && now >= (found.payload.nbf ?? 0)) {
    return found.payload;
  }
  const payload = await verifyAnew(context, token, audience);
  const [oldest] = known.keys();
  if (known.size >= VERIFIED_MAX && oldest !== undefined) known.delete(oldest);
  known.set(token, { audience, payload });
  return payload;
}

async function verifyAnew(context: Context, token: string, audience: Audience): Promise<JWTPayload> {
  const { publicKey } = await entraOf(context);
  try {
    const { payload } = await jwtVerify(token, publicKey, {
      algorithms: ["RS256"],
      issuer: issuerOf(context),
      audience: [AUDIENCES[audience], `${AUDIENCES[audience]}/`],
      currentDate: new Date(context.now()),
      requiredClaims: ["exp", "nbf", "oid", "tid", "azp"],
    });
    return payload;
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw unauthenticated(context, audience, "expired");
    if (error instanceof errors.JWTClaimValidationFailed && error.claim === "aud") {
      throw unauthenticated(context, audience, "audience");
    }
    throw unauthenticated(context, audience, "invalid");
  }
}

type Fault = "missing" | "invalid" | "expired" | "audience";

const ARM_FAULTS: Record<Fault, [code: string, message: string]> = {
  missing: ["AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing."],
  invalid: ["InvalidAuthenticationToken", "The access token is invalid."],
  expired: ["ExpiredAuthenticationToken", "The access token expiry UTC time is earlier than current UTC time."],
  audience: [
    "InvalidAuthenticationTokenAudience",
    "The access token has been obtained for wrong audience or resource.",
  ],
};
const VAULT_FAULTS: Record<Fault, string> = {
  missing: "AKV10000: Request is missing a Bearer, PoP, or MTLS_POP token.",
  invalid: "AKV10032: Invalid issuer or signature of the access token.",
  expired: "AKV10046: Unable to resolve the key used for signature validation, or the token has expired.",
  audience: "AKV10022: Invalid audience. Expected https://vault.azure.net.",
};
const LOGS_FAULTS: Record<Fault, [code: string, message: string]> = {
  missing: ["AuthorizationRequiredError", "Valid authentication was not provided"],
  invalid: ["InvalidTokenError", "The provided authentication is not valid for this resource"],
  expired: ["InvalidTokenError", "The provided authentication has expired"],
  audience: ["InvalidTokenError", "The provided authentication is not valid for this audience"],
};

const GRAPH_FAULTS: Record<Fault, [code: string, message: string]> = {
  missing: ["InvalidAuthenticationToken", "Access token is empty."],
  invalid: ["InvalidAuthenticationToken", "Access token validation failure."],
  expired: ["InvalidAuthenticationToken", "Lifetime validation failed, the token is expired."],
  audience: ["InvalidAuthenticationToken", "Access token validation failure. Invalid audience."],
};
const FAULTS = { arm: ARM_FAULTS, logs: LOGS_FAULTS, graph: GRAPH_FAULTS } as const;

/** The 401 of a service: its code, its sentence and its `WWW-Authenticate` header. */
function unauthenticated(context: Context, audience: Audience, fault: Fault): AzureError {
  const authority = `https://login.microsoftonline.com/${context.identity.tenantId}`;
  if (audience === "vault") {
    const challenge = `Bearer authorization="${authority}", resource="${AUDIENCES.vault}"`;
    const failed = fault === "missing" ? challenge : `${challenge}, error="invalid_token"`;
    return new AzureError(401, "Unauthorized", VAULT_FAULTS[fault], { headers: { "www-authenticate": failed } });
  }
  const [code, message] = FAULTS[audience][fault];
  const challenge = `Bearer authorization_uri="${authority}", error="invalid_token", error_description="${message}"`;
  return new AzureError(401, code, message, { headers: { "www-authenticate": challenge } });
}

/** The 401 for a token whose time is over, whatever its time is. */
export function expiredToken(context: Context, audience: Audience): AzureError {
  return unauthenticated(context, audience, "expired");
}

function shortId(): string {
  return randomBytes(16).toString("base64url");
}

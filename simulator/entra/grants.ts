import { createHash } from "node:crypto";
import { errors, type JWTPayload, jwtVerify } from "jose";
import { z } from "zod";
import type { Context } from "../context";
import type { SimRequest, SimResponse } from "../http";
import type { Principal } from "../model";
import { authenticateClient, type Client, principalOfClient } from "./clients";
import { EntraError, missing, refuseRepeats } from "./errors";
import { personAnswer } from "./person-answer";
import { type EntraRuntime, entraOf, issuerOf } from "./runtime";
import { findResource, resolveScope } from "./scopes";
import { findRefreshToken } from "./sessions";
import { ACCESS_TOKEN_SECONDS, signAppToken } from "./token";

const OBO = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/** The authentication context that a stepped-up session carries. */
const STEP_UP = "c1";

const Assertion = z.object({
  oid: z.string(),
  scp: z.string().optional(),
  sid: z.string().optional(),
  acrs: z.array(z.string()).optional(),
});

interface TokenCall {
  context: Context;
  runtime: EntraRuntime;
  client: Client;
  form: URLSearchParams;
}

/** `POST /{tenant}/oauth2/v2.0/token`. Throws `EntraError`. */
export async function redeem(context: Context, request: SimRequest): Promise<SimResponse> {
  const form = new URLSearchParams(request.text);
  refuseRepeats(form);
  const runtime = await entraOf(context);
  const grantType = required(form, "grant_type");
  const client = authenticateClient(context, runtime, request, form);
  const call: TokenCall = { context, runtime, client, form };
  switch (grantType) {
    case "authorization_code":
      return answer(await byCode(call));
    case "refresh_token":
      return answer(await byRefreshToken(call));
    case OBO:
      return answer(await onBehalfOf(call));
    case "client_credentials":
      return answer(await byClientCredentials(call));
    default:
      throw new EntraError(
        "unsupported_grant_type",
        70003,
        `The app requested an unsupported grant type '${grantType.slice(0, 100)}'.`,
      );
  }
}

async function byCode({ context, runtime, client, form }: TokenCall) {
  const code = required(form, "code");
  const grant = runtime.codes.get(code);
  if (!grant || grant.clientId !== client.id || grant.expiresAt <= context.now()) {
    throw new EntraError("invalid_grant", 70008, "The provided authorization code or refresh token has expired.");
  }
  if (grant.redeemed) {
    throw new EntraError("invalid_grant", 54005, "OAuth2 Authorization code was already redeemed.");
  }
  // Spent by the first try, also a wrong one: a stolen code allows no guessing.
  grant.redeemed = true;
  if (form.get("redirect_uri") !== grant.redirectUri) {
    throw new EntraError(
      "invalid_grant",
      50011,
      "The redirect URI specified in the request does not match the redirect URI of the authorization request.",
    );
  }
  const verifier = form.get("code_verifier") ?? "";
  if (!/^[A-Za-z0-9._~-]{43,128}$/.test(verifier) || s256(verifier) !== grant.challenge) {
    throw new EntraError(
      "invalid_grant",
      501481,
      "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
    );
  }
  const person = requirePerson(context, grant.oid);
  return personAnswer(context, client, person, {
    scope: form.get("scope") ?? grant.scope,
    offline: resolveScope(context, grant.scope).offline,
    nonce: grant.nonce,
    sid: grant.sid,
    acrs: grant.acrs,
    clientInfo: wantsClientInfo(form),
  });
}

async function byRefreshToken({ context, client, form }: TokenCall) {
  const token = findRefreshToken(context, required(form, "refresh_token"));
  if (!token || token.clientId !== client.id) {
    throw new EntraError("invalid_grant", 9002313, "Invalid request. The refresh token is malformed or not known.");
  }
  if (token.expiresAt <= context.now()) {
    throw token.spa
      ? new EntraError(
          "invalid_grant",
          700084,
          "The refresh token was issued to a single page app (SPA), and therefore has a fixed, limited lifetime of 1.00:00:00, which cannot be extended. It is now expired and a new sign in request must be sent by the SPA to the sign in page.",
          { suberror: "token_expired" },
        )
      : new EntraError("invalid_grant", 700082, "The refresh token has expired due to inactivity.");
  }
  return personAnswer(context, client, requirePerson(context, token.oid), {
    scope: form.get("scope") ?? "openid offline_access",
    offline: true,
    nonce: undefined,
    sid: token.sid,
    acrs: token.acrs ?? [],
    clientInfo: wantsClientInfo(form),
    previousExpiry: token.expiresAt,
  });
}

async function onBehalfOf(call: TokenCall) {
  const { context, client, form } = call;
  if (form.get("requested_token_use") !== "on_behalf_of") throw missing("requested_token_use");
  if (client.kind !== "confidential") {
    throw new EntraError(
      "invalid_client",
      7000114,
      `Application '${client.id}' is not allowed to make application on-behalf-of calls.`,
    );
  }
  const assertion = Assertion.safeParse(await verifyAssertion(call, required(form, "assertion")));
  if (!assertion.success || !assertion.data.scp) {
    throw new EntraError("invalid_grant", 50013, "Assertion failed validation: it is not a delegated access token.");
  }
  const { oid, sid, acrs = [] } = assertion.data;
  const request = resolveScope(context, required(form, "scope"));
  if (context.settings.stepUp && request.resource.name === context.settings.stepUp && !acrs.includes(STEP_UP)) {
    throw new EntraError(
      "interaction_required",
      50076,
      "Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access the resource.",
      {
        suberror: "basic_action",
        claims: JSON.stringify({ access_token: { acrs: { essential: true, value: STEP_UP } } }),
      },
    );
  }
  return personAnswer(context, client, requirePerson(context, oid), {
    scope: required(form, "scope"),
    offline: request.offline,
    nonce: undefined,
    sid: sid ?? "",
    acrs,
    clientInfo: wantsClientInfo(form),
  });
}

async function verifyAssertion({ context, runtime, client }: TokenCall, assertion: string): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(assertion, runtime.publicKey, {
      algorithms: ["RS256"],
      issuer: issuerOf(context),
      audience: [client.id, `api://${client.id}`],
      currentDate: new Date(context.now()),
    });
    return payload;
  } catch (error) {
    if (error instanceof errors.JWTExpired) {
      throw new EntraError("invalid_grant", 500133, "Assertion is not within its valid time range.");
    }
    if (error instanceof errors.JWTClaimValidationFailed && error.claim === "aud") {
      throw new EntraError(
        "invalid_grant",
        500131,
        "Assertion audience does not match the Client app presenting the assertion.",
      );
    }
    throw new EntraError("invalid_grant", 50013, "Assertion failed signature validation.");
  }
}

async function byClientCredentials({ context, client, form }: TokenCall) {
  if (client.kind !== "confidential") {
    throw new EntraError(
      "invalid_client",
      700025,
      "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
    );
  }
  const scope = required(form, "scope");
  if (!scope.endsWith("/.default") || scope.includes(" ")) {
    throw new EntraError(
      "invalid_scope",
      1002012,
      "The provided value for scope is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).",
    );
  }
  const resource = findResource(context, scope.slice(0, -"/.default".length));
  const principal = principalOfClient(context, client);
  if (!principal) {
    throw new EntraError(
      "unauthorized_client",
      7000229,
      `The client application ${client.id} is missing a service principal in the tenant.`,
    );
  }
  return {
    token_type: "Bearer",
    expires_in: ACCESS_TOKEN_SECONDS,
    ext_expires_in: ACCESS_TOKEN_SECONDS,
    access_token: await signAppToken(context, principal, resource.audience, ACCESS_TOKEN_SECONDS),
  };
}

function requirePerson(context: Context, oid: string): Principal {
  const person = context.model.principals.get(oid);
  if (person?.kind === "User") return person;
  throw new EntraError("invalid_grant", 50034, "The user account does not exist in this directory.");
}

function required(form: URLSearchParams, name: string): string {
  const value = form.get(name);
  if (!value) throw missing(name);
  return value;
}

function wantsClientInfo(form: URLSearchParams): boolean {
  return form.get("client_info") === "1" || form.get("client_info") === "true";
}

function answer(body: object): SimResponse {
  return { status: 200, body };
}

function s256(verifier: string): string {
  return createHash("sha256").update(verifier).digest("base64url");
}

import type { JWTPayload } from "jose";
import type { Context } from "../context";
import type { Principal } from "../model";
import type { Client } from "./clients";
import { requireConsent, resolveScope } from "./scopes";
import { issueRefreshToken } from "./sessions";
import { ACCESS_TOKEN_SECONDS, personClaims, signPersonToken, signToken } from "./token";

/** What a grant that stands for a person says, whatever kind of grant it was. */
interface PersonGrant {
  scope: string;
  /** Give out a refresh token too. */
  offline: boolean;
  nonce: string | undefined;
  sid: string;
  acrs: string[];
  clientInfo: boolean;
  /** Expiry of the refresh token that is being renewed. */
  previousExpiry?: number;
}

/** The token endpoint's answer for a person. Throws `EntraError` for a scope that is unknown or not consented to. */
export async function personAnswer(context: Context, client: Client, person: Principal, grant: PersonGrant) {
  const request = requireConsent(client, resolveScope(context, grant.scope));
  const spa = client.kind === "spa";
  const accessToken = await signPersonToken(context, person, {
    clientId: client.id,
    confidential: !spa,
    audience: request.resource.audience,
    scopes: request.scopes,
    sid: grant.sid,
    acrs: grant.acrs,
  });
  const idToken = request.openId ? await signIdToken(context, client, person, grant) : undefined;
  // The one change of state, after everything that could still fail.
  const refresh = grant.offline
    ? issueRefreshToken(
        context,
        {
          oid: person.oid,
          clientId: client.id,
          sid: grant.sid,
          spa,
          ...(grant.acrs.length > 0 && { acrs: grant.acrs }),
        },
        grant.previousExpiry,
      )
    : undefined;
  return {
    token_type: "Bearer",
    scope: request.echo,
    expires_in: ACCESS_TOKEN_SECONDS,
    ext_expires_in: ACCESS_TOKEN_SECONDS,
    access_token: accessToken,
    ...(idToken && { id_token: idToken }),
    ...(refresh && {
      refresh_token: refresh.token,
      refresh_token_expires_in: Math.max(0, Math.floor((refresh.expiresAt - context.now()) / 1000)),
    }),
    ...(grant.clientInfo && { client_info: clientInfo(context, person.oid) }),
  };
}

function signIdToken(
  context: Context,
  client: Client,
  person: Principal,
  grant: { nonce: string | undefined; sid: string },
): Promise<string> {
  const claims: JWTPayload = { ...personClaims(person, client.id), roles: person.appRoles, sid: grant.sid };
  if (grant.nonce !== undefined) claims.nonce = grant.nonce;
  return signToken(context, claims, client.id, ACCESS_TOKEN_SECONDS);
}

/** What MSAL makes its account id of. */
export function clientInfo(context: Context, oid: string): string {
  return Buffer.from(JSON.stringify({ uid: oid, utid: context.identity.tenantId })).toString("base64url");
}

import type { Context } from "../context";
import type { SimRequest, SimResponse } from "../http";
import { worldIds } from "../world/ids";
import { sameText } from "./clients";
import { EntraError } from "./errors";
import { entraOf } from "./runtime";
import { findResource } from "./scopes";
import { IDENTITY_TOKEN_SECONDS, signAppToken } from "./token";

/**
 * `GET /msi/token`: tokens for the managed identities that the product's host carries, in the shape of App Service
 * (api-version 2019-08-01). The header is the only secret: it shows that the caller is the host itself.
 */
export async function managedIdentityToken(context: Context, request: SimRequest): Promise<SimResponse> {
  const { identityHeader } = await entraOf(context);
  if (!sameText(request.headers["x-identity-header"] ?? "", identityHeader)) {
    return failure(401, "The X-IDENTITY-HEADER header is missing or wrong.");
  }
  const resourceId = request.query.get("resource");
  if (!resourceId) return failure(400, "The resource parameter is missing.");
  const clientId = request.query.get("client_id") ?? request.query.get("clientid");
  const principalId = request.query.get("principal_id") ?? request.query.get("object_id");
  const identity = Object.values(worldIds(context).identities).find(
    (entry) => entry.clientId === clientId?.toLowerCase() || entry.objectId === principalId?.toLowerCase(),
  );
  const principal = identity && context.model.principals.get(identity.objectId);
  if (!identity || !principal) {
    return failure(
      400,
      `No managed identity was found for the client id ${(clientId ?? "(none given)").slice(0, 64)}.`,
    );
  }
  let audience: string;
  try {
    audience = findResource(context, resourceId).audience;
  } catch (error) {
    if (error instanceof EntraError) return failure(400, `AADSTS${error.number}: ${error.message}`);
    throw error;
  }
  const expires = Math.floor(context.now() / 1000) + IDENTITY_TOKEN_SECONDS;
  return {
    status: 200,
    headers: { "cache-control": "no-store" },
    body: {
      access_token: await signAppToken(context, principal, audience, IDENTITY_TOKEN_SECONDS),
      client_id: identity.clientId,
      expires_on: String(expires),
      not_before: String(expires - IDENTITY_TOKEN_SECONDS),
      resource: resourceId,
      token_type: "Bearer",
    },
  };
}

function failure(status: number, message: string): SimResponse {
  return { status, body: { statusCode: status, message } };
}

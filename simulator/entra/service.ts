import type { Context } from "../context";
import type { SimRequest, SimResponse } from "../http";
import { authorize, chooseAccount } from "./authorize";
import { findClient } from "./clients";
import { EntraError, refuseRepeats } from "./errors";
import { redeem } from "./grants";
import { managedIdentityToken } from "./managed-identity";
import { messagePage, stylesheet } from "./page";
import { entraOf, issuerOf, LABEL_ORIGIN } from "./runtime";
import { endSession } from "./sessions";

/** The simulated Entra ID tenant: sign-in pages, token endpoint, keys, and the managed identity endpoint of the host. */
export async function handleEntra(request: SimRequest, context: Context): Promise<SimResponse> {
  try {
    return withCors(context, request, await dispatch(request, context));
  } catch (error) {
    if (error instanceof EntraError) return withCors(context, request, error.toResponse(request, context.now()));
    throw error;
  }
}

async function dispatch(request: SimRequest, context: Context): Promise<SimResponse> {
  refuseRepeats(request.query);
  if (request.path === "/msi/token") return managedIdentityToken(context, request);
  const [, tenant = "", ...rest] = request.path.split("/");
  const path = rest.join("/").toLowerCase();
  if (path === "discovery/instance") return instanceDiscovery(context, request);
  if (tenant.toLowerCase() !== context.identity.tenantId) {
    throw new EntraError(
      "invalid_request",
      90002,
      `Tenant '${tenant.slice(0, 64)}' not found. Check to make sure you have the correct tenant ID.`,
    );
  }
  switch (`${request.method} ${path}`) {
    case "GET oauth2/v2.0/authorize":
    case "POST oauth2/v2.0/authorize":
      return authorize(context, request);
    case "POST account/choose":
      return chooseAccount(context, request);
    case "GET account/style.css":
      return stylesheet();
    case "POST oauth2/v2.0/token":
      return redeem(context, request);
    case "GET oauth2/v2.0/logout":
    case "POST oauth2/v2.0/logout":
      return logout(context, request);
    case "GET v2.0/.well-known/openid-configuration":
      return { status: 200, body: openIdConfiguration(context) };
    case "GET discovery/v2.0/keys": {
      const { jwk } = await entraOf(context);
      return { status: 200, body: { keys: [{ ...jwk, issuer: issuerOf(context) }] } };
    }
    default:
      if (request.method === "OPTIONS") return { status: 204 };
      throw new EntraError("invalid_request", 900023, "There is no such endpoint in the simulated sign-in.", {
        status: 404,
      });
  }
}

function logout(context: Context, request: SimRequest): SimResponse {
  const headers = { ...endSession(context, request), "cache-control": "no-store" };
  const parameters = new URLSearchParams([
    ...request.query,
    ...new URLSearchParams(request.method === "POST" ? request.text : ""),
  ]);
  const back = parameters.get("post_logout_redirect_uri") ?? "";
  if (registered(context, back)) {
    const target = new URL(back);
    const state = parameters.get("state");
    if (state !== null) target.searchParams.set("state", state);
    return { status: 303, headers: { ...headers, location: target.href } };
  }
  const page = messagePage({
    tenantId: context.identity.tenantId,
    appOrigin: context.settings.appOrigin,
    title: "You signed out",
    message: "You can close this window.",
    status: 200,
  });
  return { ...page, headers: { ...page.headers, ...headers } };
}

function registered(context: Context, uri: string): boolean {
  return findClient(context, context.identity.spaClientId)?.redirectUris.includes(uri) ?? false;
}

function openIdConfiguration(context: Context) {
  const base = `${LABEL_ORIGIN}/${context.identity.tenantId}`;
  return {
    token_endpoint: `${base}/oauth2/v2.0/token`,
    token_endpoint_auth_methods_supported: ["client_secret_post", "client_secret_basic"],
    jwks_uri: `${base}/discovery/v2.0/keys`,
    response_modes_supported: ["query", "fragment"],
    subject_types_supported: ["pairwise"],
    id_token_signing_alg_values_supported: ["RS256"],
    response_types_supported: ["code"],
    scopes_supported: ["openid", "profile", "email", "offline_access"],
    issuer: issuerOf(context),
    request_uri_parameter_supported: false,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    end_session_endpoint: `${base}/oauth2/v2.0/logout`,
    claims_supported: ["sub", "iss", "aud", "exp", "iat", "nonce", "preferred_username", "name", "tid", "oid", "ver"],
    code_challenge_methods_supported: ["S256"],
    tenant_region_scope: null,
    cloud_instance_name: new URL(LABEL_ORIGIN).host,
  };
}

/** What a client that was not told to trust this authority asks first. */
function instanceDiscovery(context: Context, request: SimRequest): SimResponse {
  const host = new URL(LABEL_ORIGIN).host;
  const wanted = request.query.get("authorization_endpoint") ?? "";
  if (!URL.canParse(wanted) || ![host, "login.microsoftonline.com"].includes(new URL(wanted).host)) {
    throw new EntraError("invalid_instance", 50049, "Unknown or invalid instance.");
  }
  return {
    status: 200,
    body: {
      tenant_discovery_endpoint: `${LABEL_ORIGIN}/${context.identity.tenantId}/v2.0/.well-known/openid-configuration`,
      "api-version": "1.1",
      metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
    },
  };
}

/** The browser application may call the token endpoint and the key set from its own origin, and nobody else may. */
function withCors(context: Context, request: SimRequest, response: SimResponse): SimResponse {
  const headers: Record<string, string> = { "cache-control": "no-store", ...response.headers };
  if (request.headers.origin === context.settings.appOrigin) {
    headers["access-control-allow-origin"] = context.settings.appOrigin;
    headers.vary = "Origin";
    if (request.method === "OPTIONS") {
      headers["access-control-allow-methods"] = "GET, POST";
      headers["access-control-allow-headers"] =
        "content-type, client-request-id, x-client-sku, x-client-ver, x-client-os, x-client-cpu, x-client-current-telemetry, x-client-last-telemetry, x-ms-lib-capability, x-anchormailbox";
      headers["access-control-max-age"] = "600";
    }
  }
  return { ...response, headers };
}

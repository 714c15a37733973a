import { createHash, timingSafeEqual } from "node:crypto";
import type { Context } from "../context";
import type { SimRequest } from "../http";
import type { Principal } from "../model";
import { EntraError, missing } from "./errors";
import { GRAPH_DIRECTORY, GRAPH_SECURITY } from "./graph-permissions";
import type { EntraRuntime } from "./runtime";

/** A registered application that asks for tokens. */
export interface Client {
  id: string;
  kind: "spa" | "confidential";
  redirectUris: string[];
  /** Resources whose delegated permissions an administrator has consented to, by name. */
  consented: ResourceName[];
  /** Of Microsoft Graph's delegated permissions, those consented to. */
  graphScopes: readonly string[];
}

export type ResourceName = "api" | "arm" | "vault" | "logs" | "graph";

/**
 * The two registrations. The browser may ask for the product's own API only: tokens for Azure exist on the server,
 * through on-behalf-of.
 */
export function findClient(context: Context, clientId: string): Client | undefined {
  const { spaClientId, apiClientId } = context.identity;
  if (clientId === spaClientId) {
    return {
      id: spaClientId,
      kind: "spa",
      redirectUris: [`${context.settings.appOrigin}/auth/redirect`],
      consented: ["api", "graph"],
      graphScopes: ["User.Read"],
    };
  }
  if (clientId === apiClientId) {
    const without = context.settings.withoutConsent;
    const resources = ["arm", "vault", "logs", "graph"] as const;
    return {
      id: apiClientId,
      kind: "confidential",
      redirectUris: [],
      consented: resources.filter((name) => name !== without),
      graphScopes: ["User.Read", ...GRAPH_SECURITY, ...GRAPH_DIRECTORY].filter((name) => name !== without),
    };
  }
  return undefined;
}

/** Who calls the token endpoint, proven by secret (confidential) or by the registered Origin (browser). */
export function authenticateClient(
  context: Context,
  runtime: EntraRuntime,
  request: SimRequest,
  form: URLSearchParams,
): Client {
  const basic = basicCredentials(request.headers.authorization ?? "");
  const id = form.get("client_id") ?? basic?.id;
  if (!id) throw missing("client_id");
  const client = findClient(context, id.toLowerCase());
  if (!client) {
    throw new EntraError(
      "unauthorized_client",
      700016,
      `Application with identifier '${id.slice(0, 64)}' was not found in the directory 'Simulated tenant'.`,
    );
  }
  const origin = request.headers.origin;
  if (client.kind === "spa") {
    if (origin !== context.settings.appOrigin) {
      throw new EntraError(
        "invalid_request",
        9002327,
        "Tokens issued for the 'Single-Page Application' client-type may only be redeemed via cross-origin requests.",
      );
    }
    return client;
  }
  if (origin !== undefined) {
    throw new EntraError(
      "invalid_request",
      9002326,
      "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type.",
    );
  }
  const secret = form.get("client_secret") ?? basic?.secret;
  if (!secret) {
    throw new EntraError(
      "invalid_client",
      7000218,
      "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
      { status: 401 },
    );
  }
  if (!sameText(secret, runtime.apiSecret)) {
    throw new EntraError(
      "invalid_client",
      7000215,
      "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value.",
      { status: 401 },
    );
  }
  if (context.settings.expiredSecret) {
    throw new EntraError(
      "invalid_client",
      7000222,
      `The provided client secret keys for app '${client.id}' are expired. Create new keys for your app, or use certificate credentials for added security.`,
      { status: 401 },
    );
  }
  return client;
}

/** The service principal of the product's API registration. */
export function principalOfClient(context: Context, client: Client): Principal | undefined {
  for (const principal of context.model.principals.values()) if (principal.appId === client.id) return principal;
  return undefined;
}

/** Compares two secrets in constant time, whatever their length. */
export function sameText(left: string, right: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}

function basicCredentials(header: string): { id: string; secret: string } | undefined {
  const encoded = /^Basic ([A-Za-z0-9+/=]{1,4096})$/i.exec(header)?.[1];
  if (!encoded) return undefined;
  const [id = "", secret = ""] = Buffer.from(encoded, "base64").toString("utf8").split(":");
  try {
    return { id: decodeURIComponent(id), secret: decodeURIComponent(secret) };
  } catch {
    return undefined;
  }
}

import type { Context } from "../context";
import type { Client, ResourceName } from "./clients";
import { EntraError } from "./errors";
import { GRAPH_DIRECTORY, GRAPH_SECURITY } from "./graph-permissions";

interface Resource {
  name: ResourceName;
  /** Identifiers that may stand before a scope, no trailing slash, lower case. */
  identifiers: string[];
  /** `aud` of its access tokens. */
  audience: string;
  scopes: string[];
}

/** What a `scope` parameter asks for. */
interface ScopeRequest {
  resource: Resource;
  /** Short names for the `scp` claim. */
  scopes: string[];
  isDefault: boolean;
  openId: boolean;
  offline: boolean;
  /** The `scope` member of the answer. */
  echo: string;
}

const OPEN_ID = new Set(["openid", "profile", "email", "offline_access"]);

/** The audiences of the Azure services that this tenant stands in for. */
export const AUDIENCES = {
  arm: "https://management.azure.com",
  vault: "https://vault.azure.net",
  logs: "https://api.loganalytics.io",
  graph: "https://graph.microsoft.com",
} as const;

function resources(context: Context): Resource[] {
  const api = context.identity.apiClientId;
  return [
    { name: "api", identifiers: [`api://${api}`, api], audience: api, scopes: ["access_as_user"] },
    {
      name: "arm",
      identifiers: [AUDIENCES.arm, "https://management.core.windows.net"],
      audience: AUDIENCES.arm,
      scopes: ["user_impersonation"],
    },
    { name: "vault", identifiers: [AUDIENCES.vault], audience: AUDIENCES.vault, scopes: ["user_impersonation"] },
    {
      name: "logs",
      identifiers: [AUDIENCES.logs, "https://api.loganalytics.azure.com"],
      audience: AUDIENCES.logs,
      scopes: ["Data.Read"],
    },
    {
      name: "graph",
      identifiers: [AUDIENCES.graph],
      audience: AUDIENCES.graph,
      scopes: ["User.Read", ...GRAPH_SECURITY, ...GRAPH_DIRECTORY],
    },
  ];
}

/** Resolves `openid api://{id}/access_as_user` and the like; exactly one resource per token, as in Entra. */
export function resolveScope(context: Context, scope: string): ScopeRequest {
  const words = scope.split(/\s+/).filter(Boolean);
  const asked: { resource: Resource; name: string }[] = [];
  for (const word of words) if (!OPEN_ID.has(word.toLowerCase())) asked.push(findScope(context, word));
  const first = asked[0] ?? findScope(context, "User.Read");
  if (asked.some((entry) => entry.resource.name !== first.resource.name)) {
    throw new EntraError(
      "invalid_request",
      28000,
      "Provided value for the input parameter scope is not valid because it contains more than one resource.",
    );
  }
  const isDefault = asked.some((entry) => entry.name === ".default");
  const names = isDefault ? first.resource.scopes : [...new Set(asked.map((entry) => entry.name))];
  const scopes = names.length > 0 ? names : [first.name];
  const prefix = first.resource.name === "api" ? `api://${first.resource.audience}` : first.resource.audience;
  return {
    resource: first.resource,
    scopes,
    isDefault,
    openId: words.includes("openid"),
    offline: words.includes("offline_access"),
    echo: [...new Set([...words, ...scopes.map((name) => `${prefix}/${name}`)])].join(" "),
  };
}

/**
 * The request with what the registration was consented to: delegated tokens exist only for that. `.default` gives all
 * of it; a scope of Microsoft Graph that is asked for by name must be part of it.
 */
export function requireConsent(client: Client, request: ScopeRequest): ScopeRequest {
  if (client.consented.includes(request.resource.name)) {
    if (request.resource.name !== "graph") return request;
    const scopes = request.scopes.filter((scope) => client.graphScopes.includes(scope));
    const asked = request.isDefault ? scopes : request.scopes;
    if (scopes.length === asked.length) return { ...request, scopes };
  }
  throw new EntraError(
    "invalid_grant",
    65001,
    `The user or administrator has not consented to use the application with ID '${client.id}'. Send an interactive authorization request for this user and resource.`,
    { suberror: "consent_required" },
  );
}

/** The resource that a managed identity or `.default` names; throws when nobody registered it. */
export function findResource(context: Context, identifier: string): Resource {
  const wanted = identifier.replace(/\/+$/, "").toLowerCase();
  const found = resources(context).find((resource) => resource.identifiers.includes(wanted));
  if (found) return found;
  throw new EntraError(
    "invalid_resource",
    500011,
    `The resource principal named ${identifier.slice(0, 200)} was not found in the tenant named Simulated tenant.`,
  );
}

function findScope(context: Context, word: string): { resource: Resource; name: string } {
  const cut = word.lastIndexOf("/");
  const resource = findResource(context, cut < 0 ? "https://graph.microsoft.com" : word.slice(0, cut));
  const name = word.slice(cut + 1);
  const known = name === ".default" ? name : resource.scopes.find((s) => s.toLowerCase() === name.toLowerCase());
  if (known !== undefined) return { resource, name: known };
  throw new EntraError(
    "invalid_scope",
    70011,
    `The provided value for the input parameter 'scope' is not valid. The scope ${word.slice(0, 200)} does not exist.`,
  );
}

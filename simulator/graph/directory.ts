import { iso } from "../arm/respond";
import type { Call } from "../context";
import type { Router, SimResponse } from "../http";
import type { Principal } from "../model";
import type { Fields } from "../odata/fields";
import { worldGuid } from "../world/ids";
import { notFound } from "./errors";
import { checkOptions, graphPage, readSelect } from "./lists";
import { APP_ROLE_READERS, requirePermission } from "./permissions";

/*
 * Applications of the directory: registrations, service principals, and who holds the app roles of one. Source of paths,
 * page sizes and permissions: Microsoft Learn, "List applications", "List servicePrincipals", "Get servicePrincipal",
 * "List appRoleAssignments granted for a service principal". Bodies hold the properties shown there that say something here.
 */

const METADATA = "https://graph.microsoft.com/v1.0/$metadata";
/** The directory's own links go on with a token, which no caller makes. */
const LIST = { size: 100, sizeMax: 999, cursor: "$skiptoken" } as const;
const OPTIONS = ["$filter", "$top", "$skiptoken", "$count", "$select"];

interface Registration {
  id: string;
  appId: string;
  displayName: string;
}

const REGISTRATION_FIELDS: Fields<Registration> = new Map([
  ["id", { type: "text", get: ({ id }) => id }],
  ["appId", { type: "text", get: ({ appId }) => appId }],
  ["displayName", { type: "text", get: ({ displayName }) => displayName }],
]);

const PRINCIPAL_FIELDS: Fields<Principal> = new Map([
  ["id", { type: "text", get: ({ oid }) => oid }],
  ["appId", { type: "text", get: ({ appId }) => appId }],
  ["displayName", { type: "text", get: ({ name }) => name }],
  ["servicePrincipalType", { type: "text", get: typeOf }],
]);

/** Routes of the directory. */
export function routeDirectory(router: Router<Call>): void {
  router.on("GET", "/v1.0/applications", (call) => {
    requirePermission(call, "Application.Read.All");
    checkOptions(call, OPTIONS);
    const select = readSelect(call);
    const page = graphPage(call, registrations(call), { ...LIST, fields: REGISTRATION_FIELDS, options: OPTIONS });
    return listed("applications", page, (one) => select(registrationBody(one)));
  });

  router.on("GET", "/v1.0/servicePrincipals", (call) => {
    requirePermission(call, "Application.Read.All");
    const select = readSelect(call);
    const page = graphPage(call, principals(call), { ...LIST, fields: PRINCIPAL_FIELDS, options: OPTIONS });
    return listed("servicePrincipals", page, (one) => select(principalBody(call, one)));
  });

  router.on("GET", "/v1.0/servicePrincipals/{id}", (call, { id = "" }) => {
    requirePermission(call, "Application.Read.All");
    checkOptions(call, ["$select"]);
    const found = readSelect(call)(principalBody(call, requirePrincipal(call, id)));
    return { status: 200, body: { "@odata.context": `${METADATA}#servicePrincipals/$entity`, ...found } };
  });

  router.on("GET", "/v1.0/servicePrincipals/{id}/appRoleAssignedTo", (call, { id = "" }) => {
    requirePermission(call, "Application.Read.All", APP_ROLE_READERS);
    const options = ["$top", "$skiptoken", "$count"];
    const resource = requirePrincipal(call, id);
    const page = graphPage(call, assignments(call, resource), { ...LIST, fields: new Map(), options });
    return listed(`servicePrincipals('${id}')/appRoleAssignedTo`, page, (one) => one);
  });
}

function listed<T>(
  what: string,
  page: ReturnType<typeof graphPage<T>>,
  body: (one: T) => Record<string, unknown>,
): SimResponse {
  return {
    status: 200,
    body: {
      "@odata.context": `${METADATA}#${what}`,
      ...(page.count !== undefined && { "@odata.count": page.count }),
      ...(page.nextLink !== undefined && { "@odata.nextLink": page.nextLink }),
      value: page.value.map(body),
    },
  };
}

/** Microsoft's own applications are registered elsewhere, and a managed identity has no registration. */
function registrations(call: Call): Registration[] {
  const { spaClientId, apiClientId } = call.identity;
  const named = new Map([
    [spaClientId, "Vault operations console (browser)"],
    [apiClientId, "Vault operations console"],
  ]);
  for (const principal of principals(call)) {
    const ownsIt = !principal.managedIdentityId && principal.name.startsWith("sp-");
    if (principal.appId !== undefined && ownsIt) named.set(principal.appId, principal.name);
  }
  return [...named].map(([appId, displayName]) => ({
    id: worldGuid(call, `application/${appId}/registration`),
    appId,
    displayName,
  }));
}

function registrationBody({ id, appId, displayName }: Registration): Record<string, unknown> {
  return { id, appId, displayName, description: null, notes: null, signInAudience: "AzureADMyOrg", tags: [] };
}

function principals(call: Call): Principal[] {
  return [...call.model.principals.values()].filter(({ kind }) => kind === "ServicePrincipal");
}

function requirePrincipal(call: Call, id: string): Principal {
  const found = call.model.principals.get(id);
  if (found?.kind === "ServicePrincipal") return found;
  throw notFound("Resource", id);
}

function typeOf({ managedIdentityId }: Principal): string {
  return managedIdentityId === undefined ? "Application" : "ManagedIdentity";
}

function principalBody(call: Call, principal: Principal): Record<string, unknown> {
  return {
    id: principal.oid,
    accountEnabled: true,
    appDisplayName: principal.name,
    appId: principal.appId ?? principal.oid,
    appRoleAssignmentRequired: false,
    appRoles: appRoles(call, principal),
    description: null,
    displayName: principal.name,
    notes: null,
    servicePrincipalType: typeOf(principal),
    tags: [],
  };
}

const APP_ROLES = ["KeyVault.Owner", "Soc.Analyst", "Platform.Admin"] as const;

function appRoles(call: Call, { appId }: Principal) {
  if (appId !== call.identity.apiClientId) return [];
  return APP_ROLES.map((value) => ({
    id: appRoleId(call, value),
    allowedMemberTypes: ["User"],
    description: value,
    displayName: value,
    isEnabled: true,
    origin: "Application",
    value,
  }));
}

function appRoleId(call: Call, value: string): string {
  return worldGuid(call, `application/api/role/${value}`);
}

function assignments(call: Call, resource: Principal): Record<string, unknown>[] {
  if (resource.appId !== call.identity.apiClientId) return [];
  return [...call.model.principals.values()].flatMap(({ oid, name, kind, appRoles: held }) =>
    held.map((value) => ({
      id: worldGuid(call, `application/api/assignment/${oid}/${value}`),
      appRoleId: appRoleId(call, value),
      createdDateTime: iso(call.identity.firstStart),
      principalDisplayName: name,
      principalId: oid,
      principalType: kind,
      resourceDisplayName: resource.name,
      resourceId: resource.oid,
    })),
  );
}

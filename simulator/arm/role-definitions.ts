import { hasAnyAccess, permissionsAt } from "../access";
import type { Call } from "../context";
import { AzureError, type Router } from "../http";
import type { RoleDefinition } from "../model";
import { authorizationFailed } from "./errors";
import { onlyFilters, readFilter } from "./filter";
import { ok, parameter } from "./respond";
import { roleDefinitionBody } from "./role-bodies";
import { authorize, requireScope } from "./scope";

const READ = "Microsoft.Authorization/roleDefinitions/read";
const TENANT = "/providers/Microsoft.Authorization/roleDefinitions";
const AT_SCOPE = `/{scope*}${TENANT}`;

/** Role definitions (list, get) and the list of what the caller may do at a scope. */
export function routeRoleDefinitions(router: Router<Call>): void {
  // At the tenant root only built-in roles exist, and they are no secret.
  router.on("GET", TENANT, (call) =>
    ok({ value: list(call, "").filter(({ properties }) => properties.type === "BuiltInRole") }),
  );

  router.on("GET", `${TENANT}/{n}`, (call, params) => {
    const role = requireRole(call, params.n ?? "");
    if (role.custom) throw authorizationFailed(call, READ, "/");
    return ok(body(call, "", role));
  });

  router.on("GET", AT_SCOPE, (call, params) => {
    authorize(call, READ, params.scope ?? "");
    requireScope(call, params.scope ?? "");
    return ok({ value: list(call, params.scope ?? "") });
  });

  router.on("GET", `${AT_SCOPE}/{n}`, (call, params) => {
    authorize(call, READ, params.scope ?? "");
    return ok(body(call, params.scope ?? "", requireRole(call, params.n ?? "")));
  });

  // Asks about oneself, so it needs no right of its own; who has nothing here gets an empty list.
  router.on("GET", "/{scope*}/providers/Microsoft.Authorization/permissions", (call, params) => {
    const scope = params.scope ?? "";
    if (hasAnyAccess(call, call.caller, scope)) requireScope(call, scope);
    return ok({ value: permissionsAt(call, call.caller, scope) });
  });
}

function requireRole(call: Call, name: string): RoleDefinition {
  const role = call.model.roleDefinitions.get(name);
  if (!role) {
    throw new AzureError(
      404,
      "RoleDefinitionDoesNotExist",
      `The specified role definition with ID '${name}' does not exist.`,
    );
  }
  return role;
}

function body(call: Call, scope: string, role: RoleDefinition) {
  return roleDefinitionBody(
    scope,
    role,
    [...call.model.subscriptions.values()].map(({ id }) => `/subscriptions/${id}`),
  );
}

function list(call: Call, scope: string) {
  const filter = readFilter(parameter(call, "$filter"));
  onlyFilters(filter, ["atscopeandbelow"], ["rolename", "type"]);
  const name = filter.equals.get("rolename")?.toLowerCase();
  const type = filter.equals.get("type")?.toLowerCase();
  return [...call.model.roleDefinitions.values()]
    .map((role) => body(call, scope, role))
    .filter(({ properties }) => name === undefined || properties.roleName.toLowerCase() === name)
    .filter(({ properties }) => type === undefined || properties.type.toLowerCase() === type);
}

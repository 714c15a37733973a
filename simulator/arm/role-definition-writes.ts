import { z } from "zod";
import { roleGuid } from "../access";
import type { Call } from "../context";
import { AzureError, type Router, type SimResponse } from "../http";
import type { RoleDefinition } from "../model";
import { recordActivity } from "./activity";
import { badRequest, conflict } from "./errors";
import { created, noContent, ok, readBody } from "./respond";
import { roleDefinitionBody } from "./role-bodies";
import { authorize, isGuid, requireScope } from "./scope";

const ONE = "/{scope*}/providers/Microsoft.Authorization/roleDefinitions/{n}";
const WRITE = "Microsoft.Authorization/roleDefinitions/write";
const DELETE = "Microsoft.Authorization/roleDefinitions/delete";

/** Custom roles of one tenant at most. Source: Azure RBAC limits. */
const ROLES_MAX = 5000;

const actions = z.array(z.string().min(1).max(500)).max(1000).nullish();
const Body = z.object({
  properties: z.object({
    roleName: z.string().min(1).max(512),
    description: z.string().max(2048).nullish(),
    type: z.string().max(128).nullish(),
    assignableScopes: z.array(z.string().min(1).max(500)).min(1).max(2000),
    permissions: z
      .array(z.object({ actions, notActions: actions, dataActions: actions, notDataActions: actions }))
      .length(1),
  }),
});

type Properties = z.infer<typeof Body>["properties"];

/** Custom roles: put and delete. Built-in roles are everybody's and stay as they are. */
export function routeRoleDefinitionWrites(router: Router<Call>): void {
  router.on("PUT", ONE, put);

  router.on("DELETE", ONE, (call, params) => {
    const scope = params.scope ?? "";
    authorize(call, DELETE, scope);
    const role = call.model.roleDefinitions.get(params.n ?? "");
    if (!role) return noContent();
    refuseBuiltIn(role);
    for (const held of scopesOf(call, role)) authorize(call, DELETE, held);
    for (const assignment of call.model.roleAssignments.values()) {
      if (roleGuid(assignment.roleDefinitionId) === role.id.toLowerCase()) {
        throw badRequest("There are existing role assignments referencing role.", "RoleDefinitionHasAssignments");
      }
    }
    call.model.roleDefinitions.delete(role.id);
    recordActivity(call, { action: DELETE, scope: idOf(scope, role.id), status: 200 });
    return ok(roleDefinitionBody(scope, role, scopesOf(call, role)));
  });
}

function put(call: Call, params: Record<string, string>): SimResponse {
  const scope = params.scope ?? "";
  const name = params.n ?? "";
  authorize(call, WRITE, scope);
  const { properties } = readBody(call, Body, "InvalidRequestContent");
  if (!isGuid(name)) throw badRequest(`The role definition ID '${name}' is not a GUID.`, "InvalidRoleDefinitionId");
  const present = call.model.roleDefinitions.get(name);
  if (present) refuseBuiltIn(present);
  checkScopes(call, properties.assignableScopes);
  checkNames(call, name, properties);
  const [permissions] = properties.permissions;
  const dataActions = permissions?.dataActions ?? [];
  if (dataActions.length > 0 && properties.assignableScopes.some((one) => /managementGroups\//i.test(one))) {
    throw badRequest(
      "A role with data actions cannot be assigned at a management group.",
      "InvalidAssignableScopeForDataActions",
    );
  }
  const role: RoleDefinition = {
    id: name.toLowerCase(),
    name: properties.roleName,
    custom: true,
    actions: permissions?.actions ?? [],
    notActions: permissions?.notActions ?? [],
    dataActions,
    notDataActions: permissions?.notDataActions ?? [],
    description: properties.description ?? "",
    assignableScopes: properties.assignableScopes,
    createdAt: present?.createdAt ?? call.now(),
    updatedAt: call.now(),
    createdBy: present?.createdBy ?? call.caller.oid,
  };
  call.model.roleDefinitions.put(role.id, role);
  recordActivity(call, { action: WRITE, scope: idOf(scope, role.id), status: 201 });
  return created(roleDefinitionBody(scope, role, properties.assignableScopes));
}

function idOf(scope: string, name: string): string {
  return `${scope}/providers/Microsoft.Authorization/roleDefinitions/${name}`;
}

function refuseBuiltIn(role: RoleDefinition): void {
  if (role.custom) return;
  throw new AzureError(403, "RoleDefinitionCannotBeUpdated", `The built-in role '${role.name}' cannot be changed.`);
}

/** A role without a list of its own can be assigned in every subscription. */
function scopesOf(call: Call, role: RoleDefinition): string[] {
  return role.assignableScopes ?? [...call.model.subscriptions.values()].map(({ id }) => `/subscriptions/${id}`);
}

/** Whoever makes a role assignable somewhere must be able to write roles there. */
function checkScopes(call: Call, scopes: readonly string[]): void {
  for (const scope of scopes) {
    if (scope === "/") {
      throw badRequest("A custom role cannot be assignable at the root scope.", "RoleDefinitionAssignableScopeInvalid");
    }
    authorize(call, WRITE, scope);
    if (/^\/subscriptions\//i.test(scope)) requireScope(call, scope);
  }
}

function checkNames(call: Call, id: string, { roleName }: Properties): void {
  let custom = 0;
  for (const other of call.model.roleDefinitions.values()) {
    if (other.id.toLowerCase() === id.toLowerCase()) continue;
    if (other.custom) custom++;
    if (other.name.toLowerCase() === roleName.toLowerCase()) {
      throw conflict(
        `Custom role with the name '${roleName}' already exists in this directory. Use a different name`,
        "RoleDefinitionWithSameNameExists",
      );
    }
  }
  if (custom >= ROLES_MAX) {
    throw badRequest(`The limit of ${ROLES_MAX} custom roles is reached.`, "RoleDefinitionLimitExceeded");
  }
}

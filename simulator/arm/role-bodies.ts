import { roleGuid } from "../access";
import type { RoleAssignment, RoleDefinition } from "../model";
import { iso } from "./respond";

const DEFINITIONS = "providers/Microsoft.Authorization/roleDefinitions";

/** The role's ARM id as seen from a scope: under its subscription, or the tenant's. */
export function roleDefinitionId(scope: string, id: string): string {
  const subscription = /^\/subscriptions\/[^/]+/i.exec(scope)?.[0] ?? "";
  return `${subscription}/${DEFINITIONS}/${roleGuid(id)}`;
}

/** A role assignment as ARM and Resource Graph show it. */
export function roleAssignmentBody(assignment: RoleAssignment) {
  return {
    id: assignment.id,
    name: assignment.name,
    type: "Microsoft.Authorization/roleAssignments",
    properties: {
      roleDefinitionId: roleDefinitionId(assignment.scope, assignment.roleDefinitionId),
      principalId: assignment.principalId,
      principalType: assignment.principalType,
      scope: assignment.scope,
      createdOn: iso(assignment.createdAt),
      updatedOn: iso(assignment.createdAt),
      createdBy: assignment.createdBy,
      updatedBy: assignment.createdBy,
    },
  };
}

/** A role definition as ARM shows it from a scope. */
export function roleDefinitionBody(scope: string, role: RoleDefinition, assignableScopes: readonly string[]) {
  const { actions, notActions, dataActions, notDataActions } = role;
  return {
    id: roleDefinitionId(scope, role.id),
    name: role.id,
    type: "Microsoft.Authorization/roleDefinitions",
    properties: {
      roleName: role.name,
      type: role.custom ? "CustomRole" : "BuiltInRole",
      description: role.description ?? "",
      assignableScopes: role.custom ? (role.assignableScopes ?? assignableScopes) : ["/"],
      permissions: [{ actions, notActions, dataActions, notDataActions }],
      ...(role.createdAt === undefined ? {} : { createdOn: iso(role.createdAt), createdBy: role.createdBy ?? "" }),
      ...(role.updatedAt === undefined ? {} : { updatedOn: iso(role.updatedAt), updatedBy: role.createdBy ?? "" }),
    },
  };
}

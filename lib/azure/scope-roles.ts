import "server-only";
import { randomUUID } from "node:crypto";
import { AuthorizationManagementClient } from "@azure/arm-authorization";
import type { AzureAccess } from "@/lib/context";
import { azureErrorOf } from "./azure-error";
import { armOptions, drain, keepPerAccess } from "./clients";
import { toAppError } from "./parse-error";
import { type PolicyScope, policyScopeId } from "./policy-scope.pure";
import { normaliseId } from "./resource-id.pure";

/*
 * Standing roles at a management group, a subscription or a resource in one. Roles for the time of a deployment:
 * role-assignments.ts.
 */

const NO_SUBSCRIPTION = "00000000-0000-0000-0000-000000000000";
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const clientOf = keepPerAccess(
  (azure, subscriptionId) => new AuthorizationManagementClient(azure.credential, subscriptionId, armOptions(azure)),
);

/** A resource by its ARM id, or a place that policies know. */
type RoleScope = PolicyScope | { resourceId: string };

const scopeId = (scope: RoleScope): string => ("resourceId" in scope ? scope.resourceId : policyScopeId(scope));

/** Of the subscription that the scope is or lies in. */
function subscriptionOf(scope: RoleScope): string | undefined {
  return /^\/subscriptions\/([^/]+)/i.exec(scopeId(scope))?.[1]?.toLowerCase();
}

function clientAt(azure: AzureAccess, scope: RoleScope): AuthorizationManagementClient {
  return clientOf(azure, subscriptionOf(scope) ?? NO_SUBSCRIPTION);
}

/** Whether the principal has the role at the scope or above it. */
export async function hasRoleAt(
  azure: AzureAccess,
  scope: RoleScope,
  { principalId, roleId }: { principalId: string; roleId: string },
): Promise<boolean> {
  if (!GUID.test(principalId)) throw new Error("A principal id is a GUID.");
  try {
    const filter = `atScope() and assignedTo('${principalId}')`;
    const found = await drain(clientAt(azure, scope).roleAssignments.listForScope(scopeId(scope), { filter }));
    return found.some(({ roleDefinitionId }) =>
      normaliseId(roleDefinitionId ?? "").endsWith(`/${roleId.toLowerCase()}`),
    );
  } catch (error) {
    throw toAppError(error, "read the role assignments");
  }
}

/** Gives a service principal a built-in role at the scope. That it has it already is no failure. */
export async function giveRoleAt(
  azure: AzureAccess,
  scope: RoleScope,
  { principalId, roleId }: { principalId: string; roleId: string },
): Promise<void> {
  const subscription = subscriptionOf(scope);
  const home = subscription === undefined ? "" : `/subscriptions/${subscription}`;
  try {
    await clientAt(azure, scope).roleAssignments.create(scopeId(scope), randomUUID(), {
      roleDefinitionId: `${home}/providers/Microsoft.Authorization/roleDefinitions/${roleId}`,
      principalId,
      // Said outright, so that Azure need not find a principal that was made a moment ago.
      principalType: "ServicePrincipal",
    });
  } catch (error) {
    if (azureErrorOf(error)?.codes.includes("RoleAssignmentExists")) return;
    throw toAppError(error, "give the role");
  }
}

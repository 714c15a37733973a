import "server-only";
import { AuthorizationManagementClient } from "@azure/arm-authorization";
import { z } from "zod";
import type { AzureAccess } from "@/lib/context";
import { azureErrorOf } from "./azure-error";
import { armOptions, keepPerAccess } from "./clients";
import { toAppError } from "./parse-error";
import { normaliseId } from "./resource-id.pure";

export interface RoleAssignment {
  /** GUID, lower case. */
  name: string;
  /** Normalised ARM id. */
  scope: string;
  /** GUID, lower case. */
  roleDefinitionId: string;
  principalId: string;
}

const Answer = z.object({
  name: z.string().toLowerCase(),
  scope: z.string(),
  roleDefinitionId: z.string(),
  principalId: z.string().toLowerCase(),
});

const clientOf = keepPerAccess(
  (azure, subscriptionId) => new AuthorizationManagementClient(azure.credential, subscriptionId, armOptions(azure)),
);

/** The client for the subscription that a scope lies in. */
export function authorizationClient(azure: AzureAccess, scope: string): AuthorizationManagementClient {
  return clientOf(azure, subscriptionOf(scope));
}

/** A role's ARM id as an assignment at the scope names it. */
export function roleDefinitionIn(scope: string, roleId: string): string {
  return `/subscriptions/${subscriptionOf(scope)}/providers/Microsoft.Authorization/roleDefinitions/${roleId}`;
}

/**
 * Gives a role to a service principal. `existed` = Azure answered 409 RoleAssignmentExists: the same principal already
 * has the same role at this scope, maybe under another name; ask getRoleAssignment with our own name to learn whether
 * it is ours.
 */
export async function createRoleAssignment(
  azure: AzureAccess,
  assignment: RoleAssignment,
): Promise<"created" | "existed"> {
  const { scope, name } = assignment;
  try {
    await authorizationClient(azure, scope).roleAssignments.create(scope, name, {
      roleDefinitionId: roleDefinitionIn(scope, assignment.roleDefinitionId),
      principalId: assignment.principalId,
      // Said outright, so that Azure need not find a principal that has not spread yet.
      principalType: "ServicePrincipal",
    });
    return "created";
  } catch (error) {
    const answer = azureErrorOf(error);
    if (answer?.status === 409 && answer.codes.includes("RoleAssignmentExists")) return "existed";
    throw toAppError(error, "give the role for the time of the work");
  }
}

/** Takes the assignment of that name back. `absent` = there was none. */
export async function deleteRoleAssignment(
  azure: AzureAccess,
  { scope, name }: Pick<RoleAssignment, "scope" | "name">,
): Promise<"deleted" | "absent"> {
  let status = 0;
  try {
    await authorizationClient(azure, scope).roleAssignments.delete(scope, name, {
      onResponse: (response) => {
        status = response.status;
      },
    });
    return status === 200 ? "deleted" : "absent";
  } catch (error) {
    if (azureErrorOf(error)?.status === 404) return "absent";
    throw toAppError(error, "take the role back");
  }
}

/** The assignment of that name, or undefined. */
export async function getRoleAssignment(
  azure: AzureAccess,
  { scope, name }: Pick<RoleAssignment, "scope" | "name">,
): Promise<RoleAssignment | undefined> {
  try {
    const found = Answer.parse(await authorizationClient(azure, scope).roleAssignments.get(scope, name));
    const roleDefinitionId = normaliseId(found.roleDefinitionId).split("/").at(-1) ?? "";
    return { ...found, scope: normaliseId(found.scope), roleDefinitionId };
  } catch (error) {
    if (azureErrorOf(error)?.status === 404) return undefined;
    throw toAppError(error, "read the role assignment");
  }
}

function subscriptionOf(scope: string): string {
  const subscriptionId = /^\/subscriptions\/([0-9a-f-]{36})(\/|$)/.exec(normaliseId(scope))?.[1];
  if (!subscriptionId) throw new Error("A role is given inside a subscription.");
  return subscriptionId;
}

import "server-only";
import type { AzureAccess } from "@/lib/context";

export interface RoleAssignment {
  /** GUID, lower case. */
  name: string;
  /** Normalised ARM id. */
  scope: string;
  /** GUID, lower case. */
  roleDefinitionId: string;
  principalId: string;
}

/**
 * Gives a role. `existed` = Azure answered 409 RoleAssignmentExists: the same principal already has the same role at
 * this scope, maybe under another name; ask getRoleAssignment with our own name to learn whether it is ours.
 */
export async function createRoleAssignment(
  _azure: AzureAccess,
  _assignment: RoleAssignment,
): Promise<"created" | "existed"> {
  throw new Error("being written");
}

/** Takes the assignment of that name back. `absent` = there was none. */
export async function deleteRoleAssignment(
  _azure: AzureAccess,
  _assignment: Pick<RoleAssignment, "scope" | "name">,
): Promise<"deleted" | "absent"> {
  throw new Error("being written");
}

/** The assignment of that name, or undefined. */
export async function getRoleAssignment(
  _azure: AzureAccess,
  _assignment: Pick<RoleAssignment, "scope" | "name">,
): Promise<RoleAssignment | undefined> {
  throw new Error("being written");
}
